package engine

// notAlias are words that are not reserved and yet end a list or a table.
var notAlias = wordSet(`ORDER LIMIT OFFSET EXCEPT INTERSECT MINUS WINDOW`)

// from reads tables and joins.
func (p *parser) from() *fromItem {
	left := p.joined()
	for p.sign(",") {
		left = &fromItem{join: ",", l: left, r: p.joined()}
	}
	return left
}

func (p *parser) joined() *fromItem {
	left := p.source()
	for n := 0; ; n++ {
		if n > maxDepth {
			panic(refuse(-400, "too many joins"))
		}
		kind, natural := "", p.accept("NATURAL")
		switch {
		case p.accept("CROSS", "JOIN"):
			kind = "CROSS"
		case p.accept("INNER", "JOIN"), p.accept("JOIN"):
			kind = "INNER"
		case p.accept("LEFT", "OUTER", "JOIN"), p.accept("LEFT", "JOIN"):
			kind = "LEFT"
		case p.accept("RIGHT", "OUTER", "JOIN"), p.accept("RIGHT", "JOIN"):
			kind = "RIGHT"
		case p.accept("FULL", "OUTER", "JOIN"), p.accept("FULL", "JOIN"):
			kind = "FULL"
		default:
			return left
		}
		if natural {
			p.unexpected("JOIN without NATURAL")
		}
		join := &fromItem{join: kind, l: left, r: p.source()}
		if kind != "CROSS" {
			if p.accept("USING") {
				join.using = p.names()
			} else {
				p.expect("ON")
				join.on = p.condition()
			}
		}
		left = join
	}
}

// source reads a table, a query in parentheses, or joins in parentheses.
func (p *parser) source() *fromItem {
	defer p.deeper()()
	item := &fromItem{}
	if p.sign("(") {
		if p.is("SELECT") || p.is("WITH") || p.is("(") && p.startsQuery() {
			item.query = p.query()
			p.expect(")")
		} else {
			item = p.from()
			p.expect(")")
			return item
		}
	} else {
		item.table = p.tableName()
		if p.sign("(") {
			item.args = p.expressionsUntil()
		}
	}
	if p.accept("AS") {
		item.alias = p.word()
	} else if t := p.peek(); t.kind == tokenQuoted || t.kind == tokenWord && !reserved[t.upper] && !notAlias[t.upper] {
		item.alias = p.word()
	}
	if item.query != nil && p.is("(") && item.alias != "" {
		item.values = p.names()
	}
	return item
}

// startsQuery looks past parentheses for a SELECT.
func (p *parser) startsQuery() bool {
	for i := 0; ; i++ {
		switch t := p.peekAt(i); {
		case t.kind == tokenSign && t.upper == "(":
		case t.kind == tokenWord && (t.upper == "SELECT" || t.upper == "WITH"):
			return true
		default:
			return false
		}
	}
}
