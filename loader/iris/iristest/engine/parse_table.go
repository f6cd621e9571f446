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
