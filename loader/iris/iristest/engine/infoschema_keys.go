package engine

import (
	"strings"
)

// constraint is a key of any kind, for the catalog.
type constraint struct {
	table   *table
	name    string
	kind    string
	columns []*column
	foreign *foreign
}

func (n *namespace) constraints() (list []constraint) {
	for _, t := range n.sortedTables() {
		list = append(list, t.constraints()...)
	}
	return list
}

// constraints are the keys of a table. A row id that is public and no other primary key counts as one.
func (t *table) constraints() (list []constraint) {
	if t.primary() == nil && (t.publicRowID || t.identity() != nil) {
		list = append(list, constraint{table: t, name: "RowIDField_As_PKey", kind: "PRIMARY KEY", columns: []*column{t.rowID()}})
	}
	for _, k := range t.keys {
		kind := "UNIQUE"
		if k.primary {
			kind = "PRIMARY KEY"
		}
		list = append(list, constraint{table: t, name: k.name, kind: kind, columns: k.columns})
	}
	for _, f := range t.foreign {
		list = append(list, constraint{table: t, name: f.name, kind: "FOREIGN KEY", columns: f.columns, foreign: f})
	}
	return list
}

func tableConstraintsRows(n *namespace, _ *System) (rows [][]any) {
	for _, c := range n.constraints() {
		rows = append(rows, []any{nil, c.table.schema, c.name, nil, c.table.schema, c.table.name, c.kind, "NO", "NO"})
	}
	return rows
}

func keyColumnUsageRows(n *namespace, _ *System) (rows [][]any) {
	for _, c := range n.constraints() {
		for i, col := range c.columns {
			row := []any{nil, c.table.schema, c.name, nil, c.table.schema, c.table.name, col.name, int64(i + 1), nil, c.kind, nil, nil, nil, nil}
			if f := c.foreign; f != nil {
				row[8] = int64(i + 1)
				row[10], row[11], row[12], row[13] = f.parent.schema, f.parent.name, f.refKey, f.parentColumns()[i].name
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func constraintColumnRows(n *namespace, _ *System) (rows [][]any) {
	for _, c := range n.constraints() {
		for _, col := range c.columns {
			rows = append(rows, []any{nil, c.table.schema, c.table.name, col.name, nil, c.table.schema, c.name})
		}
	}
	return rows
}

func constraintTableRows(n *namespace, _ *System) (rows [][]any) {
	for _, c := range n.constraints() {
		rows = append(rows, []any{nil, c.table.schema, c.table.name, nil, c.table.schema, c.name})
	}
	return rows
}

func referentialRows(n *namespace, _ *System) (rows [][]any) {
	for _, c := range n.constraints() {
		if f := c.foreign; f != nil {
			rows = append(rows, []any{nil, c.table.schema, c.table.name, f.name, nil, f.parent.schema, f.parent.name, f.refKey, "NONE", f.onUpdate, f.onDelete})
		}
	}
	return rows
}

// indexesRows lists the indexes of keys and the others; an index that CREATE UNIQUE INDEX made is listed once.
func indexesRows(n *namespace, _ *System) (rows [][]any) {
	for _, t := range n.sortedTables() {
		add := func(name string, unique, primary bool, columns []indexedColumn, data []*column) {
			var fields any
			if data != nil {
				var names []string
				for _, c := range data {
					names = append(names, c.name)
				}
				fields = strings.Join(names, ",")
			}
			for i, c := range columns {
				order := "A"
				if c.desc {
					order = "D"
				}
				rows = append(rows, []any{nil, t.schema, t.name, bit(!unique), nil, t.schema, name, int64(i + 1), c.name, order, nil, nil, nil, bit(primary), "Selectable", fields})
			}
		}
		for _, k := range t.keys {
			if !k.index {
				var columns []indexedColumn
				for _, c := range k.columns {
					columns = append(columns, indexedColumn{column: c})
				}
				add(k.name, true, k.primary, columns, nil)
			}
		}
		for _, i := range t.indexes {
			add(i.name, i.unique, false, i.columns, i.data)
		}
	}
	return rows
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
