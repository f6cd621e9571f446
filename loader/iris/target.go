package iris

import (
	"context"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
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

// Inspect implements [loader.Target].
func (t *Target) Inspect(ctx context.Context, want *dat.Table) (s loader.State, err error) {
	if s.Limits = limits(want); s.Limits != nil {
		return s, nil
	}
	err = t.quietly(ctx, func(d *db) error {
		found, err := d.find(ctx, parseName(want.Name))
		if err != nil {
			return err
		}
		if t.tx != nil && t.tx.gone(want.Name) {
			found = nil
		}
		s, err = d.inspect(ctx, want, found)
		return err
	})
	return s, err
}

func (d *db) inspect(ctx context.Context, want *dat.Table, found *table) (s loader.State, err error) {
	if found != nil && found.kind != baseTable {
		return loader.State{Exists: true, Misfits: []string{"is a " + fold(found.kind)}}, nil
	}
	s.Screen, s.Anew = screens(want, found), screens(want, nil)
	if found == nil {
		return s, nil
	}
	s.Exists = true
	s.Misfits = misfits(want, found)
	s.Rows, err = d.count(ctx, found.name)
	return s, err
}

// screens returns the check of values, and the columns that need it.
func screens(want *dat.Table, found *table) loader.Screen {
	stored := want.Stored()
	checks := make([]check, len(stored))
	var list []int
	for i := range stored {
		if checks[i] = roomIn(want, &stored[i], found).check(&stored[i]); checks[i] != nil {
			list = append(list, i)
		}
	}
	return loader.Screen{Columns: list, Check: func(column int, v *dat.Vector) (int, string) {
		for i := range v.Len() {
			if reason := checks[column](v, i); reason != "" {
				return i, reason
			}
		}
		return 0, ""
	}}
}

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
				Reason: "differs from " + other + " of the same fixture only in case, which IRIS does not tell apart"}}}
		}
		seen[key] = t.Name
	}
	return nil
}
