package engine

import (
	"slices"
)

// dropTable is DROP TABLE (InterSystems SQL Reference, DROP TABLE).
func (s *Session) dropTable(p *dropTable) error {
	t, v := s.lookup(p.table)
	switch {
	case t == nil && p.ifExists:
		return nil
	case t == nil || v != nil:
		return s.noTable(p.table)
	case t.system:
		return fail(-300, "DDL not enabled for class '%s'", clean(t.class))
	}
	s.needAdmin("%DROP_TABLE")
	if err := s.lockForDDL(t); err != nil {
		return err
	}
	for _, r := range t.ns.referring(t) {
		if r.child != t && s.ns.options["COMPILEMODE"] != "NOCHECK" {
			return fail(-320, "Foreign Key Constraint '%s' of table '%s' references table '%s'", clean(r.key.name), r.child.shown(), t.shown())
		}
	}
	return s.sys.remove(t)
}

// remove takes a table away. Foreign keys of others that referred to it lead nowhere and are checked no more until a
// table of that name has its key again.
func (s *System) remove(t *table) error {
	for _, r := range t.ns.referring(t) {
		if r.child != t {
			r.child.foreign = slices.DeleteFunc(r.child.foreign, func(f *foreign) bool { return f == r.key })
		}
	}
	delete(t.ns.tables, objectKey(t.schema, t.name))
	delete(s.locks, t)
	s.announce()
	s.forgetStatements()
	return s.exec("DROP TABLE " + t.sqlite())
}
