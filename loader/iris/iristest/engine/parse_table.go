package engine

import "strings"

// createTable reads what follows CREATE TABLE (InterSystems SQL Reference, CREATE TABLE).
func (p *parser) createTable(temporary bool) any {
	st := &createTable{temporary: temporary, parameters: map[string]string{}}
	st.ifNotExists = p.accept("IF", "NOT", "EXISTS")
	st.table = p.tableName()
	if p.accept("AS") {
		paren := p.sign("(")
		st.query = p.query()
		if paren {
			p.expect(")")
		}
		p.tableOptions(st)
		return st
	}
	p.expect("(")
	for {
		p.tableElement(st)
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	p.tableOptions(st)
	return st
}

func (p *parser) tableElement(st *createTable) {
	switch {
	case p.accept("%PUBLICROWID"):
		st.publicRowID = true
	case p.accept("%DESCRIPTION"):
		st.description = p.description()
	case p.accept("%CLASSPARAMETER"):
		p.classParameter(st.parameters)
	case p.acceptAny("%FILE", "%ROUTINE") != "":
		p.textLiteral()
	case p.accept("%NUMROWS"):
		p.number()
	case p.startsConstraint():
		switch k := p.tableConstraint().(type) {
		case keySpec:
			st.keys = append(st.keys, k)
		case foreignSpec:
			st.foreign = append(st.foreign, k)
		}
	default:
		c := p.column()
		st.columns = append(st.columns, c)
		if c.references != nil {
			st.foreign = append(st.foreign, *c.references)
		}
	}
}

func (p *parser) classParameter(into map[string]string) {
	key := strings.ToUpper(p.anyWord())
	p.sign("=")
	into[key] = p.parameterValue()
}

// tableOptions reads WITH …, SHARD and the like after the columns.
func (p *parser) tableOptions(st *createTable) {
	if p.is("SHARD") || p.is("PARTITION") {
		panic(refuse(-400, "sharding and partitions are not supported"))
	}
	if !p.accept("WITH") {
		return
	}
	for {
		switch {
		case p.accept("%CLASSPARAMETER"):
			p.classParameter(st.parameters)
		case p.accept("STORAGETYPE"):
			p.sign("=")
			if p.acceptAny("ROW", "COLUMNAR") == "" {
				p.unexpected("ROW")
			}
		default:
			p.unexpected("%CLASSPARAMETER")
		}
		if !p.sign(",") {
			return
		}
	}
}

func (p *parser) startsConstraint() bool {
	return p.is("CONSTRAINT") || p.is("PRIMARY", "KEY") || p.is("UNIQUE") || p.is("FOREIGN", "KEY")
}

// tableConstraint reads a constraint and returns a keySpec or a foreignSpec.
func (p *parser) tableConstraint() any {
	name := ""
	if p.accept("CONSTRAINT") {
		name = p.constraintName()
	}
	switch {
	case p.accept("PRIMARY", "KEY"):
		return keySpec{name: name, primary: true, columns: p.names()}
	case p.accept("UNIQUE"):
		return keySpec{name: name, columns: p.names()}
	case p.accept("FOREIGN", "KEY"):
		f := foreignSpec{name: name}
		if name == "" && !p.is("(") {
			f.name = p.constraintName()
		}
		f.columns = p.names()
		p.references(&f)
		return f
	}
	p.unexpected("PRIMARY KEY, UNIQUE or FOREIGN KEY")
	return nil
}

// constraintName reads the name of a constraint, which may hold signs that other names may not.
func (p *parser) constraintName() string { return p.word() }

func (p *parser) references(f *foreignSpec) {
	p.expect("REFERENCES")
	f.table = p.tableName()
	if p.is("(") {
		f.refColumns = p.fieldNames()
	}
	f.onDelete, f.onUpdate = "NO ACTION", "NO ACTION"
	for {
		switch {
		case p.accept("ON", "DELETE"):
			f.onDelete = p.action()
		case p.accept("ON", "UPDATE"):
			f.onUpdate = p.action()
		case p.accept("NOCHECK"), p.accept("%NOCHECK"):
			f.noCheck = true
		default:
			return
		}
	}
}

func (p *parser) action() string {
	switch {
	case p.accept("NO", "ACTION"):
		return "NO ACTION"
	case p.accept("SET", "NULL"):
		return "SET NULL"
	case p.accept("SET", "DEFAULT"):
		return "SET DEFAULT"
	case p.accept("CASCADE"):
		return "CASCADE"
	}
	p.unexpected("NO ACTION, SET NULL, SET DEFAULT or CASCADE")
	return ""
}

// column reads the definition of a column.
func (p *parser) column() columnSpec {
	c := columnSpec{name: p.namePart()}
	if p.accept("IDENTITY") {
		c.identity, c.typ = true, typeSpec{name: "BIGINT"}
		if p.is("(") {
			p.typeArgs()
		}
	} else {
		c.typ = p.typeSpec()
	}
	for p.columnConstraint(&c) {
	}
	return c
}

func (p *parser) columnConstraint(c *columnSpec) bool {
	name := ""
	if p.accept("CONSTRAINT") {
		name = p.constraintName()
	}
	switch {
	case p.accept("NOT", "NULL"):
		c.notNull = true
	case p.accept("NULL"):
	case p.accept("PRIMARY", "KEY"):
		c.primary, c.primaryName, c.notNull = true, name, true
	case p.accept("UNIQUE"):
		c.isUnique, c.unique = true, name
	case p.accept("IDENTITY"):
		c.identity = true
		if p.is("(") {
			p.typeArgs()
		}
	case p.accept("AUTO_INCREMENT"):
		c.autoInc = true
	case p.accept("DEFAULT"):
		c.hasDefault = true
		c.def, c.defText = p.defaultSpec()
	case p.accept("ON", "UPDATE"):
		c.onUpdate, _ = p.defaultSpec()
	case p.accept("COLLATE"):
		c.collate = p.collation()
	case p.accept("%DESCRIPTION"):
		c.description = p.description()
	case p.accept("PRIVATE"):
		c.private = true
	case p.accept("CALCULATED"):
		c.calculated = true
	case p.accept("TRANSIENT"):
		c.transient = true
	case p.accept("COMPUTECODE"):
		p.acceptAny("OBJECTSCRIPT", "PYTHON")
		c.compute = p.braces()
	case p.accept("COMPUTEONCHANGE"):
		c.computeOn = p.changeNames()
	case p.is("REFERENCES"):
		f := foreignSpec{name: name, columns: []string{c.name}}
		p.references(&f)
		c.references = &f
	case p.is("CHECK"):
		panic(refuse(-1, " CHECK constraints are not supported"))
	case name != "":
		p.unexpected("constraint")
	default:
		return false
	}
	return true
}

// changeNames reads the columns of COMPUTEONCHANGE; "%%UPDATE" stands for any.
func (p *parser) changeNames() (list []string) {
	p.expect("(")
	for {
		list = append(list, p.anyWord())
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	return list
}

// defaultSpec reads the value after DEFAULT: a literal, a parenthesised one, or a keyword.
func (p *parser) defaultSpec() (expr, string) {
	start := p.peek()
	var x expr
	if p.accept("OBJECTSCRIPT") {
		code := p.textLiteral()
		panic(refuse(-1, " DEFAULT OBJECTSCRIPT '%s' is not supported", clean(code)))
	}
	x = p.unaryTerm()
	switch v := x.(type) {
	case *literal:
		return x, defaultText(v.value)
	case *call:
		return x, strings.TrimSpace(p.sql[start.pos:p.tokens[p.at-1].end])
	}
	panic(refuse(-1, " Invalid DEFAULT value"))
}
