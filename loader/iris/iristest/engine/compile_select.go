package engine

import (
	"fmt"
	"strings"
)

// compiledQuery is a query as SQL of SQLite. Its columns are called o1, o2, ….
type compiledQuery struct {
	sql string
	out []outColumn
}

// named is the SQL for use in FROM.
func (q *compiledQuery) named() string { return q.sql }

// query compiles a query inside a scope, nil at the top.
func (c *compiler) query(parent *scope, q *selectStmt) *compiledQuery {
	sc := &scope{parent: parent, queries: map[string]*commonQuery{}}
	for _, ct := range q.with {
		sc.queries[fold(ct.name)] = c.common(sc, ct)
	}
	if len(q.cores) == 1 {
		return c.core(sc, &q.cores[0], q)
	}
	return c.union(sc, q)
}

// core compiles one SELECT. q gives the order and the limit if they belong to it alone.
func (c *compiler) core(sc *scope, s *selectCore, q *selectStmt) *compiledQuery {
	from := ""
	if s.from != nil {
		from = " FROM " + c.from(sc, s.from)
	}
	where := ""
	if s.where != nil {
		c.noAggregate(s.where)
		where = " WHERE " + c.truth(sc, s.where)
	}
	items := c.expand(sc, s.items)
	group, folded := c.group(sc, s)
	agg := &aggregation{grouped: s.group != nil, folded: folded}
	agg.broadcast = !agg.grouped && hasAggregate(items) && hasBareField(items)
	sc.agg = agg
	var cols []string
	var out []outColumn
	for i, item := range items {
		v := c.expr(sc, item.x)
		sql := v.sql
		if s.distinct && s.distinctBy == nil || folded[v.sql] {
			sql = foldedOutput(sql, v.typ)
		}
		cols = append(cols, fmt.Sprintf("%s AS o%d", sql, i+1))
		out = append(out, c.output(item, v, i))
	}
	having := ""
	if s.having != nil {
		having = " HAVING " + c.truth(sc, s.having)
		if s.group == nil && !hasAggregate(items) {
			having = " GROUP BY 1 = 1" + having
		}
	}
	sql := "SELECT "
	if s.distinct && s.distinctBy == nil {
		sql += "DISTINCT "
	}
	if s.distinctBy != nil {
		var by []string
		for _, x := range s.distinctBy {
			v := c.expr(sc, x)
			by = append(by, v.sql+collate(v.typ))
		}
		group = " GROUP BY " + strings.Join(by, ", ")
	}
	sql += strings.Join(cols, ", ") + from + where + group + having
	if q != nil {
		var order []string
		for _, o := range q.order {
			order = append(order, c.orderBy(sc, o, out, items))
		}
		if order != nil {
			sql += " ORDER BY " + strings.Join(order, ", ")
		}
		sql += c.limits(sc, s.top, q)
	} else if s.top != nil {
		sql = fmt.Sprintf("SELECT * FROM (%s%s)", sql, c.limits(sc, s.top, &selectStmt{}))
	}
	return &compiledQuery{sql: sql, out: out}
}

// truth compiles a condition.
func (c *compiler) truth(sc *scope, x expr) string { return c.expr(sc, x).sql }

// group compiles GROUP BY and tells which expressions come out folded.
func (c *compiler) group(sc *scope, s *selectCore) (string, map[string]bool) {
	if s.group == nil {
		return "", nil
	}
	folded := map[string]bool{}
	var parts []string
	for _, g := range s.group {
		if l, ok := g.(*literal); ok {
			if _, isInt := l.value.(int64); isInt {
				panic(refuse(-1, " GROUP BY takes fields and not numbers of columns"))
			}
		}
		v := c.expr(sc, g)
		if v.typ.stream() {
			v.typ = typString
		}
		parts = append(parts, v.sql+collate(v.typ))
		folded[v.sql] = true
	}
	return " GROUP BY " + strings.Join(parts, ", "), folded
}

// expand replaces * by the fields that it stands for.
func (c *compiler) expand(sc *scope, items []selectItem) (list []selectItem) {
	for _, item := range items {
		st, ok := item.x.(star)
		if !ok {
			list = append(list, item)
			continue
		}
		found := false
		for _, src := range sc.sources {
			if st.qualifier != nil && !src.matches(st.qualifier) {
				continue
			}
			found = true
			for _, f := range src.fields {
				list = append(list, selectItem{x: &resolved{f.code, f.name}})
			}
		}
		if !found {
			if st.qualifier == nil {
				panic(refuse(-12, " A term expected, * found"))
			}
			panic(refuse(-23, " Label '%s' is not listed among the applicable tables^", clean(fold(strings.Join(st.qualifier, ".")))))
		}
	}
	return list
}
