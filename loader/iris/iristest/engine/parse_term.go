package engine

import "strings"

// wordTerm reads a term that begins with a word: NULL, CASE, CAST, a function, or a column.
func (p *parser) wordTerm(t token) expr {
	switch t.upper {
	case "NULL":
		p.at++
		return &literal{nil}
	case "CASE":
		return p.caseTerm()
	case "CAST":
		return p.castTerm()
	case "CONVERT":
		return p.convertTerm()
	case "INTERVAL", "SELECT", "FROM", "WHERE":
		p.unexpected("a term")
	}
	follows := p.peekAt(1)
	if follows.kind == tokenSign && follows.upper == "(" {
		return p.function(t)
	}
	if niladic[t.upper] && !(follows.kind == tokenSign && follows.upper == ".") {
		p.at++
		return &call{name: t.upper, text: t.text}
	}
	if prefixes[t.upper] {
		p.at++
		return &call{name: t.upper, args: []expr{p.primary()}, text: t.text}
	}
	if strings.HasPrefix(t.text, "$") {
		p.unexpected("special variable")
	}
	if reserved[t.upper] && t.upper != "%ID" && t.upper != "%TABLENAME" && t.upper != "%CLASSNAME" && !(follows.kind == tokenSign && follows.upper == ".") {
		panic(refuse(-12, " A term expected, beginning with either of:  identifier, constant, aggregate, $$, :, (, NOT, EXISTS, FOR or <subquery>^%s", p.shown(t)))
	}
	return p.reference()
}

// niladic are the functions and special variables that stand without parentheses.
var niladic = wordSet(`CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP SYSDATE USER CURRENT_USER SESSION_USER SYSTEM_USER
	$HOROLOG $H $JOB $J $NAMESPACE $TLEVEL $TL $USERNAME $ZVERSION $ZV $ZTIMESTAMP $ZTS`)

// prefixes are the collation functions, which need no parentheses (InterSystems SQL Reference, %EXACT).
var prefixes = wordSet(`%EXACT %SQLUPPER %SQLSTRING %ALPHAUP %UPPER %STRING %MVR %TRUNCATE %INTERNAL %EXTERNAL
	%ODBCOUT %ODBCIN %MINUS %PLUS`)

// function reads name(…), with what some names have of their own between the parentheses.
func (p *parser) function(t token) expr {
	p.at += 2
	c := &call{name: t.upper, text: t.text}
	switch t.upper {
	case "COUNT", "SUM", "AVG", "MIN", "MAX", "LIST", "STDDEV", "STDDEV_SAMP", "STDDEV_POP", "VARIANCE", "VAR_SAMP", "VAR_POP":
		return p.aggregate(c)
	case "SUBSTRING":
		c.args = []expr{p.condition()}
		if p.accept("FROM") {
			c.args = append(c.args, p.expression())
			if p.accept("FOR") {
				c.args = append(c.args, p.expression())
			}
			p.expect(")")
			return c
		}
		if p.sign(",") {
			c.args = append(c.args, p.expressionsUntil()...)
		} else {
			p.expect(")")
		}
		return c
	case "TRIM":
		return p.trim(c)
	case "POSITION":
		c.args = []expr{p.expression()}
		p.expect("IN")
		c.args = append(c.args, p.expression())
		p.expect(")")
		return c
	case "EXTRACT":
		c.args = []expr{&literal{strings.ToUpper(p.anyWord())}}
		p.expect("FROM")
		c.args = append(c.args, p.expression())
		p.expect(")")
		return c
	case "TO_VECTOR":
		c.args = []expr{p.expression()}
		for p.sign(",") {
			if x := p.peek(); x.kind == tokenWord {
				p.at++
				c.args = append(c.args, &literal{x.upper})
			} else if x.kind == tokenNumber {
				c.args = append(c.args, p.primary())
			} else {
				p.unexpected("element type of the vector") // the type may not be a parameter
			}
		}
		p.expect(")")
		return c
	case "TIMESTAMPADD", "TIMESTAMPDIFF", "DATEADD", "DATEDIFF", "DATEPART", "DATENAME":
		if x := p.peek(); x.kind == tokenWord {
			p.at++
			c.args = []expr{&literal{x.upper}}
		} else {
			c.args = []expr{p.expression()}
		}
		p.expect(",")
		c.args = append(c.args, p.expressionsUntil()...)
		return c
	}
	c.args = p.expressionsUntil()
	if windowOnly[t.upper] {
		if !p.is("OVER") {
			p.unexpected("OVER")
		}
	}
	p.over(c)
	return c
}

// windowOnly are the functions that need OVER.
var windowOnly = wordSet(`ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST NTILE LAG LEAD FIRST_VALUE LAST_VALUE NTH_VALUE`)

func (p *parser) aggregate(c *call) expr {
	switch {
	case c.name == "COUNT" && p.sign("*"):
		c.star = true
		p.expect(")")
	default:
		if p.accept("DISTINCT") {
			c.distinct = true
		} else {
			p.accept("ALL")
		}
		c.args = p.expressionsUntil()
		if len(c.args) != 1 {
			p.unexpected("one argument of " + c.name)
		}
	}
	p.over(c)
	return c
}

// over reads OVER (PARTITION BY … ORDER BY …).
func (p *parser) over(c *call) {
	if !p.accept("OVER") {
		return
	}
	p.expect("(")
	c.over = &window{}
	if p.accept("PARTITION", "BY") {
		c.over.partition = p.expressions()
	}
	if p.accept("ORDER", "BY") {
		c.over.order = p.orderItems()
	}
	p.expect(")")
}

func (p *parser) trim(c *call) expr {
	side := p.acceptAny("LEADING", "TRAILING", "BOTH")
	if side == "" {
		side = "BOTH"
	}
	chars := expr(&literal{" "})
	x := expr(nil)
	if p.accept("FROM") {
		x = p.expression()
	} else {
		x = p.expression()
		if p.accept("FROM") {
			chars, x = x, p.expression()
		}
	}
	p.expect(")")
	c.args = []expr{&literal{side}, chars, x}
	return c
}

func (p *parser) caseTerm() expr {
	p.expect("CASE")
	c := &caseExpr{}
	if !p.is("WHEN") {
		c.operand = p.expression()
	}
	for p.accept("WHEN") {
		var w [2]expr
		w[0] = p.condition()
		p.expect("THEN")
		w[1] = p.condition()
		c.whens = append(c.whens, w)
	}
	if c.whens == nil {
		p.unexpected("WHEN")
	}
	if p.accept("ELSE") {
		c.other = p.condition()
	}
	p.expect("END")
	return c
}

func (p *parser) castTerm() expr {
	p.expect("CAST", "(")
	x := p.condition()
	p.expect("AS")
	to := p.typeSpec()
	p.expect(")")
	return &cast{x, to, "CAST"}
}

// convertTerm reads CONVERT(type, x [, format]) and {fn CONVERT(x, SQL_type)}.
func (p *parser) convertTerm() expr {
	p.expect("CONVERT", "(")
	mark := p.at
	if t := p.peek(); t.kind == tokenWord && typeNames[t.upper] != "" {
		to := p.typeSpec()
		if p.sign(",") {
			x := p.expression()
			if p.sign(",") {
				p.expression() // format code of dates as text
				panic(refuse(-1, " CONVERT with a format is not supported"))
			}
			p.expect(")")
			return &cast{x, to, "CONVERT"}
		}
	}
	p.at = mark
	x := p.expression()
	p.expect(",")
	t := p.next()
	to, ok := strings.CutPrefix(t.upper, "SQL_")
	if t.kind != tokenWord || !ok {
		p.at--
		p.unexpected("SQL_ type")
	}
	spec := typeSpec{name: to}
	if p.is("(") {
		spec.args = p.typeArgs()
	}
	p.expect(")")
	return &cast{x, spec, "CONVERT"}
}
