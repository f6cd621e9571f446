package engine

import (
	"fmt"
	"strings"
)

// changePlan is an UPDATE or a DELETE bound to its table: a query for the row ids and the new values.
type changePlan struct {
	table    *table
	keywords keywords
	sql      string
	columns  []*column // of UPDATE
	kinds    []kind
	defaults map[*column]bool
	reads    []*table
}

func (c *compiler) planUpdate(st *updateStmt) *changePlan {
	t, err := c.session.base(st.table)
	if err != nil {
		panic(err)
	}
	c.session.need("UPDATE", t.schema, t.name, t.owner)
	p := &changePlan{table: t, keywords: st.keywords, defaults: map[*column]bool{}}
	sc, from := c.changed(t, st.alias, st.from)
	cols := []string{"a0.rid"}
	for _, a := range st.set {
		col := t.find(a.column)
		if col == nil && (strings.EqualFold(a.column, "%ID") || strings.EqualFold(a.column, t.rowIDName)) {
			col = t.rowID()
			if t.identity() == nil {
				panic(refuse(-107, " Cannot UPDATE RowID or RowID based on field '%s.%s'", t.shown(), clean(col.name)))
			}
		}
		if col == nil {
			panic(refuse(-29, " Field '%s' not found in the applicable tables^UPDATE %s", clean(fold(a.column)), t.shown()))
		}
		p.columns = append(p.columns, col)
		if call, ok := a.x.(*call); ok && call.name == "DEFAULT" {
			p.defaults[col] = true
			p.kinds = append(p.kinds, kUnknown)
			cols = append(cols, "NULL")
			continue
		}
		v := c.expr(sc, a.x)
		c.used(v.typ.param, columnTyp(t, col))
		p.kinds = append(p.kinds, v.typ.kind)
		cols = append(cols, v.sql)
	}
	p.sql = "SELECT " + strings.Join(cols, ", ") + from + c.condition(sc, st.where)
	p.reads = c.reads
	return p
}

func (c *compiler) planDelete(st *deleteStmt) *changePlan {
	t, err := c.session.base(st.table)
	if err != nil {
		panic(err)
	}
	c.session.need("DELETE", t.schema, t.name, t.owner)
	p := &changePlan{table: t, keywords: st.keywords}
	sc, from := c.changed(t, st.alias, st.from)
	p.sql = "SELECT a0.rid" + from + c.condition(sc, st.where)
	p.reads = c.reads
	return p
}

// changed is the scope of UPDATE and DELETE: the table, and what FROM adds.
func (c *compiler) changed(t *table, alias string, from *fromItem) (*scope, string) {
	src := &source{alias: alias, named: alias != "", schema: t.schema, object: t.name, table: t}
	c.tableFields(src, t, "a0")
	sc := &scope{sources: []*source{src}}
	sql := fmt.Sprintf(" FROM %s AS a0", t.sqlite())
	if from != nil {
		if from.join == "" && from.query == nil && from.alias == "" && strings.EqualFold(from.table.object, t.name) {
			return sc, sql
		}
		sql += " JOIN " + c.from(sc, from)
	}
	return sc, sql
}

func (c *compiler) condition(sc *scope, x expr) string {
	if x == nil {
		return ""
	}
	c.noAggregate(x)
	return " WHERE " + c.truth(sc, x)
}

func (p *changePlan) run(s *Session, args []any) (n int64, err error) {
	err = s.changing(p.keywords, func(x *change) error {
		if err := s.sys.fill(s.ns, p.reads); err != nil {
			return err
		}
		rows, err := s.sys.rowsWith(p.sql, args)
		if err != nil {
			return err
		}
		done := map[int64]bool{}
		for _, row := range rows {
			rid := row[0].(int64)
			if done[rid] {
				continue
			}
			done[rid] = true
			if p.columns == nil {
				err = x.deleteRow(p.table, rid)
			} else {
				err = x.updateRow(p.table, rid, p.set(s, row[1:]))
			}
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if s.status = 0; n == 0 && err == nil {
		s.status = 100
	}
	return n, err
}

func (p *changePlan) set(s *Session, values []any) map[*column]given {
	set := map[*column]given{}
	for i, c := range p.columns {
		g := given{value: values[i], kind: p.kinds[i], isSet: true}
		if p.defaults[c] {
			g.value, g.kind, _ = s.constantOf(c)
		}
		set[c] = g
	}
	return set
}

// truncate is TRUNCATE TABLE: it resets the counters, never begins a transaction by itself, and can be rolled back
// only inside of one that START TRANSACTION began (InterSystems SQL Reference, TRUNCATE TABLE).
func (s *Session) truncate(st *truncateStmt) error {
	t, v := s.lookup(st.table)
	if v != nil || t == nil {
		return s.noTable(st.table)
	}
	if t.system {
		return fail(-115, "Table '%s' is read-only", t.shown())
	}
	s.need("DELETE", t.schema, t.name, t.owner)
	s.needAdmin("%NOTRIGGER")
	if err := s.lockForDDL(t); err != nil {
		return err
	}
	x := &change{session: s, keywords: st.keywords}
	if !x.has("%NOCHECK") {
		for _, r := range t.ns.referring(t) {
			if r.child == t {
				continue
			}
			found, err := s.sys.rows(fmt.Sprintf("SELECT 1 FROM %s WHERE (%s) LIMIT 1", r.child.sqlite(), notNull(r.key.columns)))
			if err != nil {
				return err
			}
			if found != nil {
				return fail(-124, "At least 1 Row exists in table '%s' which references table '%s' - Foreign Key Constraint '%s'", r.child.shown(), t.shown(), clean(r.key.name))
			}
		}
	}
	if s.tx != nil && s.tx.explicit && !x.has("%NOJOURN") {
		if err := x.recordAll(t); err != nil {
			return err
		}
	}
	t.nextRow = 0
	for _, c := range t.columns {
		if !c.version {
			c.counter = 0
		}
	}
	return s.sys.exec("DELETE FROM " + t.sqlite())
}

func notNull(columns []*column) string {
	var parts []string
	for _, c := range columns {
		parts = append(parts, c.sqlite()+" IS NOT NULL")
	}
	return strings.Join(parts, " AND ")
}

// recordAll notes all rows of a table as deleted.
func (x *change) recordAll(t *table) error {
	names := []string{"rid"}
	for _, c := range t.columns {
		names = append(names, c.sqlite())
	}
	rows, err := x.session.sys.rows(fmt.Sprintf("SELECT %s FROM %s", strings.Join(names, ", "), t.sqlite()))
	if err != nil {
		return err
	}
	for _, row := range rows {
		x.record(undo{table: t, rid: row[0].(int64), columns: append([]*column{}, t.columns...), values: row[1:]})
	}
	return nil
}
