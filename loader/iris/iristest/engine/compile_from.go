package engine

import (
	"fmt"
	"slices"
	"strings"
)

// from compiles FROM and adds its sources to the scope.
func (c *compiler) from(sc *scope, f *fromItem) string {
	if f.join == "" {
		return c.source(sc, f)
	}
	left := c.from(sc, f.l)
	mark := len(sc.sources)
	right := c.from(sc, f.r)
	switch f.join {
	case ",", "CROSS":
		return left + " JOIN " + right
	}
	if f.r.join != "" {
		right = "(" + right + ")"
	}
	kind := f.join
	if kind == "INNER" {
		kind = ""
	}
	on := ""
	if f.on != nil {
		on = c.truth(sc, f.on)
	}
	for _, name := range f.using {
		l := c.among(sc.sources[:mark], name)
		r := c.among(sc.sources[mark:], name)
		if on != "" {
			on += " AND "
		}
		on += c.compare(sc, "=", l, r)
	}
	return fmt.Sprintf("%s %s JOIN %s ON %s", left, kind, right, on)
}

func (c *compiler) among(sources []*source, name string) code {
	found, ok := c.lookup(&scope{sources: sources}, &field{name: name})
	if !ok {
		panic(refuse(-29, " Field '%s' not found in the applicable tables^", clean(fold(name))))
	}
	return found
}

func (c *compiler) source(sc *scope, f *fromItem) string {
	name := c.alias()
	if f.query != nil {
		inner := c.query(sc.parent.with(sc), f.query)
		src := &source{alias: f.alias, named: true}
		c.derived(src, name, inner.out, f.values)
		sc.sources = append(sc.sources, src)
		return fmt.Sprintf("(%s) AS %s", inner.sql, name)
	}
	if f.table.schema == "" {
		if q := sc.query(f.table.object); q != nil {
			src := &source{alias: f.alias, named: f.alias != "", object: f.table.object}
			for _, field := range q.fields {
				src.fields = append(src.fields, sourceField{field.name, code{name + "." + field.code.sql, field.code.typ}})
			}
			sc.sources = append(sc.sources, src)
			return fmt.Sprintf("(%s) AS %s", q.sql, name)
		}
	}
	t, v := c.session.lookup(f.table)
	if v != nil {
		return c.viewSource(sc, f, v, name)
	}
	if t == nil {
		panic(c.session.noTable(f.table))
	}
	rows := t.sqlite()
	if t.procedure || f.args != nil {
		rows = c.called(sc, t, f)
	}
	c.reads = append(c.reads, t)
	src := &source{alias: f.alias, named: f.alias != "", schema: t.schema, object: t.name, table: t}
	c.tableFields(src, t, name)
	sc.sources = append(sc.sources, src)
	return fmt.Sprintf("%s AS %s", rows, name)
}

// called is a procedure that gives rows: those of its table whose first column is the argument.
func (c *compiler) called(sc *scope, t *table, f *fromItem) string {
	if !t.procedure || len(f.args) != 1 {
		panic(refuse(-370, " %d arguments for '%s'", len(f.args), clean(t.shown())))
	}
	arg := c.expr(sc.parent.with(sc), f.args[0])
	c.used(arg.typ.param, typString)
	return fmt.Sprintf("(SELECT * FROM %s WHERE UPPER(%s) = UPPER(%s))", t.sqlite(), t.columns[0].sqlite(), c.text(arg))
}

// with is the scope of a query in FROM: it sees the WITH of the query around it and not the tables beside it.
func (s *scope) with(inner *scope) *scope {
	return &scope{parent: s, queries: inner.queries}
}

// tableFields lists the fields of a table: the row id is hidden unless it is public, and %ID always means it.
func (c *compiler) tableFields(src *source, t *table, name string) {
	id := t.rowID()
	idCode := code{name + ".rid", columnTyp(t, id)}
	if t.idKey != nil {
		idCode = c.idKeyCode(t, name)
	}
	if t.identity() == nil && !t.system {
		field := sourceField{t.rowIDName, idCode}
		if t.publicRowID {
			src.fields = append(src.fields, field)
		} else if t.find(t.rowIDName) == nil {
			src.hidden = append(src.hidden, field)
		}
	}
	src.hidden = append(src.hidden, sourceField{"%ID", idCode})
	for _, col := range t.columns {
		if col.computed != nil && col.calculated {
			continue
		}
		f := sourceField{col.name, code{name + "." + col.sqlite(), columnTyp(t, col)}}
		if col.hidden {
			src.hidden = append(src.hidden, f)
		} else {
			src.fields = append(src.fields, f)
		}
	}
	c.calculatedFields(src, t)
}

// calculatedFields adds the columns whose values are computed whenever they are read, in their places.
func (c *compiler) calculatedFields(src *source, t *table) {
	stored := &scope{sources: []*source{{fields: slices.Clone(src.fields), hidden: src.hidden}}}
	for i, col := range t.columns {
		if col.computed == nil || !col.calculated {
			continue
		}
		v := c.expr(stored, col.computed)
		f := sourceField{col.name, code{c.to(v, columnTyp(t, col)), columnTyp(t, col)}}
		at := i
		if t.publicRowID && t.identity() == nil {
			at++
		}
		at = min(at, len(src.fields))
		src.fields = slices.Insert(src.fields, at, f)
	}
}

// idKeyCode is %ID of a table whose primary key is the row id: the values of the key with || between them.
func (c *compiler) idKeyCode(t *table, name string) code {
	key := t.idKey
	if len(key.columns) == 1 {
		return code{name + "." + key.columns[0].sqlite(), columnTyp(t, key.columns[0])}
	}
	var parts []string
	for _, col := range key.columns {
		parts = append(parts, c.text(code{name + "." + col.sqlite(), columnTyp(t, col)}))
	}
	ty := typString
	return code{"(" + strings.Join(parts, " || '||' || ") + ")", ty}
}

func (c *compiler) derived(src *source, name string, out []outColumn, names []string) {
	if names != nil && len(names) != len(out) {
		panic(refuse(-1, " %d column names for %d columns", len(names), len(out)))
	}
	for i, o := range out {
		field := sourceField{o.name, code{fmt.Sprintf("%s.o%d", name, i+1), o.typ}}
		if names != nil {
			field.name = names[i]
		}
		src.fields = append(src.fields, field)
	}
}

// maxViews bounds views of views.
const maxViews = 30

func (c *compiler) viewSource(sc *scope, f *fromItem, v *view, name string) string {
	c.session.need("SELECT", v.schema, v.name, v.owner)
	if c.views++; c.views > maxViews {
		panic(refuse(-400, "views nested too deeply"))
	}
	inner := c.query(nil, v.query)
	c.views--
	src := &source{alias: f.alias, named: f.alias != "", schema: v.schema, object: v.name}
	c.derived(src, name, inner.out, v.columns)
	for i := range src.fields {
		src.fields[i].code.typ.table = &table{schema: v.schema, name: v.name}
	}
	sc.sources = append(sc.sources, src)
	return fmt.Sprintf("(%s) AS %s", inner.sql, name)
}
