package engine

import (
	"fmt"
	"slices"
)

// parents checks the foreign keys of a row, or those that hold a changed column (Using InterSystems SQL, Foreign Keys).
func (x *change) parents(t *table, rid int64, values []any, changed map[*column]bool, code int) error {
	if x.has("%NOCHECK") {
		return nil
	}
	for _, f := range t.foreign {
		if f.noCheck || changed != nil && !slices.ContainsFunc(f.columns, func(c *column) bool { return changed[c] }) {
			continue
		}
		args, complete := f.childValues(t, rid, values)
		if !complete {
			continue
		}
		if f.parent == t && f.refersToItself(t, rid, values, args) {
			continue
		}
		parent, err := x.session.sys.rows(fmt.Sprintf("SELECT rid FROM %s WHERE %s LIMIT 1", f.parent.sqlite(), where(f.parent, f.parentColumns())), args...)
		if err != nil {
			return err
		}
		if parent == nil {
			return fail(code, "Table '%s', Foreign Key Constraint '%s', Field(s) %s; no row of '%s' has this value", t.shown(), clean(f.name),
				(&key{columns: f.columns}).shown(args), f.parent.shown())
		}
		if !x.has("%NOLOCK") {
			if err := x.session.lockParent(f.parent, parent[0][0].(int64)); err != nil {
				return err
			}
		}
	}
	return nil
}

// childValues are the values of the key's columns, and whether none is NULL.
func (f *foreign) childValues(t *table, rid int64, values []any) ([]any, bool) {
	var args []any
	for _, c := range f.columns {
		v := values[slices.Index(t.columns, c)]
		if c.identity {
			v = rid
		}
		if v == nil {
			return nil, false
		}
		args = append(args, v)
	}
	return args, true
}

func (f *foreign) refersToItself(t *table, rid int64, values, args []any) bool {
	for i, c := range f.parentColumns() {
		v := any(rid)
		if !c.identity {
			v = values[slices.Index(t.columns, c)]
		}
		if v == nil || text(v) != text(args[i]) {
			return false
		}
	}
	return true
}

func (f *foreign) parentColumns() []*column {
	if f.ref == nil {
		return []*column{f.parent.rowID()}
	}
	return f.ref
}

// parentValues are the values of a parent's row that children may have.
func (f *foreign) parentValues(rid int64, values []any) ([]any, bool) {
	var args []any
	for _, c := range f.parentColumns() {
		v := any(rid)
		if !c.identity {
			v = values[slices.Index(f.parent.columns, c)]
		}
		if v == nil {
			return nil, false
		}
		args = append(args, v)
	}
	return args, true
}

// children does what the foreign keys of others say when a row goes (values nil after) or changes.
func (x *change) children(t *table, rid int64, before, after []any) error {
	if x.has("%NOCHECK") {
		return nil
	}
	for _, r := range t.ns.referring(t) {
		args, complete := r.key.parentValues(rid, before)
		if !complete || r.key.noCheck {
			continue
		}
		action, code := r.key.onDelete, -124
		if after != nil {
			now, _ := r.key.parentValues(rid, after)
			if sameValues(args, now) {
				continue
			}
			action, code = r.key.onUpdate, -123
		}
		if err := x.child(r, t, rid, args, after, action, code); err != nil {
			return err
		}
	}
	return nil
}

func sameValues(a, b []any) bool {
	return slices.EqualFunc(a, b, func(a, b any) bool { return text(a) == text(b) })
}

func (x *change) child(r reference, t *table, rid int64, args, after []any, action string, code int) error {
	rows, err := x.session.sys.rows(fmt.Sprintf("SELECT rid FROM %s WHERE %s", r.child.sqlite(), where(r.child, r.key.columns)), args...)
	if err != nil {
		return err
	}
	if x.depth++; x.depth > maxCascade {
		return fail(-400, "foreign keys cascade too deeply")
	}
	defer func() { x.depth-- }()
	for _, row := range rows {
		child := row[0].(int64)
		if r.child == t && child == rid {
			continue
		}
		if action == "NO ACTION" {
			return fail(code, "At least 1 Row exists in table '%s' which references key %s - Foreign Key Constraint '%s' (Field(s) %s), failed on referential action of NO ACTION",
				r.child.shown(), clean(r.key.refKey), clean(r.key.name), (&key{columns: r.key.columns}).shown(args))
		}
		if action == "CASCADE" && after == nil {
			if err := x.deleteRow(r.child, child); err != nil {
				return err
			}
			continue
		}
		set := map[*column]given{}
		var now []any
		if after != nil {
			now, _ = r.key.parentValues(rid, after)
		}
		for i, c := range r.key.columns {
			g := given{isSet: true}
			switch action {
			case "CASCADE":
				g = given{value: now[i], kind: c.kind, isSet: true}
			case "SET DEFAULT":
				if g.value, g.kind, err = x.session.constantOf(c); err != nil {
					return err
				}
			}
			set[c] = g
		}
		if err := x.updateRow(r.child, child, set); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) constantOf(c *column) (any, kind, error) {
	if !c.hasDefault {
		return nil, kUnknown, nil
	}
	return s.constant(c.def)
}
