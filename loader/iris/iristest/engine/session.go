package engine

import (
	"context"
	"time"
)

// Session is the server's side of a connection. It is not safe for concurrent use; different sessions are.
type Session struct {
	sys  *System
	ns   *namespace
	user string
	job  int64

	mode           int // of committing
	tx             *transaction
	lastIdentity   any
	generated      *generated
	status         int
	isolation      int
	lockTimeout    time.Duration
	identityInsert bool
	options        map[string]string // of the process
	schema         string            // SET OPTION DEFAULT_SCHEMA
	closed         bool
}

// generated is what the last INSERT made.
type generated struct {
	table *table
	id    any
}

// The commit modes (InterSystems SQL Reference, SET TRANSACTION).
const (
	modeNone     = 0 // no transactions
	modeImplicit = 1 // each statement is one
	modeExplicit = 2 // a statement begins one, which COMMIT ends
)

const defaultLockTimeout = 10 * time.Second

// Close rolls back what is under way and releases all locks. It may be called again.
func (s *Session) Close() error {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.rollback()
	s.sys.releaseSession(s)
	delete(s.sys.sessions, s)
	return err
}

// Autocommit sets the commit mode: IMPLICIT, or EXPLICIT if off.
func (s *Session) Autocommit(on bool) {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	if s.mode = modeExplicit; on {
		s.mode = modeImplicit
	}
}

// Isolation sets the isolation level: 0 or 1 reads what is not committed, 2 waits for it, as RU and RC do.
func (s *Session) Isolation(committed bool) {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	s.isolation = 0
	if committed {
		s.isolation = 1
	}
}

// SetLockTimeout sets how long locks of others are waited for (SET OPTION LOCK_TIMEOUT).
func (s *Session) SetLockTimeout(d time.Duration) {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	s.lockTimeout = d
}

// Commit ends the transaction, if there is one, and keeps what it did.
func (s *Session) Commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	s.commit()
	return nil
}

// Rollback ends the transaction, if there is one, and undoes what it did.
func (s *Session) Rollback(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	return s.rollback()
}

// InTransaction says whether a transaction is open.
func (s *Session) InTransaction() bool {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	return s.tx != nil
}

// LastIdentity is the row id that the session inserted last, nil if none.
func (s *Session) LastIdentity() any { return s.lastIdentity }

// GeneratedKeys are the keys that the last INSERT generated, and their description. Both are empty before the first.
func (s *Session) GeneratedKeys() ([]Column, []any) {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	if s.generated == nil {
		return nil, nil
	}
	t := s.generated.table
	col := t.rowID()
	return []Column{column0(outColumn{name: col.name, typ: columnTyp(t, col), field: true})}, []any{s.generated.id}
}

// Status is the SQLCODE of the last statement that did not fail: 0, or 100 if it found no row.
func (s *Session) Status() int { return s.status }

// Namespace is the name of the namespace that the session is in.
func (s *Session) Namespace() string {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	return s.ns.name
}

// Directory is that of the namespace's database.
func (s *Session) Directory() string {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	return s.ns.dir
}

// User is whom the session belongs to.
func (s *Session) User() string { return s.user }

// Job is the number of the server process.
func (s *Session) Job() int64 { return s.job }

func (s *Session) defaultSchema() string {
	if s.schema != "" {
		return s.schema
	}
	return "SQLUser"
}

// level is $TLEVEL: one for the transaction and one for each savepoint.
func (s *Session) level() int {
	if s.tx == nil {
		return 0
	}
	return 1 + len(s.tx.savepoints)
}

// qualify adds the default schema.
func (s *Session) qualify(n name) name {
	if n.schema == "" {
		n.schema = s.defaultSchema()
	}
	return n
}

// lookup finds a table or a view.
func (s *Session) lookup(n name) (*table, *view) {
	n = s.qualify(n)
	if t := s.sys.catalog[objectKey(n.schema, n.object)]; t != nil {
		return t, nil
	}
	return s.ns.object(n.schema, n.object)
}

func (s *Session) noTable(n name) *Error {
	n = s.qualify(n)
	return refuse(-30, " Table '%s.%s' not found", clean(fold(n.schema)), clean(fold(n.object)))
}

// base finds a table that DDL or DML may change.
func (s *Session) base(n name) (*table, error) {
	t, v := s.lookup(n)
	switch {
	case v != nil:
		return nil, refuse(-35, " '%s.%s' is a view that cannot be changed", clean(v.schema), clean(v.name))
	case t == nil:
		return nil, s.noTable(n)
	case t.system:
		return nil, refuse(-115, " Table '%s' is read-only", t.shown())
	}
	return t, nil
}
