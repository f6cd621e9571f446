package engine

import (
	"fmt"
	"slices"
	"strings"
)

// given is a value for a column of a new row.
type given struct {
	value any
	kind  kind
	isSet bool
}

// newRow is a row to be inserted: a value for each column, and perhaps the row id.
type newRow struct {
	columns []given // as the table's columns
	rid     given
}

// targets finds the columns that an INSERT names; -1 stands for %ID. Without names they are all that are not hidden,
// counters included.
func (s *Session) targets(t *table, names []string) ([]int, error) {
	var list []int
	if names == nil {
		if t.publicRowID && t.identity() == nil {
			list = append(list, -1)
		}
		for i, c := range t.columns {
			if !c.hidden && !c.calculated {
				list = append(list, i)
			}
		}
		return list, nil
	}
	seen := map[int]bool{}
	for _, n := range names {
		at := -2
		for i, c := range t.columns {
			if strings.EqualFold(c.name, n) {
				at = i
			}
		}
		if at == -2 && (strings.EqualFold(n, "%ID") || strings.EqualFold(n, t.rowIDName)) {
			if at = -1; t.identity() != nil {
				for i, c := range t.columns {
					if c.identity {
						at = i
					}
				}
			}
		}
		if at == -2 {
			return nil, refuse(-29, " Field '%s' not found in the applicable tables^INSERT INTO %s", clean(fold(n)), t.shown())
		}
		if seen[at] {
			return nil, refuse(-377, " Field '%s' is specified more than once", clean(fold(n)))
		}
		seen[at] = true
		list = append(list, at)
	}
	return list, nil
}

// insertRow checks a row and puts it in (InterSystems SQL Reference, INSERT). It returns the row id.
func (x *change) insertRow(t *table, r *newRow) (int64, error) {
	s := x.session
	rid, err := x.rowIDFor(t, r)
	if err != nil {
		return 0, err
	}
	values := make([]any, len(t.columns))
	for i, c := range t.columns {
		if values[i], err = x.newValue(t, c, r.columns[i], rid); err != nil {
			return 0, err
		}
	}
	if err := x.lock(t, rid, values); err != nil {
		return 0, err
	}
	if r.rid.isSet && r.rid.value != nil || t.identity() != nil {
		if err := x.freeRowID(t, rid); err != nil {
			return 0, err
		}
	}
	if err := x.unique(t, rid, values, -119); err != nil {
		return 0, err
	}
	if err := x.parents(t, rid, values, nil, -121); err != nil {
		return 0, err
	}
	args := make([]any, 0, len(values)+1)
	args = append(args, rid)
	for i, c := range t.columns {
		if !c.identity {
			args = append(args, values[i])
		}
	}
	if err := s.sys.exec(t.insertSQL(), args...); err != nil {
		return 0, err
	}
	x.record(undo{table: t, rid: rid, insert: true})
	if err := x.compute(t, rid, func(c *column) bool { return !r.columns[slices.Index(t.columns, c)].isSet }); err != nil {
		return 0, err
	}
	s.lastIdentity, s.generated = rid, &generated{t, rid}
	return rid, nil
}

// insertSQL is the statement that puts a row in.
func (t *table) insertSQL() string {
	if t.insert == "" {
		names, marks := []string{"rid"}, []string{"?"}
		for _, c := range t.columns {
			if !c.identity {
				names, marks = append(names, c.sqlite()), append(marks, "?")
			}
		}
		t.insert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.sqlite(), strings.Join(names, ", "), strings.Join(marks, ", "))
	}
	return t.insert
}

// rowIDFor takes the given row id, if that is allowed, or the next one.
func (x *change) rowIDFor(t *table, r *newRow) (int64, error) {
	s := x.session
	g, c := r.rid, t.rowID()
	for i, col := range t.columns {
		if col.identity {
			g = r.columns[i]
		}
	}
	if g.isSet {
		allowed := s.identityInsert || t.parameters["ALLOWIDENTITYINSERT"] == "1"
		switch {
		case g.value == nil && allowed && t.identity() != nil:
			return 0, required(t, c)
		case g.value != nil && !allowed:
			return 0, fail(-111, "Cannot INSERT into a 'Default Only' RowID or RowID based on field '%s.%s'", t.shown(), clean(c.name))
		case g.value != nil:
			v, err := c.store(g.value)
			rid, ok := v.(int64)
			if err != nil || !ok || rid < 1 && t.identity() == nil {
				return 0, invalid(-104, t, c, g.value)
			}
			t.nextRow = max(t.nextRow, rid)
			return rid, nil
		}
	}
	t.nextRow++
	return t.nextRow, nil
}

// freeRowID refuses a row id that is taken.
func (x *change) freeRowID(t *table, rid int64) error {
	found, err := x.session.sys.rows("SELECT 1 FROM "+t.sqlite()+" WHERE rid = ?", rid)
	if err != nil {
		return err
	}
	if found != nil {
		return fail(-119, "Table '%s', Constraint 'IDKEY', Field(s) %s=%d; failed unique check", t.shown(), clean(t.rowID().name), rid)
	}
	return nil
}
