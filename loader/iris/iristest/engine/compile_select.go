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

type outColumn struct {
	name    string // of the column or its alias
	typ     typ
	aliased bool
	field   bool // it is a field and not an expression
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
	return sql
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
