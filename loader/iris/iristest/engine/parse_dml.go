package engine

import "strings"

// keywords reads the restrictions of a DML statement (InterSystems SQL Reference, INSERT, UPDATE, DELETE).
func (p *parser) keywords() keywords {
	k := keywords{}
	for {
		w := p.acceptAny("%NOCHECK", "%NOFPLAN", "%NOINDEX", "%NOJOURN", "%NOLOCK", "%NOTRIGGER", "%PROFILE", "%PROFILE_ALL")
		if w == "" {
			return k
		}
		k[w] = true
	}
}

// insert reads INSERT (InterSystems SQL Reference, INSERT).
func (p *parser) insert() any {
	p.expect("INSERT")
	st := &insertStmt{}
	if p.accept("OR", "UPDATE") {
		st.update = true
	}
	st.keywords = p.keywords()
	p.accept("INTO")
	st.table = p.tableName()
	if p.is("(") && !p.startsQuery() {
		st.columns = p.fieldNames()
	}
	switch {
	case p.accept("DEFAULT", "VALUES"):
		st.defaults = true
	case p.accept("SET"):
		row := []expr{}
		for _, a := range p.assignments() {
			st.columns = append(st.columns, a.column)
			row = append(row, a.x)
		}
		st.rows = [][]expr{row}
	case p.accept("VALUES"):
		p.expect("(")
		st.rows = append(st.rows, p.values())
		for p.is(",") {
			if !p.multi {
				panic(refuse(-25, " Input (,) encountered after end of query"))
			}
			p.at++
			p.expect("(")
			st.rows = append(st.rows, p.values())
		}
	case p.is("SELECT"), p.is("WITH"), p.is("("):
		st.query = p.query()
	default:
		p.unexpected("VALUES")
	}
	return st
}

func (p *parser) values() (row []expr) {
	for {
		if p.is("DEFAULT") {
			p.at++
			row = append(row, &call{name: "DEFAULT"})
		} else {
			row = append(row, p.condition())
		}
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	return row
}

// fieldNames reads a list of columns, where %ID and qualified names may stand.
func (p *parser) fieldNames() (list []string) {
	p.expect("(")
	for {
		list = append(list, p.fieldName())
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	return list
}

func (p *parser) fieldName() string {
	s := p.targetName()
	for p.sign(".") {
		s = p.targetName()
	}
	return s
}

func (p *parser) targetName() string {
	if p.is("%ID") {
		return p.next().text
	}
	return p.namePart()
}

func (p *parser) assignments() (list []assignment) {
	for {
		a := assignment{column: p.fieldName()}
		p.expect("=")
		if p.accept("DEFAULT") {
			a.x = &call{name: "DEFAULT"}
		} else {
			a.x = p.condition()
		}
		list = append(list, a)
		if !p.sign(",") {
			return list
		}
	}
}

func (p *parser) updateStatement() any {
	p.expect("UPDATE")
	st := &updateStmt{keywords: p.keywords()}
	st.table = p.tableName()
	st.alias = p.optionalAlias()
	if p.is("(") {
		columns := p.fieldNames()
		p.expect("VALUES", "(")
		row := p.values()
		if len(row) < len(columns) {
			panic(refuse(-62, ""))
		} else if len(row) > len(columns) {
			panic(refuse(-116, ""))
		}
		for i, c := range columns {
			st.set = append(st.set, assignment{c, row[i]})
		}
	} else {
		p.expect("SET")
		st.set = p.assignments()
	}
	if p.accept("FROM") {
		st.from = p.from()
	}
	st.where = p.whereClause()
	return st
}

func (p *parser) whereClause() expr {
	if !p.accept("WHERE") {
		return nil
	}
	if p.is("CURRENT", "OF") {
		panic(refuse(-1, " WHERE CURRENT OF is for cursors of embedded SQL"))
	}
	return p.condition()
}

func (p *parser) optionalAlias() string {
	if p.accept("AS") {
		return p.word()
	}
	if t := p.peek(); t.kind == tokenQuoted || t.kind == tokenWord && !reserved[t.upper] {
		return p.word()
	}
	return ""
}

func (p *parser) deleteStatement() any {
	p.expect("DELETE")
	st := &deleteStmt{keywords: p.keywords()}
	p.accept("FROM")
	st.table = p.tableName()
	st.alias = p.optionalAlias()
	if p.accept("FROM") {
		st.from = p.from()
	}
	st.where = p.whereClause()
	return st
}

func (p *parser) truncate() any {
	p.expect("TRUNCATE")
	k := p.keywords()
	p.expect("TABLE")
	for w := range p.keywords() {
		k[w] = true
	}
	return &truncateStmt{keywords: k, table: p.tableName()}
}

// textLiteral reads 'text'.
func (p *parser) textLiteral() string {
	t := p.next()
	if t.kind != tokenString {
		p.at--
		p.unexpected("string")
	}
	return t.text
}

// description reads the text of %DESCRIPTION. The class keeps line ends as blanks and tabs, which is how programs that
// read it back know them.
func (p *parser) description() string {
	return strings.ReplaceAll(p.textLiteral(), "\n", " \t\t\t")
}

// braces reads {code} and returns what stands between.
func (p *parser) braces() string {
	start := p.peek()
	p.expect("{")
	for depth := 1; ; {
		t := p.next()
		switch {
		case t.kind == tokenEnd:
			p.unexpected("}")
		case t.kind == tokenSign && t.upper == "{":
			depth++
		case t.kind == tokenSign && t.upper == "}":
			if depth--; depth == 0 {
				return strings.TrimSpace(p.sql[start.end:t.pos])
			}
		}
	}
}
