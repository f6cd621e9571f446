package iris

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// Commit implements [loader.Tx]. If the connection is lost while the server commits, a new one finds out whether it did.
func (x *tx) Commit(ctx context.Context) error {
	if !x.begun {
		x.end()
		return nil
	}
	if err := x.finish(ctx); err != nil {
		return err
	}
	err := x.db.Commit(ctx)
	var lost *client.LostError
	switch {
	case errors.As(err, &lost) && lost.Sent:
		return x.resolve(err)
	case err != nil:
		return translate(err)
	}
	return x.afterwards(ctx)
}

// finish does what belongs to the transaction and is not said by the load.
func (x *tx) finish(ctx context.Context) error {
	violations, err := x.verify(ctx)
	if err == nil && len(violations) > 0 {
		err = &loader.ViolationError{Violations: violations}
	}
	if err == nil {
		err = x.dropped(ctx)
	}
	if err != nil {
		return err
	}
	for _, in := range x.intents {
		if in.kind == recreating {
			err = x.db.advance(ctx, in, dropping, "", ledgerSchema+"."+in.copy)
		} else {
			err = x.db.fulfil(ctx, in)
		}
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// dropped refuses to drop a table that another refers to.
func (x *tx) dropped(ctx context.Context) error {
	for _, name := range x.drops {
		references, err := x.db.references(ctx, parseName(name), rowIDColumn)
		if err != nil {
			return translate(err)
		}
		for _, c := range references {
			if !x.gone(c.child.String()) {
				return inTable(name, "dropping", fmt.Errorf("the table %s refers to it", c.child))
			}
		}
	}
	return nil
}

// afterwards drops tables, now that it is committed that they go. What is left undone here the next process does.
func (x *tx) afterwards(ctx context.Context) error {
	defer x.end()
	if len(x.drops) == 0 && !x.replaced() {
		_ = x.db.fulfilAll(ctx, x.id) // what stays hurts nobody
		return nil
	}
	err := x.sweep(ctx, x.db)
	if err != nil {
		err = x.anew(func(ctx context.Context, d *db) error { return x.sweep(ctx, d) })
	}
	if err != nil && len(x.drops) > 0 {
		x.kept = fmt.Errorf("committed, but not dropped: %s", strings.Join(x.drops, ", "))
		return err
	}
	return nil
}

// replaced reports that old tables were copied.
func (x *tx) replaced() bool {
	for _, in := range x.intents {
		if in.kind == recreating {
			return true
		}
	}
	return false
}

// sweep finishes the intents of this transaction, which is committed.
func (x *tx) sweep(ctx context.Context, d *db) error {
	list, err := d.intents(ctx)
	for _, in := range list {
		if in.transaction != x.id {
			continue
		}
		if in.kind == dropping {
			err = d.dropTable(ctx, parseName(in.table))
		}
		if err == nil {
			err = d.fulfil(ctx, in)
		}
		if err != nil {
			return err
		}
	}
	return err
}

// resolve finds out whether the transaction was committed, by the intent that says so.
func (x *tx) resolve(lost error) error {
	done := false
	err := x.anew(func(ctx context.Context, d *db) error {
		n, err := d.value(ctx, "SELECT COUNT(*) FROM "+intents.sql()+" WHERE transaction_id = ? AND kind = ?", x.id, string(committed))
		if done = n > 0; err == nil && done {
			err = x.sweep(ctx, d)
		}
		return err
	})
	switch {
	case done && (err == nil || len(x.drops) == 0):
		x.end()
		return nil
	case done:
		x.end()
		x.kept = fmt.Errorf("committed, but not dropped: %s", strings.Join(x.drops, ", "))
		return err
	case err != nil:
		return fmt.Errorf("%w: %w, and %w", loader.ErrUnknown, lost, err)
	}
	return lost
}
