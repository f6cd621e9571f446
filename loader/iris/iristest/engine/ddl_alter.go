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
		for _, n := range a {
			if err := s.dropColumn(t, n); err != nil {
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

func (s *Session) dropColumn(t *table, name string) error {
	c, err := s.column(t, name)
	if err != nil {
		return err
	}
	in := func(list []*column) bool { return slices.Contains(list, c) }
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
	dt, err := resolveType(spec.typ)
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

func (s *Session) alterAddKey(t *table, spec keySpec) error {
	required := map[*column]bool{}
	for _, n := range spec.columns {
		if c := t.find(n); c != nil {
			required[c] = c.notNull
		}
	}
	if err := s.addKey(t, spec); err != nil {
		return err
	}
	k := t.keys[len(t.keys)-1]
	err := s.checkKey(t, k)
	if err != nil {
		t.keys = t.keys[:len(t.keys)-1]
		for c, was := range required {
			c.notNull = was
		}
		return err
	}
	return s.sys.index(t, k.columns)
}

// checkKey looks for rows that a new key does not allow.
func (s *Session) checkKey(t *table, k *key) error {
	var cols []string
	for _, c := range k.columns {
		cols = append(cols, c.sqlite()+collate(columnTyp(t, c)))
		if k.primary {
			if found, err := s.hasRows(t, c.sqlite()+" IS NULL"); err != nil {
				return err
			} else if found {
				return fail(-305, "Column '%s' of table '%s' has rows without a value", clean(c.name), t.shown())
			}
		}
	}
	rows, err := s.sys.rows(fmt.Sprintf("SELECT 1 FROM %s WHERE %s GROUP BY %s HAVING count(*) > 1 LIMIT 1", t.sqlite(), notNull(k.columns), strings.Join(cols, ", ")))
	if err != nil {
		return err
	}
	if rows != nil {
		return fail(-125, "Table '%s', Constraint '%s'; rows with the same value exist", t.shown(), clean(k.name))
	}
	return nil
}

// alterAddForeign adds a foreign key and checks the rows, unless COMPILEMODE is NOCHECK (InterSystems SQL Reference, SET OPTION).
func (s *Session) alterAddForeign(t *table, spec *foreignSpec) error {
	if err := s.addForeign(t, spec); err != nil {
		return err
	}
	f := t.foreign[len(t.foreign)-1]
	if !f.noCheck && s.ns.options["COMPILEMODE"] != "NOCHECK" {
		var on []string
		for i, p := range f.parentColumns() {
			on = append(on, fmt.Sprintf("p.%s = c.%s%s", p.sqlite(), f.columns[i].sqlite(), collate(columnTyp(f.parent, p))))
		}
		var has []string
		for _, c := range f.columns {
			has = append(has, "c."+c.sqlite()+" IS NOT NULL")
		}
		rows, err := s.sys.rows(fmt.Sprintf("SELECT 1 FROM %s AS c WHERE %s AND NOT EXISTS (SELECT 1 FROM %s AS p WHERE %s) LIMIT 1",
			t.sqlite(), strings.Join(has, " AND "), f.parent.sqlite(), strings.Join(on, " AND ")))
		if err == nil && rows != nil {
			err = fail(-127, "Table '%s', Foreign Key Constraint '%s'; rows without a row in '%s' exist", t.shown(), clean(f.name), f.parent.shown())
		}
		if err != nil {
			t.foreign = t.foreign[:len(t.foreign)-1]
			return err
		}
	}
	return s.sys.index(t, f.columns)
}

func (s *Session) dropConstraint(t *table, d dropConstraint) error {
	for i, k := range t.keys {
		if d.kind == "PRIMARY KEY" && k.primary || d.kind == "" && strings.EqualFold(k.name, d.name) {
			for _, r := range t.ns.referring(t) {
				if r.key.refKey == k.name {
					return fail(-317, "Constraint '%s' of table '%s' is referenced by '%s' of table '%s'", clean(k.name), t.shown(), clean(r.key.name), r.child.shown())
				}
			}
			t.keys = slices.Delete(t.keys, i, i+1)
			if t.idKey == k {
				t.idKey = nil
			}
			return nil
		}
	}
	for i, f := range t.foreign {
		if d.kind != "PRIMARY KEY" && strings.EqualFold(f.name, d.name) {
			t.foreign = slices.Delete(t.foreign, i, i+1)
			return nil
		}
	}
	return fail(-315, "Constraint '%s' not found in table '%s'", clean(d.name), t.shown())
}
