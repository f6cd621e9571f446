package engine

import "strings"

// grantable are the privileges on tables; adminPrivileges those of a namespace (InterSystems SQL Reference, GRANT).
var (
	grantable       = wordSet(`SELECT INSERT UPDATE DELETE REFERENCES EXECUTE %ALTER ALL * USE`)
	adminPrivileges = wordSet(`%CREATE_TABLE %ALTER_TABLE %DROP_TABLE %CREATE_VIEW %ALTER_VIEW %DROP_VIEW %NOCHECK %NOINDEX %NOLOCK
		%NOTRIGGER %NOJOURN %BUILD_INDEX %DB_OBJECT_DEFINITION %CREATE_PROCEDURE %CREATE_FUNCTION %ALTER_USER %USE`)
)

func (s *Session) privileges() map[string]bool { return s.ns.privileges[fold(s.user)] }

func (s *Session) hasPrivilege(privilege, schema, object string) bool {
	if !s.sys.restricted[fold(s.user)] {
		return true
	}
	p := s.privileges()
	for _, on := range []string{objectKey(schema, object), fold(schema), "*"} {
		if p[privilege+" ON "+on] || p["ALL ON "+on] || p["* ON "+on] {
			return true
		}
	}
	return false
}

// need refuses what a user may not do with a table. Its owner may do everything. INFORMATION_SCHEMA and the SQL catalog
// are everybody's (Class Reference, their owner is _PUBLIC).
func (s *Session) need(privilege, schema, object, owner string) {
	public := strings.EqualFold(schema, "INFORMATION_SCHEMA") || strings.EqualFold(schema, "%Library") && strings.HasPrefix(object, "SQLCatalog_")
	if public || strings.EqualFold(owner, s.user) && owner != "" || s.hasPrivilege(privilege, schema, object) {
		return
	}
	panic(refuse(-99, " User '%s' is not privileged for the operation", clean(s.user)))
}

func (s *Session) hasAdmin(privilege string) bool {
	if !s.sys.restricted[fold(s.user)] {
		return true
	}
	p := s.privileges()
	ddl := strings.HasPrefix(privilege, "%CREATE_") || strings.HasPrefix(privilege, "%ALTER_") || strings.HasPrefix(privilege, "%DROP_")
	return p[privilege] || ddl && p["%DB_OBJECT_DEFINITION"]
}

func (s *Session) needAdmin(privilege string) {
	if !s.hasAdmin(privilege) {
		panic(refuse(-99, "User '%s' does not have %s privileges", clean(s.user), privilege))
	}
}

func (s *Session) needManage() {
	if s.sys.restricted[fold(s.user)] {
		panic(refuse(-99, "User '%s' does not have the %%Admin_Manage resource", clean(s.user)))
	}
}

// needLock is the right that LOCK needs: to read the table for a shared lock, to change it for an exclusive one
// (InterSystems SQL Reference, LOCK).
func (s *Session) needLock(t *table, exclusive bool) {
	privileges := []string{"SELECT"}
	if exclusive {
		privileges = []string{"INSERT", "UPDATE", "DELETE"}
	}
	for _, p := range privileges {
		if s.hasPrivilege(p, t.schema, t.name) || strings.EqualFold(t.owner, s.user) {
			return
		}
	}
	panic(refuse(-99, " User '%s' is not privileged for the operation", clean(s.user)))
}

// grant is GRANT and REVOKE. A word that is no privilege gives SQLCODE 100 (InterSystems SQL Reference, GRANT).
func (s *Session) grant(p *grantStmt) error {
	s.needManage()
	on := ""
	switch {
	case p.object == "SCHEMA":
		on = " ON " + fold(p.table.schema)
	case p.allTables:
		on = " ON *"
	case p.object != "":
		t, v := s.lookup(p.table)
		if t == nil && v == nil {
			return s.noTable(p.table)
		}
		n := s.qualify(p.table)
		on = " ON " + objectKey(n.schema, n.object)
	}
	if p.columns {
		return refuse(-400, "privileges on columns are not supported")
	}
	for _, user := range p.grantees {
		list := s.ns.privileges[fold(user)]
		if list == nil {
			list = map[string]bool{}
			s.ns.privileges[fold(user)] = list
		}
		for _, w := range p.privileges {
			if on == "" && !adminPrivileges[w] || on != "" && !grantable[w] {
				s.status = 100
				continue
			}
			if p.revoke {
				delete(list, w+on)
			} else {
				list[w+on] = true
			}
		}
	}
	return nil
}

// checkPrivilege is %CHECKPRIV: SQLCODE 0 or 100 (InterSystems SQL Reference, %CHECKPRIV).
func (s *Session) checkPrivilege(p *checkPriv) error {
	has := false
	if p.admin {
		if !adminPrivileges[p.privilege] {
			return refuse(-1, " Unknown privilege '%s'", clean(p.privilege))
		}
		has = s.hasAdmin(p.privilege)
	} else {
		t, v := s.lookup(p.table)
		if t == nil && v == nil {
			return s.noTable(p.table)
		}
		n := s.qualify(p.table)
		has = s.hasPrivilege(p.privilege, n.schema, n.object) || t != nil && t.owner != "" && strings.EqualFold(t.owner, s.user)
	}
	if !has {
		s.status = 100
	}
	return nil
}
