package iris

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// readConstraints reads keys. Names of constraints are unique in their table only (class reference,
// INFORMATION.SCHEMA.KEYCOLUMNUSAGE).
func (d *db) readConstraints(ctx context.Context, t *table) error {
	unique, foreign := map[string][]string{}, map[string]*dat.ForeignKey{}
	err := d.each(ctx, func(row []wire.Item) error {
		name, columnName := d.text(row[0]), d.text(row[2])
		switch d.text(row[1]) {
		case "PRIMARY KEY":
			t.primaryKey = append(t.primaryKey, columnName)
		case "UNIQUE":
			unique[name] = append(unique[name], columnName)
		case "FOREIGN KEY":
			if foreign[name] == nil {
				foreign[name] = &dat.ForeignKey{RefTable: d.text(row[3]) + "." + d.text(row[4])}
			}
			k := foreign[name]
			k.Columns, k.RefColumns = append(k.Columns, columnName), append(k.RefColumns, d.text(row[5]))
		}
		return nil
	}, `SELECT CONSTRAINT_NAME, CONSTRAINT_TYPE, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
		FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION`, t.name.schema, t.name.table)
	if err != nil {
		return err
	}
	if id := t.identity(); len(t.primaryKey) == 0 && id != "" {
		t.primaryKey = []string{id} // which has no constraint of its own
	}
	for _, columns := range unique {
		t.unique = append(t.unique, columns)
	}
	slices.SortFunc(t.unique, slices.Compare[[]string])
	if len(foreign) == 0 {
		return nil
	}
	return d.readRules(ctx, t, foreign)
}

// identity is the column that is the RowID; empty if there is none.
func (t *table) identity() string {
	if t.rowIDHidden {
		return ""
	}
	return t.rowID
}

// readRules reads what foreign keys do when rows go.
func (d *db) readRules(ctx context.Context, t *table, foreign map[string]*dat.ForeignKey) error {
	err := d.each(ctx, func(row []wire.Item) error {
		if k := foreign[d.text(row[0])]; k != nil {
			k.OnUpdate, k.OnDelete = action(d.text(row[1])), action(d.text(row[2]))
		}
		return nil
	}, `SELECT CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS
		WHERE CONSTRAINT_SCHEMA = ? AND CONSTRAINT_TABLE_NAME = ?`, t.name.schema, t.name.table)
	for name, k := range foreign {
		t.foreignKeys = append(t.foreignKeys, foreignKey{name, *k})
	}
	slices.SortFunc(t.foreignKeys, func(a, b foreignKey) int {
		return cmp.Or(slices.Compare(a.Columns, b.Columns), strings.Compare(a.RefTable, b.RefTable), strings.Compare(a.name, b.name))
	})
	return err
}

// readIndexes reads the indexes that are no constraints.
func (d *db) readIndexes(ctx context.Context, t *table) error {
	var list []dat.Index
	err := d.each(ctx, func(row []wire.Item) error {
		name, columnName := d.text(row[0]), d.text(row[1])
		nonUnique, err := d.int(row[2])
		if err != nil {
			return err
		}
		primary, err := d.int(row[3])
		if err != nil || primary != 0 || columnName == "" {
			return err // that of the key, or of all rows (bitmap extent), which has no columns
		}
		if n := len(list); n == 0 || list[n-1].Name != name {
			list = append(list, dat.Index{Name: name, Unique: nonUnique == 0})
		}
		list[len(list)-1].Columns = append(list[len(list)-1].Columns, columnName)
		return nil
	}, `SELECT INDEX_NAME, COLUMN_NAME, NON_UNIQUE, PRIMARY_KEY FROM INFORMATION_SCHEMA.INDEXES
		WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY INDEX_NAME, ORDINAL_POSITION`, t.name.schema, t.name.table)
	for _, x := range list {
		constraint := slices.ContainsFunc(t.unique, func(u []string) bool { return slices.Equal(u, x.Columns) })
		identity := len(x.Columns) == 1 && x.Columns[0] == t.rowID
		if !(x.Unique && (constraint || identity || slices.Equal(x.Columns, t.primaryKey))) {
			t.indexes = append(t.indexes, x)
		}
	}
	slices.SortFunc(t.indexes, func(a, b dat.Index) int { return strings.Compare(a.Name, b.Name) })
	return err
}

func (d *db) readTriggers(ctx context.Context, t *table) error {
	return d.each(ctx, func(row []wire.Item) error {
		if name := d.text(row[0]); !slices.Contains(t.triggers, name) { // one of several events has several rows
			t.triggers = append(t.triggers, name)
		}
		return nil
	}, `SELECT TRIGGER_NAME FROM INFORMATION_SCHEMA.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME`,
		t.name.schema, t.name.table)
}
