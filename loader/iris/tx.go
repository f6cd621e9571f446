package iris

import (
	"context"
	"errors"
	"fmt"
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
	unchecked []reference // foreign keys that rows may break
	compared  []*inserter // whose values are compared with what is there afterwards
	warnings  []loader.Warning
	ended     bool
}

// begin does all DDL, since IRIS does not promise to undo it with the transaction, and then begins that.
func (x *tx) begin(ctx context.Context) error {
	if x.begun {
		return nil
	}
	x.begun = true
	x.cleared = map[string]bool{}
	if err := x.makeTables(ctx); err != nil {
		return err
	}
	if err := x.db.Begin(ctx); err != nil {
		return translate(err)
	}
	return translate(x.declare(ctx, intent{kind: committed}))
}

// declare writes down the next intent.
func (x *tx) declare(ctx context.Context, in intent) error {
	in.transaction, in.step = x.id, x.steps
	x.steps++
	if in.kind == creating || in.kind == recreating {
		x.intents = append(x.intents, in)
	}
	return x.db.declare(ctx, in)
}

// makeTables makes the tables of the work. Those that are there are made anew if they are the fixture's own.
func (x *tx) makeTables(ctx context.Context) error {
	for _, t := range x.work.Create {
		found, err := x.db.find(ctx, parseName(t.Name))
		if err != nil {
			return translate(err)
		}
		if found == nil {
			err = x.declare(ctx, intent{kind: creating, table: t.Name, is: t})
		} else {
			err = x.replace(ctx, t, found)
		}
		if err != nil {
			return translate(err)
		}
	}
	if err := x.db.makeTables(ctx, x.work.Create); err != nil {
		return err
	}
	warnings, err := x.db.makeForeignKeys(ctx, x.work.Create)
	x.warnings = append(x.warnings, warnings...)
	x.warnDefaults()
	return err
}

// replace keeps the rows of a table and drops it.
func (x *tx) replace(ctx context.Context, t *dat.Table, found *table) error {
	if ours, err := x.ours(ctx, t.Name); err != nil || !ours {
		return errors.Join(err, fmt.Errorf("%s: %w", t.Name, loader.ErrMeanwhile)) // it was not there when the load was planned
	}
	old := &rows{db: x.db}
	if err := old.settle(ctx, found, nil); err != nil {
		return err
	}
	in := intent{kind: recreating, stage: copying, table: t.Name, copy: fmt.Sprintf("Kept_%.8s_%d", x.id, x.steps), was: old.table}
	if err := x.declare(ctx, in); err != nil {
		return err
	}
	in = x.intents[len(x.intents)-1]
	kept := copyOf(in.was, ledgerSchema+"."+in.copy)
	if err := x.db.makeTables(ctx, []*dat.Table{kept}); err != nil {
		return err
	}
	err := x.db.copyRows(ctx, in.was, kept, func() error { return x.db.advance(ctx, in, recreating, replacing, in.table) })
	if err != nil {
		return err
	}
	return x.db.dropTable(ctx, found.name)
}

// ours reports a table that the record says this fixture made.
func (x *tx) ours(ctx context.Context, name string) (bool, error) {
	list, _, err := x.db.records(ctx)
	for _, r := range list {
		if parseName(r.Table).key() == parseName(name).key() && r.FixtureID == x.work.FixtureID && r.Mode == loader.Created {
			return true, nil
		}
	}
	return false, err
}

// warnDefaults says which defaults a new table does not have.
func (x *tx) warnDefaults() {
	for _, t := range x.work.Create {
		for _, c := range t.Stored() {
			if c.Default != nil && defaultClause(&c) == "" {
				x.warnings = append(x.warnings, loader.Warning{Subject: t.Name + "." + c.Name, Message: "its default is not taken over: " + *c.Default})
			}
		}
	}
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
