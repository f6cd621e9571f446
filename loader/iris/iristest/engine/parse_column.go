package engine

import "strings"

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
