package engine

import (
	"fmt"
	"strings"
)

type outColumn struct {
	name    string // of the column or its alias
	typ     typ
	aliased bool
	field   bool // it is a field and not an expression
}

// resolved is a field that * stands for.
type resolved struct {
	code code
	name string
}

// output names a column of the result (InterSystems SQL Reference, SELECT, Column Name Aliases).
func (c *compiler) output(item selectItem, v code, i int) outColumn {
	o := outColumn{typ: v.typ}
	switch x := item.x.(type) {
	case *field:
		o.field = true
		o.name = x.name
		if v.typ.column != nil {
			o.name = v.typ.column.name
		}
	case *resolved:
		o.field, o.name = true, x.name
	case *param:
		o.name = fmt.Sprintf("HostVar_%d", i+1)
	case *literal:
		o.name = fmt.Sprintf("HostVar_%d", i+1)
		if x.value == nil {
			o.name = fmt.Sprintf("Literal_%d", i+1)
		}
	case *subquery:
		o.name = fmt.Sprintf("Subquery_%d", i+1)
	case *call:
		o.name = fmt.Sprintf("Expression_%d", i+1)
		if aggregates[x.name] && x.over == nil {
			o.name = fmt.Sprintf("Aggregate_%d", i+1)
		}
	default:
		o.name = fmt.Sprintf("Expression_%d", i+1)
	}
	if item.alias != "" {
		o.name, o.aliased = item.alias, true
	}
	return o
}

// orderBy compiles an item of ORDER BY: the number or the alias of a column of the result, or an expression.
func (c *compiler) orderBy(sc *scope, o orderItem, out []outColumn, items []selectItem) string {
	desc := ""
	if o.desc {
		desc = " DESC"
	}
	at := -1
	switch x := o.x.(type) {
	case *literal:
		n, ok := x.value.(int64)
		if !ok || n < 1 || n > int64(len(out)) {
			panic(refuse(-5, " Column number specified in ORDER BY does not match SELECT list"))
		}
		at = int(n) - 1
	case *field:
		if len(x.qualifier) == 0 {
			for i, col := range out {
				if strings.EqualFold(col.name, x.name) && (col.aliased || at < 0 && items == nil) {
					at = i
					break
				}
			}
		}
	}
	if at >= 0 {
		return fmt.Sprintf("%d%s%s", at+1, collate(orderTyp(out[at].typ)), desc)
	}
	v := c.expr(sc, o.x)
	return v.sql + collate(orderTyp(v.typ)) + desc
}

func orderTyp(t typ) typ { return t }

// limits compiles TOP, LIMIT and OFFSET.
func (c *compiler) limits(sc *scope, top expr, q *selectStmt) string {
	count := q.limit
	if top != nil {
		count = top
	}
	if count == nil && q.offset == nil {
		return ""
	}
	number := func(x expr) string {
		v := c.expr(&scope{}, x)
		if v.typ.param > 0 {
			c.used(v.typ.param, typInt)
		}
		return "iris_count(" + v.sql + ")"
	}
	sql := " LIMIT -1"
	if count != nil {
		sql = " LIMIT " + number(count)
	}
	if q.offset != nil {
		sql += " OFFSET " + number(q.offset)
	}
	return sql
}
