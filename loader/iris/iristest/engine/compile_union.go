package engine

import (
	"fmt"
	"strings"
)

func (c *compiler) common(sc *scope, ct commonTable) *commonQuery {
	inner := c.query(sc, ct.query)
	if ct.columns != nil && len(ct.columns) != len(inner.out) {
		panic(refuse(-1, " Common table %s has %d columns, its query %d", clean(ct.name), len(ct.columns), len(inner.out)))
	}
	cq := &commonQuery{sql: inner.sql}
	for i, o := range inner.out {
		name := o.name
		if ct.columns != nil {
			name = ct.columns[i]
		}
		cq.fields = append(cq.fields, sourceField{name: name, code: code{fmt.Sprintf("o%d", i+1), o.typ}})
	}
	return cq
}

// union compiles SELECTs with UNION between them. Without ALL, text of fields that fold case comes out folded (Using
// InterSystems SQL, Collation, Query Collation).
func (c *compiler) union(sc *scope, q *selectStmt) *compiledQuery {
	cores := make([]*compiledQuery, len(q.cores))
	for i := range q.cores {
		cores[i] = c.core(&scope{parent: sc}, &q.cores[i], nil)
		if len(cores[i].out) != len(cores[0].out) {
			panic(refuse(-9, " Incompatible SELECT lists is UNION^"))
		}
	}
	out := append([]outColumn{}, cores[0].out...)
	for i := range out {
		t := out[i].typ
		for _, core := range cores[1:] {
			t = common(t, core.out[i].typ)
		}
		if out[i].typ = t.plain(); t.kind == kUnknown {
			out[i].typ = typNull
		}
	}
	distinct := false
	for _, op := range q.ops {
		distinct = distinct || op != "UNION ALL"
	}
	var b strings.Builder
	for i, core := range cores {
		if i > 0 {
			b.WriteString(" " + q.ops[i-1] + " ")
		}
		name := c.alias()
		var cols []string
		for n, o := range core.out {
			sql := c.to(code{fmt.Sprintf("%s.o%d", name, n+1), o.typ}, out[n].typ)
			if distinct {
				sql = foldedOutput(sql, out[n].typ)
			}
			cols = append(cols, fmt.Sprintf("%s AS o%d", sql, n+1))
		}
		fmt.Fprintf(&b, "SELECT %s FROM (%s) AS %s", strings.Join(cols, ", "), core.sql, name)
	}
	name := c.alias()
	result := &compiledQuery{out: out}
	var cols, order []string
	outer := &source{alias: name, named: true}
	for n, o := range out {
		cols = append(cols, fmt.Sprintf("%s.o%d AS o%d", name, n+1, n+1))
		outer.fields = append(outer.fields, sourceField{o.name, code{fmt.Sprintf("%s.o%d", name, n+1), o.typ}})
	}
	osc := &scope{parent: sc, sources: []*source{outer}}
	for _, o := range q.order {
		order = append(order, c.orderBy(osc, o, out, nil))
	}
	result.sql = fmt.Sprintf("SELECT %s FROM (%s) AS %s", strings.Join(cols, ", "), b.String(), name)
	if order != nil {
		result.sql += " ORDER BY " + strings.Join(order, ", ")
	}
	result.sql += c.limits(sc, nil, q)
	return result
}

// foldedOutput is a value as DISTINCT, GROUP BY and UNION show it.
func foldedOutput(sql string, t typ) string {
	switch collate(t) {
	case " COLLATE SQLUPPER":
		return "iris_upper(" + sql + ")"
	case " COLLATE SQLSTRING":
		return "iris_trimmed(" + sql + ")"
	}
	return sql + collate(t)
}
