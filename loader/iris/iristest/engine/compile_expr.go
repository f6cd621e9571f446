package engine

import (
	"strconv"
	"strings"
)

// expr compiles an expression.
func (c *compiler) expr(sc *scope, x expr) code {
	switch x := x.(type) {
	case *literal:
		return literalCode(x.value)
	case *param:
		return c.param(x.n)
	case *field:
		return c.field(sc, x)
	case *unary:
		return c.unary(sc, x)
	case *binary:
		return c.binary(sc, x)
	case *call:
		return c.call(sc, x)
	case *caseExpr:
		return c.caseExpr(sc, x)
	case *cast:
		return c.cast(sc, x)
	case *between:
		low := c.compare(sc, ">=", c.expr(sc, x.x), c.expr(sc, x.low))
		high := c.compare(sc, "<=", c.expr(sc, x.x), c.expr(sc, x.high))
		return code{not(x.not, "("+low+" AND "+high+")"), typBit}
	case *inList:
		return c.inList(sc, x)
	case *inQuery:
		return c.inQuery(sc, x)
	case *exists:
		return code{"EXISTS (" + c.query(sc, x.query).sql + ")", typBit}
	case *isNull:
		v := c.expr(sc, x.x)
		if x.not {
			return code{"(" + v.sql + " IS NOT NULL)", typBit}
		}
		return code{"(" + v.sql + " IS NULL)", typBit}
	case *like:
		return c.like(sc, x)
	case *subquery:
		return c.scalar(sc, x.query)
	case *quantity:
		return c.quantity(sc, x)
	case *resolved:
		return x.code
	case star:
		panic(refuse(-12, " A term expected, * found"))
	}
	panic(refuse(-1, " expression not understood"))
}

func literalCode(v any) code {
	t := typNull
	t.literal = true
	switch v := v.(type) {
	case nil:
		return code{"NULL", typNull}
	case int64:
		t := typInt
		if v != int64(int32(v)) {
			t = typBigInt
		}
		t.literal, t.nullable = true, 0
		if v < 0 {
			return code{"(" + strconv.FormatInt(v, 10) + ")", t}
		}
		return code{strconv.FormatInt(v, 10), t}
	case Decimal:
		t := typDecimal
		t.literal, t.nullable = true, 0
		t.scale = max(0, -int(v.Exponent))
		t.precision = max(len(strings.Trim(v.String(), "-."))-1, t.scale)
		return code{quoteText(v.String()), t}
	case float64:
		t := typDouble
		t.literal, t.nullable = true, 0
		return code{strconv.FormatFloat(v, 'e', -1, 64), t}
	case string:
		t := typString
		t.literal, t.nullable, t.precision = true, 0, max(utf16Length(v), 1)
		return code{quoteText(v), t}
	}
	panic(refuse(-1, " literal not understood"))
}

func not(negate bool, sql string) string {
	if negate {
		return "(NOT " + sql + ")"
	}
	return sql
}

func (c *compiler) field(sc *scope, f *field) code {
	if len(f.qualifier) == 0 && !f.quoted && strings.EqualFold(f.name, "%TABLENAME") {
		for _, s := range sc.sources {
			return literalCode(s.object)
		}
	}
	return c.resolve(sc, f)
}

func (c *compiler) caseExpr(sc *scope, x *caseExpr) code {
	var conditions []string
	var values []code
	for _, w := range x.whens {
		if x.operand != nil {
			conditions = append(conditions, c.compare(sc, "=", c.expr(sc, x.operand), c.expr(sc, w[0])))
		} else {
			conditions = append(conditions, c.expr(sc, w[0]).sql)
		}
		values = append(values, c.expr(sc, w[1]))
	}
	if x.other != nil {
		values = append(values, c.expr(sc, x.other))
	}
	t, parts := c.unify(values)
	var b strings.Builder
	b.WriteString("(CASE")
	for i, cond := range conditions {
		b.WriteString(" WHEN " + cond + " THEN " + parts[i])
	}
	if x.other != nil {
		b.WriteString(" ELSE " + parts[len(parts)-1])
	}
	b.WriteString(" END)")
	return code{b.String(), t}
}

// unify converts values to the type that all of them have in common.
func (c *compiler) unify(values []code) (typ, []string) {
	t := values[0].typ
	if t.kind == kUnknown {
		t = typNull
	}
	for _, v := range values[1:] {
		t = common(t, v.typ)
	}
	t = t.plain()
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = c.to(v, t)
	}
	return t, parts
}

// scalar compiles a query that stands for a value.
func (c *compiler) scalar(sc *scope, q *selectStmt) code {
	inner := c.query(sc, q)
	if len(inner.out) != 1 {
		panic(refuse(-10, " Subquery must have exactly one item in the SELECT list"))
	}
	t := inner.out[0].typ
	t.nullable = 1
	t.column, t.table = nil, nil
	return code{"(" + inner.sql + ")", t}
}

// noStream refuses a stream where a value is needed.
func (c *compiler) noStream(x code) {
	if x.typ.stream() {
		panic(refuse(-37, " Function not supported for stream fields"))
	}
}
