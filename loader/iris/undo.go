package iris

import (
	"context"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
)

// undoCreate drops a table that was made for rows that were never committed. One that holds rows, or has other columns,
// is somebody else's.
func (d *db) undoCreate(ctx context.Context, in intent, say func(intent, string)) error {
	name := parseName(in.table)
	d.forget()
	t, err := d.find(ctx, name)
	if err != nil || t == nil {
		return err
	}
	n, err := d.count(ctx, name)
	if err != nil {
		return err
	}
	if n > 0 || in.is == nil || !sameColumns(t, in.is) {
		say(in, "left alone: it is not the table that a load was making when it was ended")
		return nil
	}
	say(in, "dropped: a load was ended before it was done")
	return d.dropTable(ctx, name)
}

// sameColumns reports a table of the names that a table to be made has.
func sameColumns(t *table, want *dat.Table) bool {
	n := 0
	for i := range want.Columns {
		c := &want.Columns[i]
		if c.Name == rowIDColumn || c.Generated && c.SQLType != "ROWVERSION" {
			continue
		}
		if t.column(c.Name) == nil {
			return false
		}
		n++
	}
	public := !t.rowIDHidden && t.rowID != "" && !slices.ContainsFunc(want.Columns, func(c dat.Column) bool { return fold(c.Name) == fold(t.rowID) })
	return n == len(t.columns) || public && n+1 == len(t.columns)
}

// undoReplace removes the new table. If the one that is there has rows, it is still the old one, and the copy goes.
func (d *db) undoReplace(ctx context.Context, in intent) (whole bool, err error) {
	name := parseName(in.table)
	d.forget()
	t, err := d.find(ctx, name)
	if err != nil {
		return false, err
	}
	if t != nil {
		n, err := d.count(ctx, name)
		if err != nil {
			return false, err
		}
		if n > 0 {
			return true, d.dropTable(ctx, tableName{ledgerSchema, in.copy})
		}
	}
	return false, d.dropTable(ctx, name)
}

// restore makes old tables again and puts their rows back.
func (d *db) restore(ctx context.Context, list []intent, say func(intent, string)) error {
	var tables []*dat.Table
	for _, in := range list {
		tables = append(tables, in.was)
	}
	if err := d.makeTables(ctx, tables); err != nil {
		return err
	}
	for _, in := range list {
		kept := copyOf(in.was, ledgerSchema+"."+in.copy)
		err := d.copyRows(ctx, kept, in.was, func() error {
			return d.advance(ctx, in, dropping, "", kept.Name)
		})
		if err != nil {
			return err
		}
		say(in, "put back as it was: a load was ended before it was done")
	}
	if _, err := d.makeForeignKeys(ctx, tables); err != nil {
		return err
	}
	for _, in := range list {
		if err := d.dropTable(ctx, tableName{ledgerSchema, in.copy}); err != nil {
			return err
		}
		if err := d.fulfil(ctx, in); err != nil {
			return err
		}
	}
	return nil
}
