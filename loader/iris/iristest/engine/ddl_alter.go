package engine

import (
	"fmt"
	"slices"
	"strings"
)

// alterTable is ALTER TABLE (InterSystems SQL Reference, ALTER TABLE).
func (s *Session) alterTable(p *alterTable) error {
	t, err := s.base(p.table)
	if err != nil {
		return err
	}
	s.needAdmin("%ALTER_TABLE")
	if err := s.lockForDDL(t); err != nil {
		return err
	}
	t.insert = ""
	s.sys.forgetStatements()
	switch a := p.action.(type) {
	case addColumns:
		for i := range a {
			if err := s.alterAddColumn(t, &a[i]); err != nil {
				return err
			}
		}
		return nil
	case dropColumns:
		for _, d := range a {
			if err := s.dropColumn(t, d); err != nil {
				return err
			}
		}
		return nil
	case modifyColumn:
		return s.modifyColumn(t, &a)
	case keySpec:
		return s.alterAddKey(t, a)
	case foreignSpec:
		return s.alterAddForeign(t, &a)
	case dropConstraint:
		return s.dropConstraint(t, a)
	}
	return refuse(-1, " ALTER TABLE action not supported")
}

func (s *Session) hasRows(t *table, condition string) (bool, error) {
	rows, err := s.sys.rows(fmt.Sprintf("SELECT 1 FROM %s WHERE %s LIMIT 1", t.sqlite(), condition))
	return rows != nil, err
}

func (s *Session) alterAddColumn(t *table, spec *columnSpec) error {
	filled, err := s.hasRows(t, "1")
	if err != nil {
		return err
	}
	if filled && spec.notNull && !spec.hasDefault && !spec.identity {
		return fail(-304, "Attempt to add NOT NULL column '%s' without a default value to table '%s', which contains data", clean(spec.name), t.shown())
	}
	if err := s.addColumn(t, spec); err != nil {
		return err
	}
	c := t.columns[len(t.columns)-1]
	if !c.identity {
		if err := s.sys.exec(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.sqlite(), c.declared())); err != nil {
			return err
		}
	}
	if filled {
		if err := s.fillColumn(t, c); err != nil {
			return err
		}
	}
	if t.rowIDName == "" || t.find(t.rowIDName) != nil {
		t.rowIDName = t.freeRowIDName()
	}
	undo := func(err error) error {
		t.columns = t.columns[:len(t.columns)-1]
		return err
	}
	if spec.primary {
		if err := s.alterAddKey(t, keySpec{name: spec.primaryName, primary: true, columns: []string{c.name}}); err != nil {
			return undo(err)
		}
	}
	if spec.isUnique {
		if err := s.alterAddKey(t, keySpec{name: spec.unique, columns: []string{c.name}}); err != nil {
			return undo(err)
		}
	}
	if spec.references != nil {
		if err := s.alterAddForeign(t, spec.references); err != nil {
			return undo(err)
		}
	}
	return nil
}

// fillColumn gives the rows that are there the default of a new column, or numbers if it counts.
func (s *Session) fillColumn(t *table, c *column) error {
	rows, err := s.sys.rows("SELECT rid FROM " + t.sqlite() + " ORDER BY rid")
	if err != nil || c.identity {
		return err
	}
	x := &change{session: s}
	for _, row := range rows {
		v, err := x.newValue(t, &column{dataType: c.dataType, name: c.name, def: c.def, hasDefault: c.hasDefault, autoInc: false}, given{}, row[0].(int64))
		if c.serial || c.autoInc {
			c.counter++
			v, err = c.counter, nil
		}
		if err != nil {
			return err
		}
		if err := s.sys.exec(fmt.Sprintf("UPDATE %s SET %s = ? WHERE rid = ?", t.sqlite(), c.sqlite()), v, row[0]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) column(t *table, name string) (*column, error) {
	if c := t.find(name); c != nil {
		return c, nil
	}
	return nil, fail(-29, "Column '%s' not found in table '%s'", clean(name), t.shown())
}

// dropColumn drops a column (InterSystems SQL Reference, ALTER TABLE, Drop Column Restrictions).
func (s *Session) dropColumn(t *table, d columnDrop) error {
	c, err := s.column(t, d.name)
	if err != nil {
		return err
	}
	in := func(list []*column) bool { return slices.Contains(list, c) }
	if d.cascade {
		t.foreign = slices.DeleteFunc(t.foreign, func(f *foreign) bool { return in(f.columns) })
		t.indexes = slices.DeleteFunc(t.indexes, func(i *index) bool {
			return slices.ContainsFunc(i.columns, func(ic indexedColumn) bool { return ic.column == c })
		})
	}
	for _, k := range t.keys {
		if in(k.columns) {
			return fail(-322, "Column '%s' is part of constraint '%s'", clean(c.name), clean(k.name))
		}
	}
	for _, f := range t.foreign {
		if in(f.columns) {
			return fail(-322, "Column '%s' is part of constraint '%s'", clean(c.name), clean(f.name))
		}
	}
	for _, i := range t.indexes {
		for _, ic := range i.columns {
			if ic.column == c {
				return fail(-322, "Column '%s' is part of index '%s'", clean(c.name), clean(i.name))
			}
		}
	}
	if len(t.columns) == 1 {
		return fail(-400, "the last column of table '%s' cannot be dropped", t.shown())
	}
	if !c.identity {
		if err := s.dropSQLiteColumn(t, c); err != nil {
			return err
		}
	}
	t.columns = slices.DeleteFunc(t.columns, func(o *column) bool { return o == c })
	t.rowIDName = t.freeRowIDName()
	return nil
}

// dropSQLiteColumn drops the indexes that name the column first: those of constraints that are gone stay behind.
func (s *Session) dropSQLiteColumn(t *table, c *column) error {
	rows, err := s.sys.rows("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", t.sqlite())
	if err != nil {
		return err
	}
	for _, row := range rows {
		if strings.HasSuffix(row[0].(string)+"_", "_"+c.sqlite()+"_") || strings.Contains(row[0].(string), "_"+c.sqlite()+"_") {
			if err := s.sys.exec("DROP INDEX " + row[0].(string)); err != nil {
				return err
			}
		}
	}
	return s.sys.exec(fmt.Sprintf("ALTER TABLE %s DROP COLUMN %s", t.sqlite(), c.sqlite()))
}
