package engine

import (
	"fmt"
	"strings"
)

// addConstraints adds the keys of a new table: those of its columns first, in the order in which they stand.
func (s *Session) addConstraints(t *table, p *createTable) error {
	for _, spec := range p.columns {
		if spec.primary {
			if err := s.addKey(t, keySpec{name: spec.primaryName, primary: true, columns: []string{spec.name}}); err != nil {
				return err
			}
		}
		if spec.isUnique {
			if err := s.addKey(t, keySpec{name: spec.unique, columns: []string{spec.name}}); err != nil {
				return err
			}
		}
	}
	for _, k := range p.keys {
		if err := s.addKey(t, k); err != nil {
			return err
		}
	}
	for i := range p.foreign {
		if err := s.addForeign(t, &p.foreign[i]); err != nil {
			return err
		}
	}
	return nil
}

// generatedName is the name of a constraint that was given none.
func (t *table) generatedName(kind string) string {
	t.count++
	return fmt.Sprintf("%s_%s%d", fold(t.name), kind, t.count)
}

func (t *table) hasConstraint(name string) bool {
	for _, k := range t.keys {
		if strings.EqualFold(k.name, name) {
			return true
		}
	}
	for _, f := range t.foreign {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	for _, i := range t.indexes {
		if strings.EqualFold(i.name, name) {
			return true
		}
	}
	return false
}

func (s *Session) addKey(t *table, spec keySpec) error {
	k := &key{name: spec.name, primary: spec.primary}
	kind := "UNIQUE"
	if spec.primary {
		kind = "PKEY"
		if t.primary() != nil {
			return fail(-307, "Primary key already defined for table '%s'", t.shown())
		}
	}
	if k.name == "" {
		k.name = t.generatedName(kind)
	} else if t.count++; t.hasConstraint(k.name) {
		return fail(-324, "Constraint or index '%s' already exists in table '%s'", clean(k.name), t.shown())
	}
	for _, column := range spec.columns {
		c := t.find(column)
		if c == nil {
			return refuse(-86, " Column '%s' of constraint '%s' is not in table '%s'", clean(column), clean(k.name), t.shown())
		}
		if c.kind == kCharStream || c.kind == kBinStream {
			return fail(-400, "ERROR #5414: Invalid index attribute: stream property '%s' in index '%s'", clean(c.property), clean(k.name))
		}
		if spec.primary {
			c.notNull = true
		}
		k.columns = append(k.columns, c)
	}
	if spec.primary && s.options["PKEY_IS_IDKEY"] == "1" && t.identity() == nil {
		t.idKey = k
	}
	t.keys = append(t.keys, k)
	return nil
}

func (t *table) primary() *key {
	for _, k := range t.keys {
		if k.primary {
			return k
		}
	}
	return nil
}

// keyOf finds the key with these columns, in any order.
func (t *table) keyOf(names []string) *key {
	for _, k := range t.keys {
		if len(k.columns) != len(names) {
			continue
		}
		found := 0
		for _, c := range k.columns {
			for _, n := range names {
				if strings.EqualFold(c.name, n) {
					found++
					break
				}
			}
		}
		if found == len(names) {
			return k
		}
	}
	return nil
}
