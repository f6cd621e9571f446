package engine

import (
	"strings"
)

// createTable is CREATE TABLE (InterSystems SQL Reference, CREATE TABLE).
func (s *Session) createTable(p *createTable) error {
	s.needAdmin("%CREATE_TABLE")
	n := s.qualify(p.table)
	if err := s.freeName(n); err != nil {
		if p.ifNotExists {
			return nil
		}
		return err
	}
	t := s.newTable(n)
	t.temporary, t.publicRowID, t.description, t.parameters = p.temporary, p.publicRowID, p.description, p.parameters
	if p.query != nil {
		return s.createTableAs(t, p.query)
	}
	for i := range p.columns {
		if err := s.addColumn(t, &p.columns[i]); err != nil {
			return err
		}
	}
	t.rowIDName = t.freeRowIDName()
	if err := s.checkComputed(t); err != nil {
		return err
	}
	if len(t.columns) == 0 {
		return refuse(-1, " Table without columns")
	}
	if err := s.addConstraints(t, p); err != nil {
		return err
	}
	return s.install(t)
}

// freeName refuses a name that a table or a view has, and schemas that are the system's own.
func (s *Session) freeName(n name) error {
	if strings.EqualFold(n.schema, "User") {
		return refuse(-312, " Schema name 'User' is reserved")
	}
	if strings.HasPrefix(n.schema, "%") || strings.EqualFold(n.schema, "INFORMATION_SCHEMA") {
		return refuse(-400, "ERROR #5064: schema '%s' is reserved for the system", clean(n.schema))
	}
	if t, v := s.lookup(n); t != nil || v != nil {
		kind := "Table"
		if v != nil {
			kind = "View"
		}
		return fail(-201, "%s '%s.%s' already exists", kind, clean(n.schema), clean(n.object))
	}
	return nil
}

func (s *Session) newTable(n name) *table {
	s.sys.lastID++
	schema := s.spelling(n.schema)
	return &table{id: s.sys.lastID, ns: s.ns, schema: schema, name: n.object, class: className(schema, n.object), owner: s.user, parameters: map[string]string{}}
}

// spelling is how a schema that exists is written.
func (s *Session) spelling(schema string) string {
	if strings.EqualFold(schema, "SQLUser") {
		return "SQLUser"
	}
	for _, t := range s.ns.sortedTables() {
		if strings.EqualFold(t.schema, schema) {
			return t.schema
		}
	}
	return schema
}
