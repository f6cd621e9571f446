package engine

// queryStatement reads a query that is a statement by itself.
func (p *parser) queryStatement() *selectStmt {
	q := p.query()
	return q
}

// query reads [WITH …] SELECT … [UNION …] [ORDER BY …] [LIMIT …] (InterSystems SQL Reference, SELECT, UNION, WITH).
func (p *parser) query() *selectStmt {
	defer p.deeper()()
	start := p.peek().pos
	q := &selectStmt{}
	if p.accept("WITH") {
		p.accept("RECURSIVE")
		for {
			ct := commonTable{name: p.word()}
			if p.is("(") {
				ct.columns = p.names()
			}
			p.expect("AS", "(")
			ct.query = p.query()
			p.expect(")")
			q.with = append(q.with, ct)
			if !p.sign(",") {
				break
			}
		}
	}
	p.cores(q)
	p.queryEnd(q)
	q.text = p.sql[start:p.tokens[max(p.at-1, 0)].end]
	return q
}

// cores reads SELECTs joined by UNION. One in parentheses that has an order or a limit of its own becomes a query in FROM.
func (p *parser) cores(q *selectStmt) {
	for {
		if p.is("(") {
			p.at++
			inner := p.query()
			p.expect(")")
			if inner.with == nil && inner.order == nil && inner.limit == nil && inner.offset == nil && len(q.cores) == 0 {
				q.cores, q.ops = inner.cores, inner.ops
			} else {
				q.cores = append(q.cores, selectCore{
					items: []selectItem{{x: star{}}},
					from:  &fromItem{query: inner, alias: "%inner"},
				})
			}
		} else {
			q.cores = append(q.cores, p.core())
		}
		if len(q.cores) > 1000 {
			panic(refuse(-400, "too many SELECTs in a UNION"))
		}
		op := p.acceptAny("UNION", "EXCEPT", "INTERSECT", "MINUS")
		if op == "" {
			return
		}
		if op == "MINUS" {
			p.unexpected("end of query")
		}
		p.acceptAny("%PARALLEL")
		if p.accept("ALL") {
			if op != "UNION" {
				p.unexpected("SELECT")
			}
			op = "UNION ALL"
		} else {
			p.accept("DISTINCT")
		}
		q.ops = append(q.ops, op)
	}
}

func (p *parser) core() selectCore {
	p.expect("SELECT")
	var c selectCore
	p.selectKeywords(&c)
	for {
		c.items = append(c.items, p.item())
		if len(c.items) > 1000 {
			panic(refuse(-400, "more than 1000 select items")) // Using InterSystems SQL, Querying the Database
		}
		if !p.sign(",") {
			break
		}
	}
	if p.accept("FROM") {
		for p.acceptAny("%PARALLEL", "%ALLINDEX", "%FULL", "%INORDER", "%NOFLATTEN", "%NOMERGE", "%NOREDUCE", "%NOSVSO", "%NOTOPOPT", "%NOUNIONOROPT") != "" {
		}
		c.from = p.from()
	}
	if p.accept("WHERE") {
		c.where = p.condition()
	}
	if p.accept("GROUP", "BY") {
		c.group = p.expressions()
	}
	if p.accept("HAVING") {
		c.having = p.condition()
	}
	return c
}

// selectKeywords reads DISTINCT, TOP and the % options between SELECT and the items, in any order that the manual has.
func (p *parser) selectKeywords(c *selectCore) {
	for {
		switch {
		case p.accept("DISTINCT"):
			c.distinct = true
			if p.accept("BY", "(") {
				c.distinctBy = p.expressionsUntil()
			}
		case p.accept("ALL"):
		case p.accept("TOP"):
			c.top = p.top()
		case p.acceptAny("%NOLOCK", "%NOFPLAN", "%NOCHECK", "%NOINDEX", "%NOTRIGGER", "%NORUNTIME", "%PROFILE", "%PROFILE_ALL") != "":
			c.nolock = true
		default:
			return
		}
	}
}

func (p *parser) top() expr {
	t := p.peek()
	switch {
	case p.accept("ALL"):
		return nil
	case t.kind == tokenParam, t.kind == tokenNumber:
		return p.primary()
	case p.accept("("):
		x := p.expression()
		p.expect(")")
		return x
	}
	p.unexpected("TOP value")
	return nil
}

func (p *parser) item() selectItem {
	start := p.peek()
	if p.sign("*") {
		return selectItem{x: star{}}
	}
	x := p.condition()
	item := selectItem{x: x, text: p.sql[start.pos:p.tokens[p.at-1].end]}
	if p.accept("AS") {
		item.alias = p.aliasName()
	} else if t := p.peek(); t.kind == tokenQuoted || t.kind == tokenWord && !reserved[t.upper] && !notAlias[t.upper] {
		item.alias = p.aliasName()
	}
	return item
}

// aliasName reads a name that a result column gets: any that is delimited.
func (p *parser) aliasName() string {
	if t := p.peek(); t.kind == tokenQuoted && t.text != "" {
		p.at++
		return t.text
	}
	return p.word()
}

// queryEnd reads ORDER BY, LIMIT, OFFSET and FETCH.
func (p *parser) queryEnd(q *selectStmt) {
	if p.accept("ORDER", "BY") {
		q.order = p.orderItems()
	}
	fetch := false
	switch {
	case p.accept("LIMIT"):
		q.limit = p.top()
		if p.accept("OFFSET") {
			q.offset = p.top()
		}
		fetch = true
	case p.accept("OFFSET"):
		q.offset = p.top()
		p.acceptAny("ROW", "ROWS")
		fetch = true
	}
	if q.limit == nil && p.accept("FETCH") {
		if p.acceptAny("FIRST", "NEXT") == "" {
			p.unexpected("FIRST")
		}
		q.limit = &literal{int64(1)}
		if t := p.peek(); t.kind == tokenNumber || t.kind == tokenParam {
			q.limit = p.top()
		}
		if p.acceptAny("ROW", "ROWS") == "" {
			p.unexpected("ROWS")
		}
		p.expect("ONLY")
		fetch = true
	}
	if fetch {
		for _, c := range q.cores {
			if c.top != nil {
				panic(refuse(-386, " TOP cannot be combined with LIMIT, OFFSET or FETCH"))
			}
		}
	}
	p.accept("%PARALLEL")
}

func (p *parser) orderItems() (list []orderItem) {
	for {
		o := orderItem{x: p.expression()}
		if p.accept("DESC") {
			o.desc = true
		} else {
			p.accept("ASC")
		}
		list = append(list, o)
		if !p.sign(",") {
			return list
		}
	}
}
