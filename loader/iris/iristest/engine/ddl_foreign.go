package engine

import (
	"strings"
)

// addForeign binds a foreign key to its parent (Using InterSystems SQL, Defining Foreign Keys).
func (s *Session) addForeign(t *table, spec *foreignSpec) error {
	f := &foreign{name: spec.name, onDelete: spec.onDelete, onUpdate: spec.onUpdate, noCheck: spec.noCheck}
	if f.name == "" {
		f.name = t.generatedName("FKEY")
	} else if t.count++; t.hasConstraint(f.name) {
		return fail(-311, "Constraint or index '%s' already exists in table '%s'", clean(f.name), t.shown())
	}
	for _, column := range spec.columns {
		c := t.find(column)
		if c == nil {
			return refuse(-86, " Column '%s' of constraint '%s' is not in table '%s'", clean(column), clean(f.name), t.shown())
		}
		f.columns = append(f.columns, c)
	}
	n := s.qualify(spec.table)
	if spec.table.schema == "" {
		n.schema = t.schema
	}
	if f.parent, _ = s.lookup(n); strings.EqualFold(n.schema, t.schema) && strings.EqualFold(n.object, t.name) {
		f.parent = t
	}
	if f.parent == nil || f.parent.system {
		return fail(-310, "Foreign key '%s' of table '%s' references non-existent table '%s.%s'", clean(f.name), t.shown(), clean(n.schema), clean(n.object))
	}
	if err := f.bind(t, spec.refColumns); err != nil {
		return err
	}
	t.foreign = append(t.foreign, f)
	return nil
}

// bind finds the columns of the parent: those named, else its primary key, its identity or its row id.
func (f *foreign) bind(t *table, names []string) error {
	parent := f.parent
	if names == nil {
		switch k := parent.primary(); {
		case k != nil:
			f.ref, f.refKey = k.columns, k.name
		default:
			f.refKey = "RowIDField_As_PKey"
		}
	} else {
		isRowID := len(names) == 1 && (strings.EqualFold(names[0], "%ID") || parent.identity() != nil && strings.EqualFold(names[0], parent.identity().name) ||
			parent.identity() == nil && strings.EqualFold(names[0], parent.rowIDName))
		if isRowID {
			f.refKey = "RowIDField_As_PKey"
			if parent.identity() == nil && !parent.publicRowID && parent.idKey == nil {
				return fail(-314, "Foreign key '%s' references the RowID of table '%s', which is not public", clean(f.name), parent.shown())
			}
			if k := parent.keyOf(names); k != nil {
				f.ref, f.refKey = k.columns, k.name
			}
		} else {
			for _, n := range names {
				if parent.find(n) == nil {
					return fail(-316, "Foreign key '%s' references column '%s', which table '%s' does not have", clean(f.name), clean(n), parent.shown())
				}
			}
			k := parent.keyOf(names)
			if k == nil {
				return fail(-314, "Foreign key '%s' references columns of table '%s' that are not a unique key", clean(f.name), parent.shown())
			}
			f.refKey = k.name
			for _, n := range names {
				f.ref = append(f.ref, parent.find(n))
			}
		}
	}
	if n := len(f.parentColumns()); n != len(f.columns) {
		return fail(-316, "Foreign key '%s' of table '%s' has %d columns, the key that it references %d", clean(f.name), t.shown(), len(f.columns), n)
	}
	return nil
}
