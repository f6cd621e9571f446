package engine

import (
	"strings"
)

// createDatabase is CREATE DATABASE: a namespace (InterSystems SQL Reference, CREATE DATABASE).
func (s *Session) createDatabase(p *createDatabase) error {
	s.needManage()
	if n := len(p.name); n > 63 {
		return fail(-400, "ERROR #5012: Database name '%s' is longer than 63 characters", clean(p.name))
	}
	if strings.HasPrefix(p.name, "_") || strings.ContainsAny(p.name, "@#$-.,/\\ :%") {
		return fail(-343, "Invalid database name '%s'", clean(p.name))
	}
	if s.sys.namespaces[fold(p.name)] != nil || s.sys.kept[fold(p.name)] {
		if p.ifNot {
			return nil
		}
		return fail(-341, "Database '%s' already exists", clean(p.name))
	}
	if len(s.sys.namespaces) >= maxNamespaces {
		return fail(-400, "too many namespaces")
	}
	dir := p.dir
	if dir == "" {
		dir = "/usr/irissys/mgr/" + strings.ToLower(p.name) + "/"
	}
	for _, n := range s.sys.namespaces {
		if n.dir == dir {
			return fail(-341, "Directory '%s' already holds a database", clean(dir))
		}
	}
	s.sys.addNamespace(fold(p.name), dir)
	return nil
}

// maxNamespaces is the limit of the manual (InterSystems SQL Reference, CREATE DATABASE).
const maxNamespaces = 2048

// dropDatabase is DROP DATABASE. Sessions of others that are in the namespace are in the way (InterSystems SQL
// Reference, DROP DATABASE).
func (s *Session) dropDatabase(p *dropDatabase) error {
	s.needManage()
	n := s.sys.namespaces[fold(p.name)]
	switch {
	case n == nil && p.ifExists:
		return nil
	case n == nil:
		return fail(-340, "Database '%s' does not exist", clean(p.name))
	case n.system:
		return fail(-342, "Database '%s' is a system database", clean(p.name))
	case n == s.ns:
		return fail(-344, "Database '%s' is the current one", clean(p.name))
	}
	for other := range s.sys.sessions {
		if other.ns == n {
			return fail(-344, "Database '%s' is in use by job %d", clean(p.name), other.job)
		}
	}
	for _, t := range n.sortedTables() {
		t.foreign = nil
	}
	for _, t := range n.sortedTables() {
		if err := s.sys.remove(t); err != nil {
			return err
		}
	}
	delete(s.sys.namespaces, fold(p.name))
	if p.retain {
		s.sys.kept[fold(p.name)] = true
	}
	return nil
}

// use is USE DATABASE. The commit mode stays and an open transaction goes on (InterSystems SQL Reference, USE DATABASE).
func (s *Session) use(p *useDatabase) error {
	n := s.sys.namespaces[fold(p.name)]
	if n == nil {
		return fail(-400, "<NAMESPACE> namespace '%s' does not exist", clean(p.name))
	}
	if s.sys.restricted[fold(s.user)] && n != s.ns && !n.privileges[fold(s.user)]["%USE"] {
		return fail(-99, "User '%s' does not have access to namespace '%s'", clean(s.user), clean(n.name))
	}
	s.ns = n
	return nil
}

// schemaOrUser answers statements on schemas and users. Schemas come and go with their tables.
func (s *Session) schemaOrUser(parsed any) error {
	used := func(schema string) bool {
		for _, t := range s.ns.tables {
			if strings.EqualFold(t.schema, schema) {
				return true
			}
		}
		for _, v := range s.ns.views {
			if strings.EqualFold(v.schema, schema) {
				return true
			}
		}
		return false
	}
	if p, ok := parsed.(*dropSchema); ok {
		switch {
		case !used(p.schema) && p.ifExists:
			return nil
		case !used(p.schema):
			return fail(-473, "Schema '%s' not found", clean(p.schema))
		case !p.cascade:
			return fail(-482, "Schema '%s' is not empty", clean(p.schema))
		}
		return s.dropSchema(p.schema)
	}
	return refuse(-1, " statement not supported")
}

func (s *Session) dropSchema(schema string) error {
	var drop []*table
	for _, t := range s.ns.sortedTables() {
		if strings.EqualFold(t.schema, schema) {
			drop = append(drop, t)
		}
	}
	for _, t := range drop {
		for _, r := range t.ns.referring(t) {
			if !strings.EqualFold(r.child.schema, schema) {
				return fail(-320, "Foreign Key Constraint '%s' of table '%s' references table '%s'", clean(r.key.name), r.child.shown(), t.shown())
			}
		}
	}
	for k, v := range s.ns.views {
		if strings.EqualFold(v.schema, schema) {
			delete(s.ns.views, k)
		}
	}
	for _, t := range drop {
		t.foreign = nil
		if err := s.sys.remove(t); err != nil {
			return err
		}
	}
	return nil
}
