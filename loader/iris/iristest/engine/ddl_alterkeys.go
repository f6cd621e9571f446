package engine

import (
	"fmt"
	"slices"
	"strings"
)

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
