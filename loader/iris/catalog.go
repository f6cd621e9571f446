package iris

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// listed is a table or view in the list of tables.
type listed struct {
	name  tableName
	kind  string // TABLE_TYPE: BASE TABLE, VIEW, ...
	class string
}

const baseTable = "BASE TABLE"

// table is what the catalog says of a table.
type table struct {
	listed
	columns     []column
	rowID       string // name of the RowID field
	rowIDHidden bool   // it is no column of its own
	primaryKey  []string
	unique      [][]string
	foreignKeys []foreignKey
	indexes     []dat.Index
	triggers    []string
}

// foreignKey is one with its name, which is unique in its table only.
type foreignKey struct {
	name string
	dat.ForeignKey
}

// column is what the catalog says of a column, in the words of a fixture and beyond them.
type column struct {
	dat.Column
	class   string // such as %Library.String
	lost    string // why SQL does not give its values as they are; empty if it does
	minimum *int64 // the first day that a DATE or timestamp takes, since 1970; nil: the year 1
}

// tables returns the tables and views of the namespace that are not the system's, by key.
func (d *db) tables(ctx context.Context) (map[string]listed, error) {
	if d.names != nil {
		return d.names, nil
	}
	names := map[string]listed{}
	err := d.each(ctx, func(row []wire.Item) error {
		t := listed{tableName{d.text(row[0]), d.text(row[1])}, d.text(row[2]), d.text(row[3])}
		names[t.name.key()] = t
		return nil
	}, `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, CLASSNAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE <> 'SYSTEM TABLE' AND TABLE_TYPE <> 'SYSTEM VIEW'`)
	if err == nil {
		d.names = names
	}
	return names, err
}

// list returns a table or view by its name, or false.
func (d *db) list(ctx context.Context, name tableName) (listed, bool, error) {
	names, err := d.tables(ctx)
	t, ok := names[name.key()]
	return t, ok, err
}

// find describes a table or view; nil if there is none. Lists are sorted, so that the same schema always reads the same.
func (d *db) find(ctx context.Context, name tableName) (*table, error) {
	if t := d.found[name.key()]; t != nil {
		return t, nil
	}
	l, ok, err := d.list(ctx, name)
	if err != nil || !ok {
		return nil, err
	}
	t := &table{listed: l}
	for _, read := range []func(context.Context, *table) error{d.readColumns, d.readConstraints, d.readIndexes, d.readTriggers} {
		if err := read(ctx, t); err != nil {
			return nil, inTable(l.name.String(), "reading the catalog of", err)
		}
	}
	if d.found == nil {
		d.found = map[string]*table{}
	}
	d.found[name.key()] = t
	return t, nil
}

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
