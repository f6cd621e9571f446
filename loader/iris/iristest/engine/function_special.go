package engine

import (
	"fmt"
	"strings"
)

// specials are the functions that compile in a way of their own.
var specials map[string]func(c *compiler, sc *scope, x *call) code

func init() { // the map refers to functions that refer to it
	specials = map[string]func(c *compiler, sc *scope, x *call) code{
		"COALESCE": (*compiler).coalesce, "NVL": (*compiler).coalesce, "ISNULL": (*compiler).coalesce,
		"IFNULL": (*compiler).ifNull, "NULLIF": (*compiler).nullIf,
		"%EXACT": collated(""), "%SQLUPPER": collatedBy("SQLUPPER", "iris_upper"), "%UPPER": collatedBy("", "f_upper"),
		"%SQLSTRING": collatedBy("SQLSTRING", "iris_trimmed"), "%STRING": collatedBy("SQLSTRING", "iris_trimmed"),
		"%ALPHAUP":  collatedBy("ALPHAUP", "iris_upper"),
		"%INTERNAL": (*compiler).internal,
		"%ODBCOUT":  (*compiler).odbcOut,
		"%ODBCIN":   (*compiler).passThrough,
		"TO_VECTOR": (*compiler).toVector,
		"{D}":       temporalLiteral(typDate), "{T}": temporalLiteral(typTime), "{TS}": temporalLiteral(typPosix),
		"GREATEST": extreme("max"), "LEAST": extreme("min"),
		"DEFAULT": func(*compiler, *scope, *call) code {
			panic(refuse(-12, " A term expected, DEFAULT found"))
		},
		"%OBJECT": (*compiler).passThrough,
	}
}

func (c *compiler) one(sc *scope, x *call) code {
	if len(x.args) != 1 {
		panic(refuse(-1, " %s takes one argument", x.name))
	}
	return c.expr(sc, x.args[0])
}

func (c *compiler) passThrough(sc *scope, x *call) code { return c.one(sc, x) }

func (c *compiler) coalesce(sc *scope, x *call) code {
	if len(x.args) < 2 {
		panic(refuse(-380, " Not enough arguments for %s", x.name))
	}
	var values []code
	for _, a := range x.args {
		v := c.expr(sc, a)
		c.noStream(v)
		values = append(values, v)
	}
	t, parts := c.unify(values)
	return code{"coalesce(" + strings.Join(parts, ", ") + ")", t}
}

// ifNull is IFNULL(x, a [, b]): a if x is NULL, else b, and without b NULL (InterSystems SQL Reference, IFNULL).
func (c *compiler) ifNull(sc *scope, x *call) code {
	if len(x.args) < 2 || len(x.args) > 3 {
		panic(refuse(-1, " IFNULL takes two or three arguments"))
	}
	v, a := c.expr(sc, x.args[0]), c.expr(sc, x.args[1])
	b := code{"NULL", typNull}
	if len(x.args) == 3 {
		b = c.expr(sc, x.args[2])
	}
	t, parts := c.unify([]code{a, b})
	return code{fmt.Sprintf("(CASE WHEN %s IS NULL THEN %s ELSE %s END)", v.sql, parts[0], parts[1]), t}
}

func (c *compiler) nullIf(sc *scope, x *call) code {
	if len(x.args) != 2 {
		panic(refuse(-1, " NULLIF takes two arguments"))
	}
	a, b := c.expr(sc, x.args[0]), c.expr(sc, x.args[1])
	return code{fmt.Sprintf("(CASE WHEN %s THEN NULL ELSE %s END)", c.compare(sc, "=", a, b), a.sql), a.typ.plain()}
}

// collated is a value in another collation, unchanged.
func collated(collation string) func(*compiler, *scope, *call) code {
	return func(c *compiler, sc *scope, x *call) code {
		v := c.one(sc, x)
		c.noStream(v)
		t := v.typ
		t.column, t.table, t.collation, t.literal, t.param = nil, nil, collation, false, 0
		if v.typ.param > 0 || v.typ.kind == kUnknown {
			t.kind = kString
			c.used(v.typ.param, typString)
		}
		return code{"(" + v.sql + ")", t}
	}
}

// collatedBy is a value as a collation changes it.
func collatedBy(collation, fn string) func(*compiler, *scope, *call) code {
	return func(c *compiler, sc *scope, x *call) code {
		v := c.one(sc, x)
		c.noStream(v)
		t := typString
		t.precision, t.collation = v.typ.precision, collation
		return code{fn + "(" + c.text(v) + ")", t}
	}
}

// internal is %INTERNAL: the value in logical form, which the result shows as it is.
func (c *compiler) internal(sc *scope, x *call) code {
	v := c.one(sc, x)
	switch v.typ.kind {
	case kDate, kPosix:
		return code{"(" + v.sql + ")", typBigInt}
	case kTime:
		return code{"(" + v.sql + ")", typDecimal}
	case kCharStream, kBinStream:
		return code{"(" + v.sql + ")", typString}
	}
	return v
}

// odbcOut is %ODBCOUT: the text that ODBC shows.
func (c *compiler) odbcOut(sc *scope, x *call) code {
	v := c.one(sc, x)
	if !v.typ.temporal() {
		return v
	}
	return code{fmt.Sprintf("iris_external(%s, %d)", v.sql, v.typ.kind), typString}
}

// temporalLiteral is {d '…'}, {t '…'} or {ts '…'}.
func temporalLiteral(t typ) func(*compiler, *scope, *call) code {
	return func(c *compiler, sc *scope, x *call) code {
		v := c.one(sc, x)
		out := t
		out.literal = v.typ.literal
		return code{c.to(v, t), out}
	}
}

func extreme(fn string) func(*compiler, *scope, *call) code {
	return func(c *compiler, sc *scope, x *call) code {
		if len(x.args) < 2 {
			panic(refuse(-380, " Not enough arguments for %s", x.name))
		}
		var values []code
		for _, a := range x.args {
			values = append(values, c.expr(sc, a))
		}
		t, parts := c.unify(values)
		parts[0] += collate(t)
		return code{fn + "(" + strings.Join(parts, ", ") + ")", t}
	}
}

// toVector is TO_VECTOR(data, type, length); the type is a word and may not be a parameter.
func (c *compiler) toVector(sc *scope, x *call) code {
	if len(x.args) < 1 || len(x.args) > 3 {
		panic(refuse(-1, " TO_VECTOR takes one to three arguments"))
	}
	v := c.expr(sc, x.args[0])
	element, length := "FLOAT", int64(0)
	for _, a := range x.args[1:] {
		switch v := a.(*literal).value.(type) {
		case string:
			element = v
		case int64:
			length = v
		}
	}
	if element == "INT" {
		element = "INTEGER"
	}
	if !vectorElements[element] {
		panic(refuse(-1, " Invalid element type of TO_VECTOR: %s", clean(element)))
	}
	return code{fmt.Sprintf("iris_vector(%s, %s, %d)", c.text(v), quoteText(element), length), typVector}
}

var vectorElements = wordSet(`DOUBLE FLOAT DECIMAL INTEGER TIMESTAMP STRING`)
