package engine

import (
	"errors"
	"strconv"
	"strings"
)

func (p *parser) expressions() (list []expr) {
	for {
		list = append(list, p.expression())
		if !p.sign(",") {
			return list
		}
	}
}

// expressionsUntil reads the rest of a list in parentheses.
func (p *parser) expressionsUntil() (list []expr) {
	if p.sign(")") {
		return nil
	}
	for {
		list = append(list, p.condition())
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	return list
}

// expression reads || + - * / and what binds closer. IRIS evaluates + - * / with the usual precedence.
func (p *parser) expression() expr {
	defer p.deeper()()
	left := p.sum()
	for p.sign("||") {
		left = &binary{"||", left, p.sum()}
	}
	return left
}

func (p *parser) sum() expr {
	left := p.product()
	for {
		op := p.acceptAny("+", "-")
		if op == "" {
			return left
		}
		left = &binary{op, left, p.product()}
	}
}

func (p *parser) product() expr {
	left := p.unaryTerm()
	for {
		op := p.acceptAny("*", "/", "\\", "#")
		if op == "" {
			return left
		}
		left = &binary{op, left, p.unaryTerm()}
	}
}

func (p *parser) unaryTerm() expr {
	if op := p.acceptAny("-", "+"); op != "" {
		defer p.deeper()()
		x := p.unaryTerm()
		if l, ok := x.(*literal); ok && op == "-" {
			switch v := l.value.(type) {
			case int64:
				return &literal{-v}
			case Decimal:
				return &literal{Decimal{-v.Mantissa, v.Exponent}}
			case float64:
				return &literal{-v}
			}
		}
		return &unary{op, x}
	}
	return p.primary()
}

func (p *parser) primary() expr {
	defer p.deeper()()
	t := p.peek()
	switch t.kind {
	case tokenString:
		p.at++
		return &literal{emptyIfNUL(t.text)}
	case tokenNumber:
		p.at++
		return &literal{numberLiteral(t.text)}
	case tokenParam:
		p.at++
		return &param{t.n}
	case tokenQuoted:
		return p.reference()
	case tokenWord:
		return p.wordTerm(t)
	case tokenSign:
		switch t.upper {
		case "(":
			p.at++
			if p.is("SELECT") || p.is("WITH") || p.startsQuery() {
				q := p.query()
				p.expect(")")
				return &subquery{q}
			}
			x := p.condition()
			p.expect(")")
			return x
		case "{":
			return p.escape()
		}
	}
	panic(refuse(-12, " A term expected, beginning with either of:  identifier, constant, aggregate, $$, :, (, NOT, EXISTS, FOR or <subquery>^%s",
		p.shown(t)))
}

// numberLiteral keeps the digits that 64 bits hold; more become a double (Using InterSystems SQL, Numeric Literals).
func numberLiteral(text string) any {
	d, err := parseDecimal(text)
	if err != nil {
		f, _ := strconv.ParseFloat(text, 64)
		var syntax *strconv.NumError
		if errors.As(err, &syntax) {
			return f
		}
		return roundDecimal(text)
	}
	return d.value()
}

// escape reads {d '…'}, {t '…'}, {ts '…'}, {fn …} and {oj …} (InterSystems SQL Reference, Date and Time Constructs).
func (p *parser) escape() expr {
	p.expect("{")
	kind := strings.ToUpper(p.anyWord())
	var x expr
	switch kind {
	case "D", "T", "TS":
		t := p.next()
		if t.kind == tokenParam {
			x = &call{name: "{" + kind + "}", args: []expr{&param{t.n}}, text: kind}
			break
		}
		if t.kind != tokenString {
			p.at--
			p.unexpected("string")
		}
		x = &call{name: "{" + kind + "}", args: []expr{&literal{t.text}}, text: kind}
	case "FN":
		x = p.primary()
		if c, ok := x.(*call); ok && c.name == "IFNULL" {
			c.name = "NVL" // the function of ODBC, not that of IRIS
		}
	default:
		panic(refuse(-1, " Unknown escape {%s}", clean(kind)))
	}
	p.expect("}")
	return x
}

// reference reads a column, qualified or not, or a function with a schema.
func (p *parser) reference() expr {
	start := p.peek()
	quoted := start.kind == tokenQuoted
	parts := []string{p.anyWord()}
	for p.is(".") {
		p.at++
		if p.sign("*") {
			return star{parts}
		}
		quoted = p.peek().kind == tokenQuoted
		parts = append(parts, p.anyWord())
		if len(parts) > 3 {
			p.unexpected("identifier")
		}
	}
	if p.is("(") && len(parts) > 1 {
		p.at++
		c := &call{name: strings.ToUpper(strings.Join(parts, ".")), text: parts[len(parts)-1]}
		c.args = p.expressionsUntil()
		return c
	}
	last := len(parts) - 1
	return &field{parts[:last], parts[last], quoted}
}
