package engine

import (
	"slices"
	"strings"
)

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
