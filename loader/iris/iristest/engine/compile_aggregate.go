package engine

import (
	"fmt"
	"strings"
)

// aggregation is what a SELECT does with aggregates.
type aggregation struct {
	grouped   bool
	broadcast bool            // aggregates beside fields without GROUP BY: every row shows them
	folded    map[string]bool // SQL of the GROUP BY expressions
}

var aggregates = wordSet(`COUNT SUM AVG MIN MAX LIST STDDEV STDDEV_SAMP STDDEV_POP VARIANCE VAR_SAMP VAR_POP`)

func (c *compiler) aggregate(sc *scope, x *call) code {
	over := ""
	switch {
	case x.over != nil:
		over = c.overClause(sc, x.over)
	case sc.agg != nil && sc.agg.broadcast:
		over = " OVER ()"
		if x.distinct {
			panic(refuse(-1, " %s(DISTINCT) beside fields without GROUP BY is not supported", x.name))
		}
	}
	if x.star {
		t := typBigInt
		t.nullable = 0
		return code{"count(*)" + over, t}
	}
	inner := *sc
	inner.agg = nil
	v := c.expr(&inner, x.args[0])
	if v.typ.stream() && x.name != "COUNT" {
		panic(refuse(-37, " Aggregate not supported for stream fields"))
	}
	distinct := ""
	if x.distinct {
		distinct = "DISTINCT "
	}
	arg := distinct + v.sql
	switch x.name {
	case "COUNT":
		t := typBigInt
		t.nullable = 0
		return code{fmt.Sprintf("count(%s%s)%s", arg, collate(v.typ), over), t}
	case "MIN", "MAX":
		t := v.typ.plain()
		return code{fmt.Sprintf("%s(%s%s)%s", strings.ToLower(x.name), v.sql, collate(v.typ), over), t}
	case "LIST":
		return code{fmt.Sprintf("group_concat(%s%s)%s", distinct, c.text(v), over), typString}
	case "SUM", "AVG":
		return c.sum(x.name, arg, v.typ, over)
	}
	t := typDouble
	return code{fmt.Sprintf("iris_%s(%s)%s", strings.ToLower(x.name), arg, over), t}
}

// sum compiles SUM and AVG, which are exact unless the values are doubles.
func (c *compiler) sum(name, arg string, of typ, over string) code {
	t := c.numberTyp(of)
	suffix := "_d"
	switch {
	case t.kind == kDouble:
		t, suffix = typDouble, "_f"
	case name == "SUM" && t.kind == kInt:
		t, suffix = typBigInt, "_i"
	case name == "AVG":
		scale := t.scale
		t = typDecimal
		t.precision, t.scale = 37, max(scale, 18)
	default:
		t.precision = min(t.precision+10, 37)
	}
	return code{fmt.Sprintf("iris_%s%s(%s)%s", strings.ToLower(name), suffix, arg, over), t}
}

func (c *compiler) overClause(sc *scope, w *window) string {
	var parts []string
	if w.partition != nil {
		var by []string
		for _, x := range w.partition {
			v := c.expr(sc, x)
			by = append(by, v.sql+collate(v.typ))
		}
		parts = append(parts, "PARTITION BY "+strings.Join(by, ", "))
	}
	if w.order != nil {
		var by []string
		for _, o := range w.order {
			v := c.expr(sc, o.x)
			sql := v.sql + collate(v.typ)
			if o.desc {
				sql += " DESC"
			}
			by = append(by, sql)
		}
		parts = append(parts, "ORDER BY "+strings.Join(by, ", "))
	}
	return " OVER (" + strings.Join(parts, " ") + ")"
}

// noAggregate refuses an aggregate where there is none yet.
func (c *compiler) noAggregate(x expr) {
	if contains(x, func(x expr) bool { call, ok := x.(*call); return ok && aggregates[call.name] && call.over == nil }) {
		panic(refuse(-19, " Aggregate functions are not allowed in WHERE"))
	}
}

func hasAggregate(items []selectItem) bool {
	for _, item := range items {
		if contains(item.x, func(x expr) bool { call, ok := x.(*call); return ok && aggregates[call.name] && call.over == nil }) {
			return true
		}
	}
	return false
}

// hasBareField says whether a field stands outside of aggregates.
func hasBareField(items []selectItem) bool {
	for _, item := range items {
		if contains(item.x, func(x expr) bool {
			switch x.(type) {
			case *field, *resolved:
				return true
			}
			return false
		}, func(x expr) bool { call, ok := x.(*call); return ok && aggregates[call.name] }) {
			return true
		}
	}
	return false
}

// contains looks for a node of an expression, not inside of queries and not below those that stop says.
func contains(x expr, is func(expr) bool, stop ...func(expr) bool) bool {
	if x == nil || is(x) {
		return x != nil
	}
	if len(stop) > 0 && stop[0](x) {
		return false
	}
	for _, child := range children(x) {
		if child != nil && contains(child, is, stop...) {
			return true
		}
	}
	return false
}

func children(x expr) []expr {
	switch x := x.(type) {
	case *unary:
		return []expr{x.x}
	case *binary:
		return []expr{x.l, x.r}
	case *call:
		return x.args
	case *caseExpr:
		list := []expr{x.operand, x.other}
		for _, w := range x.whens {
			list = append(list, w[0], w[1])
		}
		return list
	case *cast:
		return []expr{x.x}
	case *between:
		return []expr{x.x, x.low, x.high}
	case *inList:
		return append([]expr{x.x}, x.list...)
	case *inQuery:
		return []expr{x.x}
	case *isNull:
		return []expr{x.x}
	case *like:
		return []expr{x.x, x.pattern, x.escape}
	}
	return nil
}
