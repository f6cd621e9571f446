package engine

import "strings"

// typeSpec reads a data type (InterSystems SQL Reference, Data Types).
func (p *parser) typeSpec() typeSpec {
	t := p.peek()
	if t.kind != tokenWord && t.kind != tokenQuoted {
		p.unexpected("data type")
	}
	if strings.HasPrefix(t.text, "%") || t.kind == tokenQuoted || p.peekAt(1).upper == "." {
		return p.classSpec()
	}
	p.at++
	spec := typeSpec{name: t.upper}
	for _, second := range []string{"PRECISION", "VARYING", "VARCHAR", "VARBINARY", "RAW", "CHAR", "CHARACTER"} {
		if two := spec.name + " " + second; typeNames[two] != "" && p.accept(second) {
			spec.name = two
			if p.accept("VARYING") {
				spec.name += " VARYING"
			}
		}
	}
	if typeNames[spec.name] == "" {
		panic(refuse(-1, " Unknown data type %s", clean(spec.name)))
	}
	if p.is("(") {
		spec.args = p.typeArgs()
	}
	return spec
}

// typeArgs reads (10), (10,2), (”), (MAX), (double, 3).
func (p *parser) typeArgs() []string {
	p.expect("(")
	list := []string{}
	for {
		minus := ""
		if p.sign("-") {
			minus = "-"
		}
		switch t := p.next(); t.kind {
		case tokenNumber:
			list = append(list, minus+t.text)
		case tokenString, tokenQuoted:
			list = append(list, "'"+t.text)
		case tokenWord:
			list = append(list, t.upper)
		default:
			p.at--
			if p.sign(")") {
				return list
			}
			p.unexpected("argument of the data type")
		}
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	return list
}

// classSpec reads %Library.Date(MINVAL=-672045) or %Date.
func (p *parser) classSpec() typeSpec {
	class := p.anyWord()
	for p.sign(".") {
		class += "." + p.anyWord()
	}
	spec := typeSpec{name: class, class: true, params: map[string]string{}}
	if !p.sign("(") || p.sign(")") {
		return spec
	}
	for {
		key := strings.ToUpper(p.anyWord())
		p.expect("=")
		spec.params[key] = p.parameterValue()
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	return spec
}

// parameterValue reads the value of a parameter of a class: a number, a string or a word.
func (p *parser) parameterValue() string {
	minus := ""
	if p.sign("-") {
		minus = "-"
	}
	t := p.next()
	switch t.kind {
	case tokenNumber, tokenString, tokenQuoted, tokenWord:
		return minus + t.text
	}
	p.at--
	p.unexpected("value")
	return ""
}

// collation reads the name after COLLATE, with or without %, and its length.
func (p *parser) collation() string {
	w := strings.TrimPrefix(strings.ToUpper(p.anyWord()), "%")
	switch w {
	case "EXACT", "SQLUPPER", "SQLSTRING", "UPPER", "ALPHAUP", "STRING", "TRUNCATE", "MVR", "PLUS", "MINUS", "SPACE":
	default:
		panic(refuse(-1, " Unknown collation %s", clean(w)))
	}
	if p.sign("(") {
		p.number()
		p.expect(")")
	}
	return w
}
