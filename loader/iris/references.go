package iris

import (
	"context"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// reference is a foreign key of a table that refers to another.
type reference struct {
	child   tableName
	name    string
	columns []string
	rowID   bool // it refers to the RowID
}

// references are the foreign keys that refer to a table, its own among them. rowID is the name of its RowID, if that
// matters.
func (d *db) references(ctx context.Context, to tableName, rowID string) (list []reference, err error) {
	err = d.each(ctx, func(row []wire.Item) error {
		r := reference{child: tableName{d.text(row[0]), d.text(row[1])}, name: d.text(row[2]), rowID: fold(d.text(row[4])) == fold(rowID)}
		if n := len(list); n == 0 || list[n-1].child != r.child || list[n-1].name != r.name {
			list = append(list, r)
		}
		last := &list[len(list)-1]
		last.columns = append(last.columns, d.text(row[3]))
		return nil
	}, `SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE
		WHERE CONSTRAINT_TYPE = 'FOREIGN KEY' AND REFERENCED_TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME = ? ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME`, to.schema, to.table)
	return list, err
}

// dropReferences drops the foreign keys that keep a table from being dropped.
func (d *db) dropReferences(ctx context.Context, to tableName) error {
	list, err := d.references(ctx, to, rowIDColumn)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.child.key() == to.key() {
			continue
		}
		if err := d.lock(ctx, r.child, exclusive, lockWait); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, "ALTER TABLE "+r.child.sql()+" DROP CONSTRAINT "+quote(r.name)); err != nil {
			return inTable(r.child.String(), "dropping a foreign key of", translate(err))
		}
	}
	d.forget()
	return nil
}

// referring is the intent to drop a foreign key and to make it again: the table, with that key only.
func (d *db) referring(ctx context.Context, r reference) (in intent, err error) {
	t, err := d.find(ctx, r.child)
	if err != nil || t == nil {
		return in, err
	}
	i := slices.IndexFunc(t.foreignKeys, func(k foreignKey) bool { return k.name == r.name })
	table := t.dat()
	table.ForeignKeys = []dat.ForeignKey{t.foreignKeys[i].ForeignKey}
	return intent{kind: relinking, table: r.child.String(), copy: r.name, was: table}, nil
}

// relink makes a foreign key again, unless the table is gone or has one that is the same. The rows need not agree with
// it: those of the other table may not be there yet.
func (d *db) relink(ctx context.Context, in intent) error {
	d.forget()
	defer d.forget()
	child, err := d.find(ctx, parseName(in.table))
	if err != nil || child == nil {
		return err
	}
	k := in.was.ForeignKeys[0]
	if slices.ContainsFunc(child.foreignKeys, func(have foreignKey) bool {
		return have.name == in.copy || slices.Equal(have.Columns, k.Columns) && parseName(have.RefTable).key() == parseName(k.RefTable).key()
	}) {
		return nil
	}
	parent, err := d.find(ctx, parseName(k.RefTable))
	if err != nil || parent == nil {
		return err
	}
	return d.withoutChecks(ctx, func() error {
		_, err := d.Exec(ctx, addForeignKey(child.name, in.copy, k, parent.identity()))
		return err
	})
}

// withoutChecks lets a foreign key be added that rows break. The option is the namespace's, not the process's
// (RSQL:setoption), so it is set for no longer than needed.
func (d *db) withoutChecks(ctx context.Context, do func() error) error {
	if _, err := d.Exec(ctx, "SET OPTION COMPILEMODE = NOCHECK"); err != nil {
		return err
	}
	err := do()
	if _, again := d.Exec(ctx, checksOn); err == nil {
		err = again
	}
	return err
}

// checksOn is how the option is where nobody set it.
const checksOn = "SET OPTION COMPILEMODE = IMMEDIATE"
