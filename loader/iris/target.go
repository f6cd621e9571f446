package iris

import (
	"context"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// Target is a namespace that fixtures are loaded into. It is not safe for concurrent use. It has one connection at a
// time, which ends with each transaction: with it end its locks and the options that were set.
type Target struct {
	config  client.Config
	db      *db // nil: to be made
	tx      *tx // that is under way
	cleaned []loader.Warning
	closed  bool
}

// OpenTarget connects for loading. What a killed process has left is undone or finished now, unless somebody loads: see
// [Target.Cleaned].
func OpenTarget(ctx context.Context, cfg client.Config) (*Target, error) {
	t := &Target{config: cfg}
	d, err := t.connection(ctx)
	if err != nil {
		return nil, err
	}
	if t.cleaned, err = d.cleanUpNow(ctx); err != nil {
		t.release() // with the locks that it has
	}
	if err != nil && !isLocked(err) {
		return nil, connectError(ctx, d.where, err)
	}
	return t, nil
}

// cleanUpNow cleans up unless it would have to wait for somebody.
func (d *db) cleanUpNow(ctx context.Context) (warnings []loader.Warning, err error) {
	there, err := d.holdLedger(ctx, 0)
	if err != nil || !there {
		return nil, err
	}
	if warnings, err = d.cleanUp(ctx, 0); err == nil {
		err = d.unlock(ctx, loads, share)
	}
	return warnings, err
}

// connection is the one there is, or a new one.
func (t *Target) connection(ctx context.Context) (*db, error) {
	if t.closed {
		return nil, errClosed
	}
	if t.db != nil && t.db.Lost() == nil {
		return t.db, nil
	}
	d, err := open(ctx, t.config)
	if err != nil {
		return nil, err
	}
	t.db = d
	return d, nil
}

// release ends the connection and its locks.
func (t *Target) release() error {
	if t.db == nil {
		return nil
	}
	d := t.db
	t.db = nil
	return d.Close()
}

// Close ends the connection. A transaction that is under way ends without effect.
func (t *Target) Close() error {
	t.closed = true
	return t.release()
}

// Cleaned says what killed processes had left and was undone or finished.
func (t *Target) Cleaned() []loader.Warning { return t.cleaned }

// Place implements [loader.Target].
func (t *Target) Place() (where, namespace string) { return t.config.String(), t.config.Namespace }

// quietly runs fn while nobody loads: a load that is under way is waited for, since IRIS shows what is not committed.
func (t *Target) quietly(ctx context.Context, fn func(*db) error) error {
	d, err := t.connection(ctx)
	if err != nil {
		return err
	}
	if t.tx != nil {
		return translate(fn(d))
	}
	there, err := d.holdLedger(ctx, lockWait)
	if err == nil {
		err = fn(d)
	}
	if there && err == nil {
		err = d.unlock(ctx, loads, share)
	} else if there {
		t.release()
	}
	return connectError(ctx, d.where, err)
}

// Records implements [loader.Target].
func (t *Target) Records(ctx context.Context) (list []loader.Record, err error) {
	if t.db != nil {
		t.db.forget() // a plan begins with the records
	}
	err = t.quietly(ctx, func(d *db) error {
		list, _, err = d.records(ctx)
		return err
	})
	return list, err
}
