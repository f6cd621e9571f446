package engine

// parser reads one statement by recursive descent. Inside it errors travel as panics of *Error.
type parser struct {
	sql    string
	tokens []token
	at     int
	depth  int
	params int // the highest number of a parameter
	multi  bool
}

// maxDepth bounds how deep expressions and queries nest; SQLite's own limit for expressions is 1000.
const maxDepth = 300

// parse reads one statement. multi allows several rows of VALUES.
func parse(sql string, multi bool) (stmt any, params int, err error) {
	tokens, err := tokenize(sql)
	if err != nil {
		return nil, 0, err
	}
	p := &parser{sql: sql, tokens: tokens, multi: multi}
	for _, t := range tokens {
		p.params = max(p.params, t.n)
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *Error:
			stmt, err = nil, e
		default:
			panic(e)
		}
	}()
	stmt = p.statement()
	p.sign(";")
	if t := p.peek(); t.kind != tokenEnd {
		panic(refuse(-25, " Input (%s) encountered after end of query", p.shown(t)))
	}
	return stmt, p.params, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) peekAt(n int) token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

// shown is a token as the messages name it.
func (p *parser) shown(t token) string {
	if t.kind == tokenEnd {
		return "end of statement"
	}
	text := p.sql[t.pos:t.end]
	if len(text) > 60 {
		text = text[:60]
	}
	return clean(text)
}

// is says whether the next tokens are these words, or signs.
func (p *parser) is(words ...string) bool {
	for i, w := range words {
		t := p.peekAt(i)
		if t.kind != tokenWord && t.kind != tokenSign || t.upper != w {
			return false
		}
	}
	return true
}

// accept passes these words if they are next.
func (p *parser) accept(words ...string) bool {
	if !p.is(words...) {
		return false
	}
	p.at += len(words)
	return true
}

// acceptAny passes one of the words, and says which.
func (p *parser) acceptAny(words ...string) string {
	for _, w := range words {
		if p.accept(w) {
			return w
		}
	}
	return ""
}

func (p *parser) expect(words ...string) {
	for _, w := range words {
		if !p.accept(w) {
			p.unexpected(w)
		}
	}
}

func (p *parser) sign(s string) bool { return p.accept(s) }

// unexpected gives up at the next token.
func (p *parser) unexpected(wanted string) {
	panic(refuse(-1, " %s expected, %s found", wanted, p.shown(p.peek())))
}

func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxDepth {
		panic(refuse(-400, "statement nested too deeply"))
	}
	return func() { p.depth-- }
}

// statement reads what the first word announces.
func (p *parser) statement() any {
	t := p.peek()
	switch t.upper {
	case "SELECT", "WITH", "(", "VALUES":
		return p.queryStatement()
	case "INSERT":
		return p.insert()
	case "UPDATE":
		return p.updateStatement()
	case "DELETE":
		return p.deleteStatement()
	case "TRUNCATE":
		return p.truncate()
	case "CREATE":
		return p.create()
	case "DROP":
		return p.drop()
	case "ALTER":
		return p.alter()
	}
	if s := p.administration(); s != nil {
		return s
	}
	if t.kind == tokenEnd {
		panic(refuse(-51, " SQL statement expected, end of statement found"))
	}
	panic(refuse(-51, " SQL statement expected, %s found", p.shown(t)))
}
