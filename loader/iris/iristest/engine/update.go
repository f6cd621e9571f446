package engine

import (
	"fmt"
	"strings"
)

// current reads what a row holds.
func (x *change) current(t *table, rid int64) ([]any, error) {
	var names []string
	for _, c := range t.columns {
		names = append(names, c.sqlite())
	}
	rows, err := x.session.sys.rows(fmt.Sprintf("SELECT %s FROM %s WHERE rid = ?", strings.Join(names, ", "), t.sqlite()), rid)
	if err != nil || rows == nil {
		return nil, err
	}
	return rows[0], nil
}

// updateRow changes a row (InterSystems SQL Reference, UPDATE). Values come as expressions gave them.
func (x *change) updateRow(t *table, rid int64, set map[*column]given) error {
	before, err := x.current(t, rid)
	if err != nil || before == nil {
		return err
	}
	after := append([]any{}, before...)
	changed := map[*column]bool{}
	for i, c := range t.columns {
		g, ok := set[c]
		switch {
		case c.version:
			if ok && g.value != nil {
				return fail(-138, "Cannot UPDATE a value for read only field '%s.%s'", t.shown(), clean(c.name))
			}
			t.ns.rowVersion++
			after[i], changed[c] = t.ns.rowVersion, true
			continue
		case c.onUpdate != nil:
			if g.value, g.kind, err = x.session.constant(c.onUpdate); err != nil {
				return err
			}
		case !ok:
			continue
		}
		if after[i], err = x.updatedValue(t, c, g, before[i]); err != nil {
			return err
		}
		changed[c] = true
	}
	if err := x.lock(t, rid, before); err != nil {
		return err
	}
	if err := x.lock(t, rid, after); err != nil {
		return err
	}
	if err := x.unique(t, rid, after, -120); err != nil {
		return err
	}
	if err := x.parents(t, rid, after, changed, -122); err != nil {
		return err
	}
	if err := x.writeRow(t, rid, after, changed); err != nil {
		return err
	}
	x.record(undo{table: t, rid: rid, columns: append([]*column{}, t.columns...), values: before, update: true})
	if err := x.compute(t, rid, func(c *column) bool { return c.computedOn(changed) }); err != nil {
		return err
	}
	return x.children(t, rid, before, after)
}

func (x *change) updatedValue(t *table, c *column, g given, before any) (any, error) {
	if c.identity {
		return nil, fail(-107, "Cannot UPDATE RowID or RowID based on field '%s.%s'", t.shown(), clean(c.name))
	}
	if c.calculated {
		return nil, fail(-138, "Cannot UPDATE a value for read only field '%s.%s'", t.shown(), clean(c.name))
	}
	v, err := x.hold(t, c, g.value, g.kind, -105)
	if err != nil {
		return nil, err
	}
	if v == nil && c.notNull {
		return nil, required(t, c)
	}
	if t.idKey != nil && text(v) != text(before) {
		for _, k := range t.idKey.columns {
			if k == c {
				return nil, fail(-107, "Cannot UPDATE RowID or RowID based on field '%s.%s'", t.shown(), clean(c.name))
			}
		}
	}
	return v, nil
}

func (x *change) writeRow(t *table, rid int64, values []any, changed map[*column]bool) error {
	var sets []string
	args := []any{}
	for i, c := range t.columns {
		if changed[c] {
			sets = append(sets, c.sqlite()+" = ?")
			args = append(args, values[i])
		}
	}
	if sets == nil {
		return nil
	}
	return x.session.sys.exec(fmt.Sprintf("UPDATE %s SET %s WHERE rid = ?", t.sqlite(), strings.Join(sets, ", ")), append(args, rid)...)
}

// deleteRow deletes a row after the foreign keys of others have been seen to (InterSystems SQL Reference, DELETE).
func (x *change) deleteRow(t *table, rid int64) error {
	before, err := x.current(t, rid)
	if err != nil || before == nil {
		return err
	}
	if err := x.lock(t, rid, before); err != nil {
		return err
	}
	if err := x.children(t, rid, before, nil); err != nil {
		return err
	}
	if err := x.session.sys.exec("DELETE FROM "+t.sqlite()+" WHERE rid = ?", rid); err != nil {
		return err
	}
	x.record(undo{table: t, rid: rid, columns: append([]*column{}, t.columns...), values: before})
	return nil
}
