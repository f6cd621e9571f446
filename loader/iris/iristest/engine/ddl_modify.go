package engine

import (
	"fmt"
	"slices"
)

func (s *Session) modifyColumn(t *table, m *modifyColumn) error {
	c, err := s.column(t, m.name)
	if err != nil {
		return err
	}
	if m.newName != "" {
		if other := t.find(m.newName); other != nil && other != c {
			return fail(-306, "Column '%s' already exists in table '%s'", clean(m.newName), t.shown())
		}
		c.name = m.newName
		return nil
	}
	if m.spec != nil {
		if err := s.changeType(t, c, m.spec); err != nil {
			return err
		}
	}
	if m.collate != "" {
		c.collation, c.collateGiven = m.collate, true
		if err := s.rebuild(t, c, nil); err != nil {
			return err
		}
	}
	if m.notNull {
		if found, err := s.hasRows(t, c.sqlite()+" IS NULL"); err != nil {
			return err
		} else if found {
			return fail(-305, "Column '%s' of table '%s' has rows without a value", clean(c.name), t.shown())
		}
		c.notNull = true
	}
	if m.null {
		c.notNull = false
	}
	if m.hasDef {
		c.def, c.defText, c.hasDefault = m.def, m.defText, true
	}
	if m.dropDef {
		c.def, c.defText, c.hasDefault = nil, "", false
	}
	if m.setDesc {
		c.description = m.description
	}
	return nil
}

// changeType converts what a column holds to another type.
func (s *Session) changeType(t *table, c *column, spec *columnSpec) error {
	dt, err := s.resolveType(spec.typ)
	if err != nil {
		return err
	}
	filled, err := s.hasRows(t, "1")
	if err != nil {
		return err
	}
	stream := func(k kind) bool { return k == kCharStream || k == kBinStream }
	if filled && stream(dt.kind) != stream(c.kind) {
		return fail(-374, "Column '%s' of table '%s'", clean(c.name), t.shown())
	}
	if c.identity || dt.version || dt.serial {
		return fail(-400, "the type of column '%s' cannot be changed so", clean(c.name))
	}
	if c.collateGiven {
		dt.collation = c.collation
	}
	changed := *c
	changed.dataType = dt
	x := &change{session: s}
	old := c.kind
	err = s.rebuild(t, c, func(v any) (any, error) { return x.hold(t, &changed, external(old, v), kUnknown, -104) }, &changed)
	return err
}

// rebuild gives a column a new place in SQLite, with the values converted.
func (s *Session) rebuild(t *table, c *column, convert func(any) (any, error), as ...*column) error {
	if c.identity {
		return nil
	}
	rows, err := s.sys.rows(fmt.Sprintf("SELECT rid, %s FROM %s", c.sqlite(), t.sqlite()))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if convert != nil {
			if row[1], err = convert(row[1]); err != nil {
				return err
			}
		}
	}
	if err := s.dropSQLiteColumn(t, c); err != nil {
		return err
	}
	if len(as) > 0 {
		*c = *as[0]
	}
	t.lastColumn++
	c.id = t.lastColumn
	if err := s.sys.exec(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.sqlite(), c.declared())); err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.sys.exec(fmt.Sprintf("UPDATE %s SET %s = ? WHERE rid = ?", t.sqlite(), c.sqlite()), row[1], row[0]); err != nil {
			return err
		}
	}
	for _, k := range t.keys {
		if slices.Contains(k.columns, c) {
			if err := s.sys.index(t, k.columns); err != nil {
				return err
			}
		}
	}
	return nil
}
