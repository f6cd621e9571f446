package iris

import (
	"context"

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
