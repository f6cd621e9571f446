package engine

import (
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
