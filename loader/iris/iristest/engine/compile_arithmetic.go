package engine

import (
	"fmt"
)

func (c *compiler) unary(sc *scope, x *unary) code {
	v := c.expr(sc, x.x)
	if x.op == "NOT" {
		return code{"(NOT " + v.sql + ")", typBit}
	}
	c.noStream(v)
	t := c.numberTyp(v.typ)
	if x.op == "-" {
		return code{fmt.Sprintf("iris_arith('-', 0, %s, %d)", v.sql, t.kind), t}
	}
	return code{fmt.Sprintf("iris_arith('+', 0, %s, %d)", v.sql, t.kind), t}
}

// numberTyp is the type that a value has in arithmetic.
func (c *compiler) numberTyp(t typ) typ {
	switch t.kind {
	case kInt, kBit:
		if t.odbc == TypeBigInt {
			return typBigInt
		}
		return typInt
	case kDouble:
		return typDouble
	case kDate, kPosix:
		return typBigInt
	}
	d := typDecimal
	if t.kind == kDecimal {
		d.precision, d.scale = t.precision, t.scale
	}
	return d
}

func (c *compiler) binary(sc *scope, x *binary) code {
	switch x.op {
	case "AND", "OR":
		return code{"(" + c.expr(sc, x.l).sql + " " + x.op + " " + c.expr(sc, x.r).sql + ")", typBit}
	case "=", "<>", "<", ">", "<=", ">=":
		return code{c.compare(sc, x.op, c.expr(sc, x.l), c.expr(sc, x.r)), typBit}
	}
	l, r := c.expr(sc, x.l), c.expr(sc, x.r)
	c.noStream(l)
	c.noStream(r)
	if x.op == "||" {
		t := typString
		t.precision = min(l.typ.precision+r.typ.precision, maxString)
		return code{"(" + c.text(l) + " || " + c.text(r) + ")", t}
	}
	lt, rt := c.numberTyp(l.typ), c.numberTyp(r.typ)
	t := arithmeticTyp(x.op, lt, rt)
	return code{fmt.Sprintf("iris_arith(%s, %s, %s, %d)", quoteText(x.op), l.sql, r.sql, t.kind), t}
}

// arithmeticTyp is the type of a sum or a product (Using InterSystems SQL, Arithmetic Operators and Functions).
func arithmeticTyp(op string, l, r typ) typ {
	if l.kind == kDouble || r.kind == kDouble {
		return typDouble
	}
	if l.kind == kInt && r.kind == kInt && op != "/" {
		if l.odbc == TypeBigInt || r.odbc == TypeBigInt || op == "*" {
			return typBigInt
		}
		return typInt
	}
	t := typDecimal
	switch op {
	case "*":
		t.precision, t.scale = min(l.precision+r.precision+1, 37), l.scale+r.scale
	case "/":
		t.precision, t.scale = 37, max(l.scale, 18)
	default:
		t.scale = max(l.scale, r.scale)
		t.precision = min(max(l.precision-l.scale, r.precision-r.scale)+t.scale+1, 37)
	}
	return t
}
