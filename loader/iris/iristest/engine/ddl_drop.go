package engine

import (
	"slices"
	"strings"
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

// createIndex is CREATE INDEX (InterSystems SQL Reference, CREATE INDEX).
func (s *Session) createIndex(p *createIndex) error {
	t, v := s.lookup(p.table)
	if v != nil {
		return fail(-30, "Attempt to CREATE INDEX '%s' on view '%s.%s'", clean(p.index), clean(v.schema), clean(v.name))
	}
	if t == nil {
		n := s.qualify(p.table)
		return fail(-30, "Table '%s.%s' does not exist", clean(fold(n.schema)), clean(fold(n.object)))
	}
	if t.system {
		return fail(-300, "DDL not enabled for class '%s'", clean(t.class))
	}
	s.needAdmin("%ALTER_TABLE")
	if err := s.lockForDDL(t); err != nil {
		return err
	}
	if t.hasConstraint(p.index) {
		if p.ifNotExists {
			s.status = 1
			return nil
		}
		return fail(-324, "Index '%s' already defined for table '%s'", clean(p.index), t.shown())
	}
	if p.kind == "BITMAPEXTENT" {
		return nil // tables of DDL have one
	}
	i := &index{name: p.index, unique: p.unique, kind: p.kind}
	for _, ic := range p.columns {
		c := t.find(ic.name)
		if c == nil && strings.EqualFold(ic.name, "%ID") {
			c = t.rowID()
		}
		if c == nil {
			return fail(-31, "Field '%s' not found in table '%s'", clean(ic.name), t.shown())
		}
		if c.kind == kCharStream || c.kind == kBinStream {
			return fail(-400, "ERROR #5414: Invalid index attribute: stream property '%s' in index '%s'", clean(c.property), clean(p.index))
		}
		i.columns = append(i.columns, indexedColumn{c, ic.desc})
	}
	for _, n := range p.data {
		c := t.find(n)
		if c == nil {
			return fail(-31, "Field '%s' not found in table '%s'", clean(n), t.shown())
		}
		i.data = append(i.data, c)
	}
	if p.unique {
		k := &key{name: p.index, index: true}
		for _, ic := range i.columns {
			k.columns = append(k.columns, ic.column)
		}
		if err := s.checkKey(t, k); err != nil {
			return err
		}
		t.keys = append(t.keys, k)
	}
	t.indexes = append(t.indexes, i)
	var columns []*column
	for _, ic := range i.columns {
		columns = append(columns, ic.column)
	}
	return s.sys.index(t, columns)
}

// dropIndex is DROP INDEX. The index of a unique constraint may be dropped too (InterSystems SQL Reference, DROP INDEX).
func (s *Session) dropIndex(p *dropIndex) error {
	var tables []*table
	if p.table.object != "" {
		t, err := s.base(p.table)
		if err != nil {
			return err
		}
		tables = []*table{t}
	} else {
		for _, t := range s.ns.sortedTables() {
			if t.hasConstraint(p.index) {
				tables = append(tables, t)
			}
		}
		if len(tables) > 1 {
			return fail(-334, "Index '%s' found in tables '%s' and '%s'", clean(p.index), tables[0].shown(), tables[1].shown())
		}
	}
	s.needAdmin("%ALTER_TABLE")
	for _, t := range tables {
		if err := s.lockForDDL(t); err != nil {
			return err
		}
		found := false
		same := func(name string) bool { return strings.EqualFold(name, p.index) }
		t.indexes = slices.DeleteFunc(t.indexes, func(i *index) bool { found = found || same(i.name); return same(i.name) })
		t.keys = slices.DeleteFunc(t.keys, func(k *key) bool {
			drop := same(k.name) && !k.primary
			found = found || drop
			return drop
		})
		if found {
			return nil
		}
	}
	if p.ifExists {
		return nil
	}
	return fail(-333, "Index '%s' not found", clean(p.index))
}

// buildIndex is BUILD INDEX; the indexes of SQLite are always built.
func (s *Session) buildIndex(p *buildIndex) error {
	s.needAdmin("%BUILD_INDEX")
	if p.schema != "" {
		for _, t := range s.ns.tables {
			if strings.EqualFold(t.schema, p.schema) {
				return nil
			}
		}
		return fail(-473, "Schema '%s' not found", clean(p.schema))
	}
	t, _ := s.lookup(p.table)
	if t == nil || t.system {
		n := s.qualify(p.table)
		return fail(-30, "Table '%s.%s' does not exist", clean(n.schema), clean(n.object))
	}
	for _, i := range p.indexes {
		if !t.hasConstraint(i) {
			return fail(-400, "ERROR #5066: Index '%s::%s' does not exist", clean(t.class), clean(i))
		}
	}
	return nil
}

// createView is CREATE VIEW (InterSystems SQL Reference, CREATE VIEW).
func (s *Session) createView(p *createView) error {
	s.needAdmin("%CREATE_VIEW")
	n := s.qualify(p.view)
	if err := s.freeName(n); err != nil {
		_, old := s.lookup(n)
		if old == nil || !p.replace && !p.ifNot {
			return err
		}
		if p.ifNot {
			s.status = 1
			return nil
		}
	}
	if p.query.order != nil && p.query.cores[0].top == nil && p.query.limit == nil {
		return refuse(-143, " ORDER BY in a view needs TOP")
	}
	c := &compiler{session: s, ns: s.ns}
	q := c.query(nil, p.query)
	if p.columns != nil && len(p.columns) != len(q.out) {
		return refuse(-9, " View '%s' has %d columns, its query %d", clean(n.object), len(p.columns), len(q.out))
	}
	if len(c.params) > 0 {
		return refuse(-148, " CREATE VIEW cannot have parameters")
	}
	v := &view{ns: s.ns, schema: s.spelling(n.schema), name: n.object, owner: s.user, columns: p.columns, query: p.query, check: p.check, result: q.out}
	v.class = className(v.schema, v.name)
	if v.columns == nil {
		for _, o := range q.out {
			v.columns = append(v.columns, o.name)
		}
	}
	s.ns.views[objectKey(v.schema, v.name)] = v
	return nil
}

func (s *Session) dropView(p *dropView) error {
	_, v := s.lookup(p.view)
	if v == nil {
		if p.ifExists {
			return nil
		}
		n := s.qualify(p.view)
		return fail(-30, "View '%s.%s' not found", clean(fold(n.schema)), clean(fold(n.object)))
	}
	s.needAdmin("%DROP_VIEW")
	if user := s.viewOn(v); user != nil && !p.cascade {
		return fail(-321, "View '%s.%s' references view '%s.%s'", clean(user.schema), clean(user.name), clean(v.schema), clean(v.name))
	}
	for p.cascade {
		user := s.viewOn(v)
		if user == nil {
			break
		}
		delete(s.ns.views, objectKey(user.schema, user.name))
	}
	delete(s.ns.views, objectKey(v.schema, v.name))
	return nil
}

// viewOn finds a view that another one is made of.
func (s *Session) viewOn(v *view) *view {
	for _, other := range s.ns.views {
		if other != v && s.mentions(other.query, v) {
			return other
		}
	}
	return nil
}

func (s *Session) mentions(q *selectStmt, v *view) bool {
	var in func(f *fromItem) bool
	in = func(f *fromItem) bool {
		if f == nil {
			return false
		}
		if f.query != nil {
			return s.mentions(f.query, v)
		}
		if f.join != "" {
			return in(f.l) || in(f.r)
		}
		n := s.qualify(f.table)
		return strings.EqualFold(n.schema, v.schema) && strings.EqualFold(n.object, v.name)
	}
	for _, c := range q.cores {
		if in(c.from) {
			return true
		}
	}
	return false
}
