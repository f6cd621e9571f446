package engine

import (
	"fmt"
	"slices"
)

// insertPlan is an INSERT bound to its table.
type insertPlan struct {
	table    *table
	keywords keywords
	update   bool
	targets  []int // columns; -1 is the row id
	rows     [][]value
	query    *compiledQuery
	reads    []*table
	kinds    []kind // of the query's columns
}

// value is an expression of VALUES: a constant, a parameter, or SQL.
type value struct {
	constant any
	kind     kind
	param    int
	sql      string
	isDef    bool
}

func (c *compiler) planInsert(st *insertStmt) *insertPlan {
	s := c.session
	t, err := s.base(st.table)
	if err != nil {
		panic(err)
	}
	s.need("INSERT", t.schema, t.name, t.owner)
	if st.update {
		s.need("UPDATE", t.schema, t.name, t.owner)
	}
	p := &insertPlan{table: t, keywords: st.keywords, update: st.update}
	if st.defaults {
		p.rows = [][]value{{}}
		return p
	}
	if p.targets, err = s.targets(t, st.columns); err != nil {
		panic(err)
	}
	p.targets = p.fitting(st)
	if st.query != nil {
		p.query = c.query(nil, st.query)
		if len(p.query.out) < len(p.targets) {
			panic(refuse(-62, ""))
		} else if len(p.query.out) > len(p.targets) {
			panic(refuse(-116, ""))
		}
		for i, o := range p.query.out {
			p.kinds = append(p.kinds, o.typ.kind)
			c.used(o.typ.param, columnTyp(t, p.column(i)))
		}
		p.reads = c.reads
		return p
	}
	for _, row := range st.rows {
		if len(row) < len(p.targets) {
			panic(refuse(-62, ""))
		} else if len(row) > len(p.targets) {
			panic(refuse(-116, ""))
		}
		p.rows = append(p.rows, c.values(p, row))
	}
	return p
}

// fitting leaves out columns that a list of values without names need not have: those that the system fills.
func (p *insertPlan) fitting(st *insertStmt) []int {
	if st.columns != nil {
		return p.targets
	}
	want := 0
	if len(st.rows) > 0 {
		want = len(st.rows[0])
	} else if st.query != nil {
		return p.withoutGenerated()
	}
	if want < len(p.targets) {
		if short := p.withoutGenerated(); len(short) == want {
			return short
		}
	}
	return p.targets
}

func (p *insertPlan) withoutGenerated() []int {
	return slices.DeleteFunc(slices.Clone(p.targets), func(i int) bool {
		return i < 0 || p.table.columns[i].identity || p.table.columns[i].version
	})
}

func (p *insertPlan) column(i int) *column {
	if at := p.targets[i]; at >= 0 {
		return p.table.columns[at]
	}
	return p.table.rowID()
}

func (c *compiler) values(p *insertPlan, row []expr) (list []value) {
	for i, x := range row {
		if call, ok := x.(*call); ok && call.name == "DEFAULT" {
			list = append(list, value{isDef: true})
			continue
		}
		if contains(x, func(x expr) bool { _, ok := x.(*subquery); return ok }) {
			panic(refuse(-144, " A subquery is not allowed as a value"))
		}
		list = append(list, c.value(x, columnTyp(p.table, p.column(i))))
	}
	return list
}

// value compiles an expression without fields that a column takes.
func (c *compiler) value(x expr, want typ) value {
	if l, ok := x.(*literal); ok {
		return value{constant: l.value, kind: literalCode(l.value).typ.kind}
	}
	v := c.expr(&scope{}, x)
	if p, ok := x.(*param); ok {
		c.used(p.n, want)
		return value{param: p.n}
	}
	return value{sql: v.sql, kind: v.typ.kind}
}

// given evaluates a value with the parameters of one execution.
func (s *Session) given(v value, args []any) (given, error) {
	switch {
	case v.isDef:
		return given{}, nil
	case v.param > 0:
		return given{value: args[v.param-1], isSet: true}, nil
	case v.sql == "":
		return given{value: v.constant, kind: v.kind, isSet: true}, nil
	}
	rows, err := s.sys.rowsWith("SELECT "+v.sql, args)
	if err != nil {
		return given{}, err
	}
	return given{value: rows[0][0], kind: v.kind, isSet: true}, nil
}

// rowsWith runs a query that may use only some of the parameters.
func (s *System) rowsWith(sql string, args []any) ([][]any, error) {
	st, err := s.prepare(sql)
	if err != nil {
		return nil, err
	}
	return s.rows(sql, args[:min(st.BindCount(), len(args))]...)
}

func (p *insertPlan) run(s *Session, args []any) (n int64, err error) {
	err = s.changing(p.keywords, func(x *change) error {
		rows, err := p.newRows(s, args)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if p.update {
				err = x.insertOrUpdate(p.table, r)
			} else {
				_, err = x.insertRow(p.table, r)
			}
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

func (p *insertPlan) newRows(s *Session, args []any) (list []*newRow, err error) {
	if p.query != nil {
		if err := s.sys.fill(s.ns, p.reads); err != nil {
			return nil, err
		}
		rows, err := s.sys.rowsWith(p.query.sql, args)
		if err != nil {
			return nil, err
		}
		for _, values := range rows {
			r := p.empty()
			for i, v := range values {
				p.put(r, i, given{value: v, kind: p.kinds[i], isSet: true})
			}
			list = append(list, r)
		}
		return list, nil
	}
	for _, row := range p.rows {
		r := p.empty()
		for i, v := range row {
			g, err := s.given(v, args)
			if err != nil {
				return nil, err
			}
			p.put(r, i, g)
		}
		list = append(list, r)
	}
	return list, nil
}

func (p *insertPlan) empty() *newRow { return &newRow{columns: make([]given, len(p.table.columns))} }

func (p *insertPlan) put(r *newRow, i int, g given) {
	if at := p.targets[i]; at < 0 {
		r.rid = g
	} else {
		r.columns[at] = g
	}
}

// insertOrUpdate is INSERT OR UPDATE: a row with the same value of a unique key is changed instead.
func (x *change) insertOrUpdate(t *table, r *newRow) error {
	for _, k := range t.keys {
		var conds []string
		var args []any
		for _, c := range k.columns {
			g := r.columns[slices.Index(t.columns, c)]
			if g.value == nil {
				conds = nil
				break
			}
			v, err := x.hold(t, c, g.value, g.kind, -104)
			if err != nil {
				return err
			}
			conds, args = append(conds, c.name), append(args, v)
		}
		if conds == nil {
			continue
		}
		found, err := x.session.sys.rows(fmt.Sprintf("SELECT rid FROM %s WHERE %s", t.sqlite(), where(t, k.columns)), args...)
		if err != nil {
			return err
		}
		if found != nil {
			set := map[*column]given{}
			for i, c := range t.columns {
				if g := r.columns[i]; g.isSet && !c.identity {
					set[c] = g
				}
			}
			return x.updateRow(t, found[0][0].(int64), set)
		}
	}
	_, err := x.insertRow(t, r)
	return err
}
