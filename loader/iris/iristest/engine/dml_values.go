package engine

import (
	"fmt"
	"slices"
)

// value is an expression of VALUES: a constant, a parameter, or SQL.
type value struct {
	constant any
	kind     kind
	param    int
	sql      string
	isDef    bool
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
