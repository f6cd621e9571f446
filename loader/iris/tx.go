package iris

import (
	"context"
	"errors"
	"time"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// tx is the transaction of a load. It is not safe for concurrent use.
type tx struct {
	target    *Target
	db        *db
	work      loader.Work
	id        string // of its intents
	steps     int64
	begun     bool     // something was changed, or may have been
	intents   []intent // those of tables that are made
	drops     []string // tables to be dropped after the commit
	cleared   map[string]bool
	unchecked []unchecked // tables whose rows may break a rule
	compared  []*inserter // whose values are compared with what is there afterwards
	warnings  []loader.Warning
	ended     bool
	kept      error // why it is not as if nothing had been done, though it has ended
}

// Create implements [loader.Schema]. The table was made when the transaction began.
func (x *tx) Create(ctx context.Context, t *dat.Table) error {
	for _, made := range x.work.Create {
		if made.Name == t.Name {
			return x.begin(ctx)
		}
	}
	return inTable(t.Name, "creating", errors.New("not announced"))
}

// Drop implements [loader.Schema]. A table that is made anew was dropped when the transaction began. Any other loses its
// rows now and goes when they are committed to be gone.
func (x *tx) Drop(ctx context.Context, name string) error {
	if err := x.begin(ctx); err != nil {
		return err
	}
	for _, made := range x.work.Create {
		if parseName(made.Name).key() == parseName(name).key() {
			return nil
		}
	}
	if _, err := x.Clear(ctx, name); err != nil {
		return err
	}
	x.drops = append(x.drops, name)
	return translate(x.declare(ctx, intent{kind: dropping, table: name}))
}

// gone reports a table that is dropped with the commit.
func (x *tx) gone(name string) bool {
	for _, d := range x.drops {
		if parseName(d).key() == parseName(name).key() {
			return true
		}
	}
	return false
}

// Record implements [loader.Ledger].
func (x *tx) Record(ctx context.Context, r loader.Record) error {
	if err := x.Forget(ctx, r.FixtureID, r.Table); err != nil {
		return err
	}
	found, err := x.db.find(ctx, parseName(r.Table))
	if err != nil {
		return translate(err)
	}
	var structure any
	if found != nil {
		structure = found.structure()
	}
	_, err = x.db.Exec(ctx, "INSERT INTO "+loads.sql()+" (table_name, fixture_id, version, digest, row_count, mode, table_json, loaded_at, structure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.Table, r.FixtureID, r.Version, r.Digest, r.Rows, string(r.Mode), r.TableJSON, r.LoadedAt.Format(time.RFC3339), structure)
	return translate(err)
}

// Forget implements [loader.Ledger].
func (x *tx) Forget(ctx context.Context, fixtureID, name string) error {
	if err := x.begin(ctx); err != nil {
		return err
	}
	_, err := x.db.Exec(ctx, "DELETE FROM "+loads.sql()+" WHERE fixture_id = ? AND table_name = ?", fixtureID, name)
	return translate(err)
}
