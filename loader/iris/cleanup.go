package iris

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// holdLedger keeps loads away, if anything was ever loaded: whoever loads is waited for. Without it nothing of the
// ledger may be believed, since IRIS shows what is not committed.
func (d *db) holdLedger(ctx context.Context, wait time.Duration) (there bool, err error) {
	if _, there, err = d.list(ctx, loads); there && err == nil {
		err = d.lock(ctx, loads, share, wait)
	}
	return there, err
}

// cleanUp undoes or finishes what processes that died have left, if there is anything. The ledger is held before and
// after.
func (d *db) cleanUp(ctx context.Context, wait time.Duration) ([]loader.Warning, error) {
	if list, err := d.intents(ctx); err != nil || len(list) == 0 {
		return nil, err
	}
	if err := d.unlock(ctx, loads, share); err != nil {
		return nil, err
	}
	if err := d.lock(ctx, loads, exclusive, wait); err != nil {
		return nil, err
	}
	warnings, err := d.settleIntents(ctx)
	if err == nil {
		err = d.lock(ctx, loads, share, wait)
	}
	if err == nil {
		err = d.unlock(ctx, loads, exclusive)
	}
	return warnings, err
}

// settleIntents undoes or finishes everything that is written down. The ledger must be locked.
func (d *db) settleIntents(ctx context.Context) (warnings []loader.Warning, err error) {
	list, err := d.intents(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	say := func(in intent, what string) {
		warnings = append(warnings, loader.Warning{Subject: in.table, Message: what})
	}
	var lost, unlinked []intent
	for _, in := range slices.Backward(list) { // children before parents
		switch {
		case in.kind == creating:
			err = d.undoCreate(ctx, in, say)
		case in.kind == recreating && in.stage == copying:
			err = d.dropTable(ctx, tableName{ledgerSchema, in.copy})
		case in.kind == recreating:
			var whole bool
			if whole, err = d.undoReplace(ctx, in); err == nil && !whole {
				lost = append(lost, in)
				continue // its intent is needed until the rows are back
			}
		case in.kind == relinking:
			unlinked = append(unlinked, in)
			continue
		case in.kind == dropping:
			if parseName(in.table).schema != ledgerSchema {
				say(in, "dropped: an unload was ended before it was done")
			}
			err = d.dropTable(ctx, parseName(in.table))
		}
		if err == nil {
			err = d.fulfil(ctx, in)
		}
		if err != nil {
			return nil, err
		}
	}
	slices.Reverse(lost)
	if err := d.restore(ctx, lost, say); err != nil {
		return nil, err
	}
	for _, in := range unlinked {
		if err := errors.Join(d.relink(ctx, in), d.fulfil(ctx, in)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(warnings, func(a, b loader.Warning) int { return strings.Compare(a.Subject, b.Subject) })
	return warnings, nil
}

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
