package engine

import "strings"

// grant reads GRANT and REVOKE (InterSystems SQL Reference, GRANT).
func (p *parser) grant() any {
	st := &grantStmt{revoke: p.next().upper == "REVOKE"}
	if st.revoke {
		p.accept("GRANT", "OPTION", "FOR")
	}
	for {
		if p.sign("*") {
			st.privileges = append(st.privileges, "*")
		} else {
			st.privileges = append(st.privileges, strings.ToUpper(p.anyWord()))
		}
		if p.accept("PRIVILEGES") || p.is("(") {
			if p.is("(") {
				p.names()
				st.columns = true
			}
		}
		if !p.sign(",") {
			break
		}
	}
	if p.accept("ON") {
		st.object = "TABLE"
		switch {
		case p.accept("SCHEMA"):
			st.object = "SCHEMA"
			st.table.schema = p.namePart()
		case p.sign("*"):
			st.allTables = true
		default:
			p.acceptAny("TABLE", "VIEW", "PROCEDURE")
			st.table = p.tableName()
		}
	}
	word := "TO"
	if st.revoke {
		word = "FROM"
	}
	p.expect(word)
	for {
		if p.sign("*") {
			st.grantees = append(st.grantees, "*")
		} else {
			st.grantees = append(st.grantees, p.anyWord())
		}
		if !p.sign(",") {
			break
		}
	}
	p.accept("WITH", "GRANT", "OPTION")
	p.accept("WITH", "ADMIN", "OPTION")
	p.acceptAny("CASCADE", "RESTRICT")
	return st
}

// checkPriv reads %CHECKPRIV (InterSystems SQL Reference, %CHECKPRIV).
func (p *parser) checkPriv() any {
	p.expect("%CHECKPRIV")
	p.accept("GRANT", "OPTION", "FOR")
	p.accept("ADMIN", "OPTION", "FOR")
	st := &checkPriv{privilege: strings.ToUpper(p.anyWord())}
	if p.is("(") {
		p.names()
	}
	if p.accept("ON") {
		st.table = p.tableName()
	} else {
		st.admin = true
	}
	return st
}

func (p *parser) build() any {
	p.expect("BUILD")
	if p.acceptAny("INDEX", "INDICES") == "" {
		p.unexpected("INDEX")
	}
	p.acceptAny("%NOLOCK", "%NOJOURN")
	p.expect("FOR")
	st := &buildIndex{}
	if p.accept("SCHEMA") {
		st.schema = p.namePart()
		return st
	}
	p.expect("TABLE")
	st.table = p.tableName()
	if p.acceptAny("INDEX", "INDICES") != "" {
		for {
			st.indexes = append(st.indexes, p.word())
			if !p.sign(",") {
				break
			}
		}
	}
	return st
}
