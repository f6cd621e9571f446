package engine

import (
	"fmt"
	"strings"
)

// install makes the table in SQLite and known in its namespace.
func (s *Session) install(t *table) error {
	cols := []string{"rid INTEGER PRIMARY KEY"}
	for _, c := range t.columns {
		if !c.identity {
			cols = append(cols, c.declared())
		}
	}
	if err := s.sys.exec(fmt.Sprintf("CREATE TABLE %s (%s)", t.sqlite(), strings.Join(cols, ", "))); err != nil {
		return err
	}
	t.ns.tables[objectKey(t.schema, t.name)] = t
	for _, k := range t.keys {
		if err := s.sys.index(t, k.columns); err != nil {
			return err
		}
	}
	for _, f := range t.foreign {
		if err := s.sys.index(t, f.columns); err != nil {
			return err
		}
	}
	return nil
}

// declared is a column in SQLite: without a type, so that values stay as they are, and with its collation.
func (c *column) declared() string {
	return c.sqlite() + collate(typ{kind: c.kind, collation: c.collated()})
}

// index helps SQLite to find values; uniqueness is checked by us.
func (s *System) index(t *table, columns []*column) error {
	name := t.sqlite() + "x"
	var cols []string
	for _, c := range columns {
		if c.identity {
			return nil
		}
		name += "_" + c.sqlite()
		cols = append(cols, c.sqlite())
	}
	return s.exec(fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s)", name, t.sqlite(), strings.Join(cols, ", ")))
}

// createTableAs is CREATE TABLE … AS SELECT.
func (s *Session) createTableAs(t *table, query *selectStmt) error {
	c := &compiler{session: s, ns: s.ns}
	q := c.query(nil, query)
	for i, o := range q.out {
		t.lastColumn++
		col := &column{dataType: stringOf(4096), id: t.lastColumn, name: o.name, property: t.propertyName(o.name)}
		switch {
		case o.typ.column != nil:
			col.dataType = o.typ.column.dataType
		case o.typ.kind == kInt:
			col.dataType = bigint("%Library.BigInt")
		case o.typ.kind == kDouble:
			col.dataType = mustType("DOUBLE")
		case o.typ.kind == kDecimal:
			col.dataType = dataType{kind: kDecimal, class: "%Library.Numeric", odbc: TypeNumeric, precision: min(o.typ.precision, 19), scale: min(o.typ.scale, 18)}
		case o.typ.kind == kDate:
			col.dataType = dateType(0)
		case o.typ.kind == kTime:
			col.dataType = mustType("TIME")
		case o.typ.kind == kPosix || o.typ.kind == kStamp:
			col.dataType = mustType("POSIXTIME")
		}
		if t.find(col.name) != nil {
			col.name = fmt.Sprintf("%s_%d", col.name, i+1)
		}
		t.columns = append(t.columns, col)
	}
	t.rowIDName = t.freeRowIDName()
	if err := s.install(t); err != nil {
		return err
	}
	p := &insertPlan{table: t, query: q, reads: c.reads}
	for i, o := range q.out {
		p.targets = append(p.targets, i)
		p.kinds = append(p.kinds, o.typ.kind)
	}
	_, err := p.run(s, nil)
	return err
}
