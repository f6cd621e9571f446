package iris

import (
	"context"
	"slices"

	"github.com/irisfix/irisfix/loader"
)

// Begin implements [loader.Target]. It waits for whoever loads into the namespace, cleans up after the dead, and locks
// the tables. Nothing is changed before the first method of the transaction that changes something: then tables are
// made, and the transaction of the database begins.
func (t *Target) Begin(ctx context.Context, w loader.Work) (loader.Tx, error) {
	d, err := t.connection(ctx)
	if err != nil {
		return nil, err
	}
	x := &tx{target: t, db: d, work: w, id: newTransaction()}
	if err := x.prepare(ctx); err != nil {
		t.release()
		return nil, err
	}
	t.tx = x
	return x, nil
}

// prepare gets the locks.
func (x *tx) prepare(ctx context.Context) error {
	d := x.db
	d.forget()
	if err := x.twins(); err != nil {
		return err
	}
	if err := d.makeLedger(ctx); err != nil {
		return translate(err)
	}
	if err := d.lock(ctx, loads, exclusive, lockWait); err != nil {
		return err
	}
	d.forget() // somebody may have changed it before the lock was ours
	warnings, err := d.settleIntents(ctx)
	if err != nil {
		return translate(err)
	}
	x.target.cleaned = append(x.target.cleaned, warnings...)
	names := slices.Clone(x.work.Tables)
	slices.Sort(names)
	for _, name := range names {
		l, ok, err := d.list(ctx, parseName(name))
		if err == nil && ok && l.kind == baseTable {
			err = d.lock(ctx, parseName(name), exclusive, lockWait)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// twins refuses tables whose names are one to IRIS.
func (x *tx) twins() error {
	seen := map[string]string{}
	for _, t := range x.work.Create {
		key := parseName(t.Name).key()
		if other, twice := seen[key]; twice {
			return &loader.ConflictError{Target: x.target.config.String(), Conflicts: []loader.Conflict{{Table: t.Name,
				Reason: "differs from " + other + " of the same fixture only in case, which IRIS does not tell apart", Obstacle: loader.System}}}
		}
		seen[key] = t.Name
	}
	return nil
}
