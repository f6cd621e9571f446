package engine

import (
	"fmt"
	"regexp"
	"strings"
)

// computePattern is the one form of compute code that is understood: set {*} =, or the column's name in its place, and an
// expression of ObjectScript.
var computePattern = regexp.MustCompile(`(?is)^\s*(?:s|set)\s+\{[^{}]+\}\s*=\s*(.*?)\s*;?\s*$`)

// computeToken is an operand, an operator or a parenthesis of ObjectScript.
var computeToken = regexp.MustCompile(`^\s*(\{[^{}]+\}|"(?:[^"]|"")*"|'(?:[^']|'')*'|\d+(?:\.\d+)?|\.\d+|[-+*/\\#_()])`)

// parseCompute reads compute code (InterSystems SQL Reference, CREATE TABLE, COMPUTECODE). Code of another form is
// refused, since it could not be run.
func parseCompute(code string) (expr, error) {
	m := computePattern.FindStringSubmatch(code)
	if m == nil {
		return nil, fail(-400, "compute code is not supported: %s", clean(shorten(code)))
	}
	p := &computeParser{rest: m[1]}
	x := p.expression(0)
	if x == nil || strings.TrimSpace(p.rest) != "" {
		return nil, fail(-400, "compute code is not supported: %s", clean(shorten(code)))
	}
	return x, nil
}

type computeParser struct{ rest string }

func (p *computeParser) peek() string {
	m := computeToken.FindStringSubmatch(p.rest)
	if m == nil {
		return ""
	}
	return m[1]
}

func (p *computeParser) next() string {
	m := computeToken.FindStringSubmatchIndex(p.rest)
	if m == nil {
		return ""
	}
	t := p.rest[m[2]:m[3]]
	p.rest = p.rest[m[1]:]
	return t
}

// expression evaluates from left to right, as ObjectScript does. It is nil if the code is not understood.
func (p *computeParser) expression(depth int) expr {
	left := p.operand(depth)
	for left != nil {
		op := p.peek()
		if op == "" || !strings.Contains(`+-*/\#_`, op) {
			return left
		}
		p.next()
		right := p.operand(depth)
		if right == nil {
			return nil
		}
		if op == "_" {
			op = "||"
		}
		left = &binary{op, left, right}
	}
	return nil
}

func (p *computeParser) operand(depth int) expr {
	if depth > maxDepth {
		return nil
	}
	t := p.next()
	switch {
	case t == "":
		return nil
	case t == "(":
		x := p.expression(depth + 1)
		if x == nil || p.next() != ")" {
			return nil
		}
		return x
	case t == "-" || t == "+":
		x := p.operand(depth + 1)
		if x == nil {
			return nil
		}
		return &unary{t, x}
	case t[0] == '{':
		return &field{name: strings.TrimSpace(strings.Trim(t, "{}")), quoted: true}
	case t[0] == '"' || t[0] == '\'':
		q := t[:1]
		return &literal{strings.ReplaceAll(t[1:len(t)-1], q+q, q)}
	case isDigit(t[0]) || t[0] == '.':
		return &literal{numberLiteral(t)}
	}
	return nil
}

// checkComputed refuses compute code with columns that the table does not have.
func (s *Session) checkComputed(t *table) (err error) {
	defer catch(&err)
	c := &compiler{session: s, ns: s.ns}
	src := &source{table: t}
	c.tableFields(src, t, "a0")
	for _, col := range t.columns {
		if col.computed != nil {
			c.expr(&scope{sources: []*source{src}}, col.computed)
			for _, on := range col.computeOn {
				if t.find(on) == nil && !strings.HasPrefix(on, "%%") {
					return fail(-31, "Field '%s' not found in table '%s'", clean(on), t.shown())
				}
			}
		}
	}
	return nil
}

func (c *column) computedOn(changed map[*column]bool) bool {
	for _, on := range c.computeOn {
		if strings.EqualFold(on, "%%UPDATE") {
			return true
		}
		for other := range changed {
			if strings.EqualFold(other.name, on) {
				return true
			}
		}
	}
	return false
}

// compute fills the computed columns of a row that are stored and that the statement gave no value.
func (x *change) compute(t *table, rid int64, which func(*column) bool) error {
	for _, col := range t.columns {
		if col.computed == nil || col.calculated || !which(col) {
			continue
		}
		c := &compiler{session: x.session, ns: t.ns}
		src := &source{table: t}
		c.tableFields(src, t, "a0")
		v := c.expr(&scope{sources: []*source{src}}, col.computed)
		rows, err := x.session.sys.rows(fmt.Sprintf("SELECT %s FROM %s AS a0 WHERE rid = ?", v.sql, t.sqlite()), rid)
		if err != nil {
			return err
		}
		held, err := x.hold(t, col, rows[0][0], v.typ.kind, -104)
		if err != nil {
			return err
		}
		if err := x.session.sys.exec(fmt.Sprintf("UPDATE %s SET %s = ? WHERE rid = ?", t.sqlite(), col.sqlite()), held, rid); err != nil {
			return err
		}
	}
	return nil
}
