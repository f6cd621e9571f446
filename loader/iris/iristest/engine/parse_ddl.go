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

// drop reads what may follow DROP.
func (p *parser) drop() any {
	p.expect("DROP")
	switch {
	case p.accept("TABLE"):
		st := &dropTable{ifExists: p.accept("IF", "EXISTS")}
		st.table = p.tableName()
		for {
			switch p.acceptAny("RESTRICT", "CASCADE", "%NODELDATA", "%DELDATA") {
			case "CASCADE":
				st.cascade = true
				continue
			case "":
				return st
			}
		}
	case p.accept("VIEW"):
		st := &dropView{ifExists: p.accept("IF", "EXISTS")}
		st.view = p.tableName()
		st.cascade = p.acceptAny("CASCADE", "RESTRICT") == "CASCADE"
		return st
	case p.accept("INDEX"):
		st := &dropIndex{ifExists: p.accept("IF", "EXISTS")}
		st.index = p.word()
		if p.sign(".") { // schema.table.index
			st.table.object = st.index
			st.index = p.word()
			if p.sign(".") {
				st.table.schema, st.table.object = st.table.object, st.index
				st.index = p.word()
			}
			return st
		}
		if p.accept("ON") {
			p.accept("TABLE")
			st.table = p.tableName()
		} else if p.accept("TABLE") {
			st.table = p.tableName()
		}
		return st
	case p.accept("DATABASE"):
		st := &dropDatabase{ifExists: p.accept("IF", "EXISTS")}
		st.name = p.databaseName()
		st.retain = p.accept("RETAIN_FILES")
		return st
	case p.accept("SCHEMA"):
		st := &dropSchema{ifExists: p.accept("IF", "EXISTS")}
		st.schema = p.namePart()
		st.cascade = p.acceptAny("CASCADE", "RESTRICT") == "CASCADE"
		return st
	case p.accept("USER"):
		st := &dropUser{ifExists: p.accept("IF", "EXISTS")}
		st.name = p.anyWord()
		return st
	}
	p.unexpected("TABLE, VIEW, INDEX or DATABASE")
	return nil
}

// alter reads ALTER TABLE (InterSystems SQL Reference, ALTER TABLE).
func (p *parser) alter() any {
	p.expect("ALTER", "TABLE")
	st := &alterTable{table: p.tableName()}
	switch {
	case p.accept("ADD"):
		st.action = p.alterAdd()
	case p.accept("DROP"):
		st.action = p.alterDrop()
	case p.accept("ALTER"):
		p.accept("COLUMN")
		st.action = p.modify(true)
	case p.accept("MODIFY"):
		p.accept("COLUMN")
		st.action = p.modify(false)
	default:
		p.unexpected("ADD, DROP, ALTER or MODIFY")
	}
	return st
}

func (p *parser) alterAdd() any {
	if p.startsConstraint() {
		return p.tableConstraint()
	}
	p.accept("COLUMN")
	paren := p.sign("(")
	var list addColumns
	for {
		list = append(list, p.column())
		if !p.sign(",") {
			break
		}
	}
	if paren {
		p.expect(")")
	}
	return list
}

func (p *parser) alterDrop() any {
	switch {
	case p.accept("PRIMARY", "KEY"):
		return dropConstraint{kind: "PRIMARY KEY"}
	case p.accept("FOREIGN", "KEY"):
		return dropConstraint{kind: "FOREIGN KEY", name: p.constraintName()}
	case p.accept("CONSTRAINT"):
		d := dropConstraint{name: p.constraintName()}
		p.acceptAny("CASCADE", "RESTRICT")
		return d
	}
	p.accept("COLUMN")
	var list dropColumns
	paren := p.sign("(")
	for {
		list = append(list, p.namePart())
		if !p.sign(",") {
			break
		}
	}
	if paren {
		p.expect(")")
	}
	p.acceptAny("CASCADE", "RESTRICT", "%DELDATA", "%NODELDATA")
	return list
}

// modify reads what ALTER COLUMN or MODIFY changes of a column.
func (p *parser) modify(isAlter bool) any {
	m := modifyColumn{name: p.namePart()}
	switch {
	case p.accept("RENAME"):
		m.newName = p.namePart()
		return m
	case isAlter && p.accept("SET", "DEFAULT"):
		m.hasDef = true
		m.def, m.defText = p.defaultSpec()
		return m
	case isAlter && p.accept("DROP", "DEFAULT"):
		m.dropDef = true
		return m
	}
	if t := p.peek(); t.kind == tokenWord && (typeNames[t.upper] != "" || strings.HasPrefix(t.text, "%") && t.upper != "%DESCRIPTION") || t.kind == tokenQuoted {
		m.spec = &columnSpec{name: m.name, typ: p.typeSpec()}
	}
	for {
		switch {
		case p.accept("DEFAULT"), p.accept("SET", "DEFAULT"):
			m.hasDef = true
			m.def, m.defText = p.defaultSpec()
		case p.accept("DROP", "DEFAULT"):
			m.dropDef = true
		case p.accept("NOT", "NULL"):
			m.notNull = true
		case p.accept("NULL"):
			m.null = true
		case p.accept("COLLATE"):
			m.collate = p.collation()
		case p.accept("%DESCRIPTION"):
			m.setDesc, m.description = true, p.description()
		default:
			return m
		}
	}
}
