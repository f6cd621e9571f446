package engine

import (
	"context"
	"time"
)

// plan binds a statement that is not a query to the definitions; nil if it is bound only when it runs.
func (c *compiler) plan(parsed any) any {
	switch p := parsed.(type) {
	case *insertStmt:
		return c.planInsert(p)
	case *updateStmt:
		return c.planUpdate(p)
	case *deleteStmt:
		return c.planDelete(p)
	}
	return nil
}

// execute runs a statement that is not a query.
func (st *Statement) execute(args []any) (int64, error) {
	s := st.session
	s.status = 0
	switch st.parsed.(type) {
	case *insertStmt, *updateStmt, *deleteStmt:
	default:
		s.sys.conn.SetInterrupt(context.Background()) // none of these may stop half-way
	}
	switch p := st.parsed.(type) {
	case *insertStmt:
		n, err := st.plan.(*insertPlan).run(s, args)
		if err == nil && n == 0 {
			s.status = 100
		}
		return n, err
	case *updateStmt, *deleteStmt:
		return st.plan.(*changePlan).run(s, args)
	case *truncateStmt:
		return -1, s.truncate(p)
	case *setTx:
		return 0, s.setTransaction(p)
	case *commitStmt:
		s.commit()
		return 0, nil
	case *rollbackStmt:
		if p.savepoint != "" {
			return 0, s.rollbackTo(p.savepoint)
		}
		return 0, s.rollback()
	case *savepointStmt:
		return 0, s.savepoint(p.name)
	case *inTransaction:
		if s.tx == nil {
			s.status = 100
		}
		return 0, nil
	case *lockTable:
		t, err := s.lockable(p.table)
		if err != nil {
			return 0, err
		}
		s.needLock(t, p.exclusive)
		return 0, s.lockTable(t, p.exclusive, p.wait)
	case *unlockTable:
		t, err := s.lockable(p.table)
		if err != nil {
			return 0, err
		}
		s.needLock(t, p.exclusive)
		s.unlockTable(t, p.exclusive, p.immediate)
		return 0, nil
	}
	return st.administer()
}

// administer runs DDL and what manages the instance. Definitions change at once for everybody.
func (st *Statement) administer() (int64, error) {
	s := st.session
	switch p := st.parsed.(type) {
	case *setOption:
		return 0, s.setProcessOption(p)
	case *useDatabase:
		return 0, s.use(p)
	case *checkPriv:
		return 0, s.checkPrivilege(p)
	case *purgeQueries:
		return 0, nil
	case *tuneTable:
		_, err := s.base(p.table)
		return 0, err
	case *buildIndex:
		return 0, s.buildIndex(p)
	}
	s.sys.version++
	switch p := st.parsed.(type) {
	case *createTable:
		return 0, s.createTable(p)
	case *dropTable:
		return 0, s.dropTable(p)
	case *alterTable:
		return 0, s.alterTable(p)
	case *createIndex:
		return 0, s.createIndex(p)
	case *dropIndex:
		return 0, s.dropIndex(p)
	case *createView:
		return 0, s.createView(p)
	case *dropView:
		return 0, s.dropView(p)
	case *createDatabase:
		return 0, s.createDatabase(p)
	case *dropDatabase:
		return 0, s.dropDatabase(p)
	case *grantStmt:
		return 0, s.grant(p)
	case *createSchema, *dropSchema, *createUser, *dropUser:
		return 0, s.schemaOrUser(p)
	}
	return 0, refuse(-1, " statement not supported")
}

func (s *Session) setTransaction(p *setTx) error {
	if p.commitMode >= 0 {
		s.mode = p.commitMode
	}
	switch p.isolation {
	case "READ UNCOMMITTED":
		s.isolation = 0
	case "READ COMMITTED":
		s.isolation = 1
	case "READ VERIFIED":
		s.isolation = 3
	}
	if p.start {
		s.begin(true)
	}
	return nil
}

// setProcessOption is SET OPTION (InterSystems SQL Reference, SET OPTION).
func (s *Session) setProcessOption(p *setOption) error {
	truth := func() (string, error) {
		switch fold(p.value) {
		case "TRUE", "1", "ON", "YES":
			return "1", nil
		case "FALSE", "0", "OFF", "NO":
			return "0", nil
		}
		return "", fail(-400, "Invalid value '%s' of option '%s'", clean(p.value), clean(p.name))
	}
	switch p.name {
	case "LOCK_TIMEOUT":
		d, err := parseDecimal(p.value)
		n, ok := d.integer()
		if err != nil || !ok || n < 0 || n > 32767 {
			return fail(-400, "Invalid value '%s' of option '%s'", clean(p.value), p.name)
		}
		s.lockTimeout = time.Duration(n) * time.Second
	case "COMPILEMODE":
		switch fold(p.value) {
		case "DEFERRED", "IMMEDIATE", "INSTALL", "NOCHECK":
			s.ns.options["COMPILEMODE"] = fold(p.value)
		default:
			return fail(-400, "Invalid value '%s' of option '%s'", clean(p.value), p.name)
		}
	case "DEFAULT_SCHEMA":
		s.schema = p.value
	case "PKEY_IS_IDKEY":
		on, err := truth()
		if err != nil {
			return err
		}
		s.options["PKEY_IS_IDKEY"] = on
	case "SUPPORT_DELIMITED_IDENTIFIERS":
		if on, err := truth(); err != nil || on != "1" {
			return fail(-400, "delimited identifiers cannot be switched off")
		}
	case "AUTO_PARALLEL_THRESHOLD", "EXACT_DISTINCT", "LOCK_ESCALATION_THRESHOLD", "DATE_FORMAT", "TIME_FORMAT", "TIME_PRECISION", "YEAR_OPTION", "AM", "PM", "DECIMAL_SEPARATOR", "MINUS_SIGN", "PLUS_SIGN", "NUMERIC_GROUP_SEPARATOR", "NUMERIC_GROUP_SIZE", "MIDNIGHT", "NOON", "DATE_MINIMUM", "DATE_MAXIMUM", "MONTH_NAME", "MONTH_ABBR", "WEEKDAY_NAME", "WEEKDAY_ABBR", "LOCALE_LANGUAGE":
		return fail(-400, "option '%s' is not supported", p.name)
	default:
		return refuse(-1, " Unknown option '%s'", clean(p.name))
	}
	return nil
}
