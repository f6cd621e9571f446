package iris

import (
	"context"
	"errors"
	"fmt"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

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
	if in.kind != dropping && in.kind != committed {
		x.intents = append(x.intents, in)
	}
	return x.db.declare(ctx, in)
}

// makeTables makes the tables of the work. Those that are there are made anew if they are the fixture's own.
func (x *tx) makeTables(ctx context.Context) error {
	old, err := x.examine(ctx)
	if err != nil {
		return translate(err)
	}
	for i, t := range x.work.Create {
		if old[i] == nil {
			err = x.declare(ctx, intent{kind: creating, table: t.Name, is: t})
		} else {
			err = x.replace(ctx, old[i])
		}
		if err != nil {
			return translate(err)
		}
	}
	if err := x.db.makeTables(ctx, x.work.Create); err != nil {
		return err
	}
	warnings, err := x.db.makeForeignKeys(ctx, x.work.Create)
	if err != nil {
		return err
	}
	for _, in := range x.intents {
		if in.kind == relinking {
			if err := x.db.relink(ctx, in); err != nil {
				return inTable(in.table, "adding a foreign key to", translate(err))
			}
		}
	}
	x.db.forget()
	x.warnings = append(x.warnings, warnings...)
	x.warnDefaults()
	return nil
}

// examine describes the tables that are to be made anew, nil for those that are not there, and writes down the foreign
// keys that refer to them, while they are as they were.
func (x *tx) examine(ctx context.Context) ([]*dat.Table, error) {
	old := make([]*dat.Table, len(x.work.Create))
	for i, t := range x.work.Create {
		found, err := x.db.find(ctx, parseName(t.Name))
		if err != nil || found == nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		if ours, err := x.ours(ctx, t.Name); err != nil || !ours {
			return nil, errors.Join(err, fmt.Errorf("%s: %w", t.Name, loader.ErrMeanwhile)) // it was not there when the load was planned
		}
		r := &rows{db: x.db}
		if err := r.settle(ctx, found, nil); err != nil {
			return nil, err
		}
		old[i] = r.table
		references, err := x.db.references(ctx, found.name, rowIDColumn)
		if err != nil {
			return nil, err
		}
		for _, ref := range references {
			if ref.child.key() == found.name.key() {
				continue
			}
			in, err := x.db.referring(ctx, ref)
			if err == nil {
				err = x.declare(ctx, in)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return old, nil
}

// replace keeps the rows of a table and drops it.
func (x *tx) replace(ctx context.Context, was *dat.Table) error {
	err := x.declare(ctx, intent{kind: recreating, stage: copying, table: was.Name, copy: fmt.Sprintf("Kept_%.8s_%d", x.id, x.steps), was: was})
	if err != nil {
		return err
	}
	in := x.intents[len(x.intents)-1]
	kept := copyOf(was, ledgerSchema+"."+in.copy)
	if err := x.db.makeTables(ctx, []*dat.Table{kept}); err != nil {
		return err
	}
	if err := x.db.copyRows(ctx, was, kept, func() error { return x.db.advance(ctx, in, recreating, replacing, in.table) }); err != nil {
		return err
	}
	return x.db.dropTable(ctx, parseName(was.Name))
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
