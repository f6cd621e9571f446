package iris

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

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
		whole, err := d.settleIntent(ctx, in, say)
		switch {
		case err != nil:
		case in.kind == relinking:
			unlinked = append(unlinked, in)
		case !whole:
			lost = append(lost, in) // its intent is needed until the rows are back
		default:
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
	if err := d.relinkAll(ctx, unlinked); err != nil {
		return nil, err
	}
	slices.SortFunc(warnings, func(a, b loader.Warning) int { return strings.Compare(a.Subject, b.Subject) })
	return warnings, nil
}

// settleIntent undoes or finishes what was about to be done to a table, but for what needs other tables as well: rows that
// are to come back, of tables that are not whole, and foreign keys.
func (d *db) settleIntent(ctx context.Context, in intent, say func(intent, string)) (whole bool, err error) {
	switch {
	case in.kind == creating:
		return true, d.undoCreate(ctx, in, say)
	case in.kind == recreating && in.stage == copying:
		return true, d.dropTable(ctx, tableName{ledgerSchema, in.copy})
	case in.kind == recreating:
		return d.undoReplace(ctx, in)
	case in.kind == dropping:
		if parseName(in.table).schema != ledgerSchema {
			say(in, "dropped: an unload was ended before it was done")
		}
		return true, d.dropTable(ctx, parseName(in.table))
	}
	return true, nil
}

// relinkAll makes foreign keys again. Who died may have left the namespace without checks.
func (d *db) relinkAll(ctx context.Context, list []intent) error {
	if len(list) == 0 {
		return nil
	}
	for _, in := range list {
		if err := errors.Join(d.relink(ctx, in), d.fulfil(ctx, in)); err != nil {
			return err
		}
	}
	_, err := d.Exec(ctx, checksOn)
	return err
}
