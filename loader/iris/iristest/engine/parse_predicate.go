package engine

// condition reads an expression with AND, OR and NOT.
func (p *parser) condition() expr {
	defer p.deeper()()
	left := p.conjunction()
	for p.accept("OR") {
		left = &binary{"OR", left, p.conjunction()}
	}
	return left
}

func (p *parser) conjunction() expr {
	left := p.negation()
	for p.accept("AND") {
		left = &binary{"AND", left, p.negation()}
	}
	return left
}

func (p *parser) negation() expr {
	if p.accept("NOT") {
		defer p.deeper()()
		return &unary{"NOT", p.negation()}
	}
	return p.predicate()
}

var comparisons = []string{"=", "<>", "!=", "^=", "<=", ">=", "<", ">"}

// predicate reads an expression and what compares it (InterSystems SQL Reference, Overview of Predicates).
func (p *parser) predicate() expr {
	if p.is("EXISTS", "(") {
		p.at += 2
		q := p.query()
		p.expect(")")
		return &exists{q}
	}
	p.acceptAny("%NOINDEX")
	x := p.expression()
	for {
		not := p.is("NOT") && !p.is("NOT", "NULL")
		if not {
			p.at++
		}
		switch {
		case p.accept("IS"):
			x = p.isPredicate(x)
		case p.accept("BETWEEN"):
			low := p.expression()
			p.expect("AND")
			x = &between{x, low, p.expression(), not}
		case p.accept("IN"):
			x = p.inPredicate(x, not)
		case p.is("LIKE"), p.is("%STARTSWITH"), p.is("["):
			l := &like{x: x, op: p.next().upper, not: not}
			l.pattern = p.expression()
			if l.op == "LIKE" && p.accept("ESCAPE") {
				l.escape = p.expression()
			}
			x = l
		case not:
			p.unexpected("BETWEEN, IN, LIKE or %STARTSWITH")
		default:
			op := p.acceptAny(comparisons...)
			if op == "" {
				return x
			}
			if op == "!=" || op == "^=" {
				op = "<>"
			}
			x = p.comparison(op, x)
		}
	}
}

func (p *parser) comparison(op string, x expr) expr {
	which := ""
	if p.is("ANY", "(") || p.is("SOME", "(") || p.is("ALL", "(") {
		which = p.next().upper
		p.expect("(")
		q := p.query()
		p.expect(")")
		return &quantity{op: op, x: x, all: which == "ALL", query: q}
	}
	return &binary{op, x, p.expression()}
}

func (p *parser) isPredicate(x expr) expr {
	not := p.accept("NOT")
	if p.accept("NULL") {
		return &isNull{x, not}
	}
	p.unexpected("NULL")
	return nil
}

func (p *parser) inPredicate(x expr, not bool) expr {
	p.expect("(")
	if p.is("SELECT") || p.is("WITH") || p.startsQuery() {
		q := p.query()
		p.expect(")")
		return &inQuery{x, q, not}
	}
	list := p.expressionsUntil()
	if list == nil {
		p.unexpected("value")
	}
	return &inList{x, list, not}
}
