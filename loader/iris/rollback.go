package iris

import (
	"context"
	"errors"
)

// anew does something over a new connection, for which the context of the work does not count. The ledger is locked, so
// the server has ended what the old connection did.
func (x *tx) anew(fn func(context.Context, *db) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), undoTimeout)
	defer cancel()
	x.target.release()
	d, err := open(ctx, x.target.config)
	if err != nil {
		return err
	}
	err = d.lock(ctx, loads, exclusive, undoTimeout/2)
	if err == nil {
		err = fn(ctx, d)
	}
	return errors.Join(err, d.Close())
}

// Rollback implements [loader.Tx]. What cannot be undone over the connection of the transaction is undone over another.
func (x *tx) Rollback() error {
	if x.ended {
		return x.kept
	}
	defer x.end()
	if !x.begun {
		return nil
	}
	if !x.target.closed && x.db.Lost() == nil && x.undo() == nil {
		return nil
	}
	return x.anew(func(ctx context.Context, d *db) error {
		_, err := d.settleIntents(ctx)
		return err
	})
}

// undo rolls back and undoes what was done to tables.
func (x *tx) undo() error {
	ctx, cancel := context.WithTimeout(context.Background(), undoTimeout)
	defer cancel()
	if x.db.InTransaction() {
		if err := x.db.Rollback(ctx); err != nil {
			return err
		}
	}
	x.db.forget()
	_, err := x.db.settleIntents(ctx)
	return err
}

// end gives up the connection, and with it the locks.
func (x *tx) end() {
	x.ended = true
	if x.target.tx == x {
		x.target.tx = nil
		x.target.release()
	}
}
