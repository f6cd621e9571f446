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
