package engine

import "strings"

// create reads what may follow CREATE.
func (p *parser) create() any {
	p.expect("CREATE")
	replace := p.accept("OR", "REPLACE")
	switch {
	case !replace && p.accept("TABLE"):
		return p.createTable(false)
	case !replace && (p.accept("GLOBAL", "TEMPORARY", "TABLE") || p.accept("LOCAL", "TEMPORARY", "TABLE")):
		return p.createTable(true)
	case p.accept("VIEW"):
		return p.createView(replace)
	case !replace && p.accept("DATABASE"):
		return p.createDatabase()
	case !replace && p.accept("SCHEMA"):
		ifNot := p.accept("IF", "NOT", "EXISTS")
		return &createSchema{schema: p.namePart(), ifNot: ifNot}
	case !replace && p.accept("USER"):
		st := &createUser{name: p.anyWord()}
		p.expect("IDENTIFY", "BY")
		p.next()
		return st
	case !replace:
		return p.createIndex()
	}
	p.unexpected("TABLE, VIEW or INDEX")
	return nil
}

// createIndex reads [UNIQUE | BITMAP …] INDEX (InterSystems SQL Reference, CREATE INDEX).
func (p *parser) createIndex() any {
	st := &createIndex{}
	for {
		switch w := p.acceptAny("UNIQUE", "BITMAP", "BITMAPEXTENT", "BITSLICE", "COLUMNAR"); {
		case w == "UNIQUE":
			st.unique = true
			continue
		case w != "":
			st.kind = w
			continue
		}
		break
	}
	p.expect("INDEX")
	st.ifNotExists = p.accept("IF", "NOT", "EXISTS")
	st.index = p.word()
	if p.accept("ON") {
		p.accept("TABLE")
	} else {
		p.expect("TABLE")
	}
	st.table = p.tableName()
	if st.kind == "BITMAPEXTENT" && !p.is("(") {
		return st
	}
	p.expect("(")
	for {
		c := indexColumn{name: p.namePart()}
		if p.accept("DESC") {
			c.desc = true
		} else {
			p.accept("ASC")
		}
		st.columns = append(st.columns, c)
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	if p.accept("WITH", "DATA") {
		st.data = p.names()
	}
	if p.accept("AS") {
		if p.is("HNSW") {
			p.at++
			st.kind = "HNSW"
			if p.is("(") {
				p.at++
				for !p.sign(")") {
					if p.next().kind == tokenEnd {
						p.unexpected(")")
					}
				}
			}
		} else {
			panic(refuse(-1, " Unknown kind of index %s", p.shown(p.peek())))
		}
	}
	st.deferred = p.accept("DEFER")
	return st
}

func (p *parser) createView(replace bool) any {
	st := &createView{replace: replace}
	st.ifNot = p.accept("IF", "NOT", "EXISTS")
	st.view = p.tableName()
	if p.is("(") {
		st.columns = p.names()
	}
	p.expect("AS")
	st.query = p.query()
	if p.accept("WITH", "READ", "ONLY") {
		st.check = "READONLY"
	} else if p.accept("WITH") {
		st.check = p.acceptAny("LOCAL", "CASCADED")
		if st.check == "" {
			st.check = "CASCADED"
		}
		p.expect("CHECK", "OPTION")
	}
	return st
}

// createDatabase reads CREATE DATABASE (InterSystems SQL Reference, CREATE DATABASE).
func (p *parser) createDatabase() any {
	st := &createDatabase{parsed: map[string]string{}}
	st.ifNot = p.accept("IF", "NOT", "EXISTS")
	st.name = p.databaseName()
	if p.accept("ON", "DIRECTORY") {
		st.dir = p.textLiteral()
	}
	if p.accept("WITH") {
		for p.is("ENCRYPTED_DB") || p.is("GLOBAL_JOURNAL_STATE") {
			key := p.next().upper
			st.parsed[key] = "1"
			if p.sign("=") {
				st.parsed[key] = p.parameterValue()
			}
			p.sign(",")
		}
	}
	if state, ok := st.parsed["GLOBAL_JOURNAL_STATE"]; ok && !strings.EqualFold(state, "YES") && !strings.EqualFold(state, "NO") {
		panic(refuse(-1, " GLOBAL_JOURNAL_STATE must be YES or NO"))
	}
	return st
}

func (p *parser) databaseName() string {
	if t := p.peek(); t.kind == tokenQuoted {
		p.at++
		return t.text
	}
	return p.word()
}
