package engine

import (
	"fmt"
	"strings"
)

// compare compiles a comparison in the collation of the fields in it: literals are collated as the field that they are
// compared with, two literals exactly (Using InterSystems SQL, Collation).
func (c *compiler) compare(_ *scope, op string, l, r code) string {
	ls, rs, suffix := c.comparable(l, r)
	return "(" + ls + " " + op + " " + rs + suffix + ")"
}

func (c *compiler) comparable(l, r code) (ls, rs, suffix string) {
	if l.typ.stream() || r.typ.stream() {
		panic(refuse(-313, " Predicate not supported for stream fields"))
	}
	t := comparisonTyp(l.typ, r.typ)
	return c.to(l, t), c.to(r, t), collate(t)
}

// comparisonTyp is the type in which two values are compared.
func comparisonTyp(l, r typ) typ {
	constant := func(t typ) bool { return t.literal || t.param > 0 }
	t := common(l, r)
	switch {
	case l.kind == kUnknown && r.kind == kUnknown:
		t = typString
	case l.kind == r.kind:
	case l.temporal() && !r.temporal() && (constant(r) || r.numeric()):
		t = l
	case r.temporal() && !l.temporal() && (constant(l) || l.numeric()):
		t = r
	case l.numeric() && r.kind == kString && constant(r):
		t = numberFor(l)
	case r.numeric() && l.kind == kString && constant(l):
		t = numberFor(r)
	case l.kind == kBinary || r.kind == kBinary:
		t = typBinary
	}
	t.collation = ""
	switch {
	case l.kind == kString && l.collation != "" && !constant(l):
		t.collation = l.collation
	case r.kind == kString && r.collation != "" && !constant(r):
		t.collation = r.collation
	}
	return t
}

// numberFor is how a constant is read that is compared with a number: as a decimal, so that 5 is not 5.5.
func numberFor(t typ) typ {
	if t.kind == kBit {
		return typInt
	}
	return t.plain()
}

// collate is the collation of SQLite that a value is compared and sorted in. It is always said for text, since SQLite
// would take that of a column's declaration otherwise.
func collate(t typ) string {
	switch {
	case t.kind == kDecimal || t.kind == kTime:
		return " COLLATE IRISNUM"
	case t.kind != kString:
		return ""
	}
	switch t.collation {
	case "SQLUPPER", "UPPER", "ALPHAUP":
		return " COLLATE SQLUPPER"
	case "SQLSTRING", "STRING", "TRUNCATE":
		return " COLLATE SQLSTRING"
	}
	return " COLLATE BINARY"
}

func (c *compiler) inList(sc *scope, x *inList) code {
	v := c.expr(sc, x.x)
	parts := make([]string, len(x.list))
	for i, item := range x.list {
		parts[i] = c.compare(sc, "=", v, c.expr(sc, item))
	}
	if len(parts) > 100 {
		if sql, ok := c.longList(v, sc, x); ok {
			return code{not(x.not, sql), typBit}
		}
	}
	return code{not(x.not, "("+strings.Join(parts, " OR ")+")"), typBit}
}

// longList keeps a list that SQLite would take for too deep an expression flat.
func (c *compiler) longList(v code, sc *scope, x *inList) (string, bool) {
	parts := make([]string, len(x.list))
	t := typ{}
	for i, item := range x.list {
		e := c.expr(sc, item)
		t = comparisonTyp(v.typ, e.typ)
		parts[i] = c.to(e, t)
	}
	return "(" + c.to(v, t) + collate(t) + " IN (" + strings.Join(parts, ", ") + "))", true
}

func (c *compiler) inQuery(sc *scope, x *inQuery) code {
	v := c.expr(sc, x.x)
	inner := c.query(sc, x.query)
	if len(inner.out) != 1 {
		panic(refuse(-10, " Subquery must have exactly one item in the SELECT list"))
	}
	name := c.alias()
	item := code{name + ".o1", inner.out[0].typ}
	cond := c.compare(sc, "=", v, item)
	sql := fmt.Sprintf("EXISTS (SELECT 1 FROM (%s) AS %s WHERE %s)", inner.named(), name, cond)
	if x.not {
		// NULL IN the list makes NOT IN unknown.
		sql = fmt.Sprintf("(NOT EXISTS (SELECT 1 FROM (%s) AS %s WHERE %s OR %s.o1 IS NULL OR %s IS NULL))", inner.named(), name, cond, name, v.sql)
	}
	return code{sql, typBit}
}

func (c *compiler) quantity(sc *scope, x *quantity) code {
	v := c.expr(sc, x.x)
	inner := c.query(sc, x.query)
	if len(inner.out) != 1 {
		panic(refuse(-10, " Subquery must have exactly one item in the SELECT list"))
	}
	name := c.alias()
	cond := c.compare(sc, x.op, v, code{name + ".o1", inner.out[0].typ})
	if x.all {
		return code{fmt.Sprintf("(NOT EXISTS (SELECT 1 FROM (%s) AS %s WHERE (%s) IS NOT 1))", inner.named(), name, cond), typBit}
	}
	return code{fmt.Sprintf("EXISTS (SELECT 1 FROM (%s) AS %s WHERE %s)", inner.named(), name, cond), typBit}
}

// like compiles LIKE, %STARTSWITH and [. LIKE and %STARTSWITH follow the collation of the field; [ is always exact.
func (c *compiler) like(sc *scope, x *like) code {
	v, p := c.expr(sc, x.x), c.expr(sc, x.pattern)
	if v.typ.stream() || p.typ.stream() {
		panic(refuse(-313, " Predicate not supported for stream fields"))
	}
	folds := 0
	if v.typ.folds() {
		folds = 1
	}
	pt := typString
	pt.precision = v.typ.precision
	text, pattern := c.text(v), c.to(p, pt)
	var sql string
	switch x.op {
	case "LIKE":
		escape := "NULL"
		if x.escape != nil {
			escape = c.text(c.expr(sc, x.escape))
		}
		sql = fmt.Sprintf("iris_like(%s, %s, %s, %d)", text, pattern, escape, folds)
	case "[":
		sql = fmt.Sprintf("iris_contains(%s, %s)", text, pattern)
	default:
		sql = fmt.Sprintf("iris_starts(%s, %s, %d)", text, pattern, folds)
	}
	return code{not(x.not, sql), typBit}
}
