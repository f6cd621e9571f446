package loader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
)

// LoadOptions say how a fixture is loaded.
type LoadOptions struct {
	Tables       []string  // nil: all
	Schemas      SchemaMap // under which schemas; known queries go on naming those of the fixture
	Replace      bool      // empty tables that hold other rows
	Append       bool      // add to tables that hold other rows
	CheckQueries bool      // run the known queries that have an expectation
	DryRun       bool      // find out what would happen and stop
	Now          time.Time
	Progress     func(table string, rows, total int64) // rows of a table that are loaded so far
}

// LoadResult is what was loaded, or would be.
type LoadResult struct {
	FixtureID string
	Digest    digest.Digest
	Tables    []*TablePlan // in the order of loading
	Rows      int64
	Circular  []string // tables whose foreign keys refer in circles
	Queries   int      // known queries that were checked
	Warnings  []Warning
}

// Load puts the tables of a fixture into a target, all or none. Everything is checked before the target is touched:
// every checksum, every schema, every table that is there already. Errors: what [bundle.Fixture.Verify] returns, a
// [*TableNotFoundError], a [*ConflictError], a [*FailedError] if it was rolled back, a [*RollbackError] if that failed.
func Load(ctx context.Context, f *bundle.Fixture, target Target, o LoadOptions) (*LoadResult, error) {
	id, err := f.Identify(ctx)
	if err != nil {
		return nil, err
	}
	var r *LoadResult
	err = untilFresh(func() (err error) {
		r, err = loadOnce(ctx, f, id, target, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// loadOnce plans and loads. The error matches [ErrMeanwhile] if the target has changed in between.
func loadOnce(ctx context.Context, f *bundle.Fixture, id digest.Digest, target Target, o LoadOptions) (*LoadResult, error) {
	p, err := plan(ctx, f, target, o)
	if err != nil {
		return nil, err
	}
	r := &LoadResult{FixtureID: f.Manifest.FixtureID, Digest: id, Tables: p.tables, Circular: p.circular}
	for _, t := range p.tables {
		r.Rows += t.Rows
	}
	if o.DryRun {
		return r, nil
	}
	where, _ := target.Place()
	l := &load{fixture: f, plan: p, opts: o, result: r, target: where}
	work := Work{FixtureID: f.Manifest.FixtureID, Cycles: len(p.circular) > 0}
	names := make([]string, len(p.tables))
	for i, t := range p.tables {
		names[i] = t.Name
		if t.Action == CreateTable || t.Action == RecreateTable {
			work.Create = append(work.Create, t.table)
		}
	}
	work.Tables = names
	return r, transact(ctx, target, work, names, func(tx Tx) error {
		if err := p.fresh(ctx, target); err != nil {
			return err
		}
		return l.run(ctx, tx)
	})
}

// transact runs fn, which changes these tables, in a transaction of the target and ends it.
func transact(ctx context.Context, target Target, w Work, tables []string, fn func(Tx) error) error {
	where, _ := target.Place()
	tx, err := target.Begin(ctx, w)
	if err != nil {
		return failed(ctx, where, err)
	}
	returned := false
	defer func() {
		if !returned { // a panic: the caller turns it into an error, the target must not keep half a load
			tx.Rollback()
		}
	}()
	if err = fn(tx); err == nil {
		err = tx.Commit(ctx)
	}
	returned = true
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnknown):
		return &RollbackError{where, tables, err, nil}
	}
	if undo := tx.Rollback(); undo != nil {
		return &RollbackError{where, tables, err, undo}
	}
	var conflict *ConflictError
	if errors.As(err, &conflict) {
		return err
	}
	return failed(ctx, where, err)
}

// failed is the error of work that was undone. If its context has ended, that is why.
func failed(ctx context.Context, where string, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return errors.Join(cause, &FailedError{where, err})
	}
	return &FailedError{where, err}
}

// load is a load that is under way.
type load struct {
	fixture *bundle.Fixture
	plan    *loadPlan
	opts    LoadOptions
	result  *LoadResult
	target  string
}

// run does everything between begin and commit: out go children before parents, in come parents before children.
func (l *load) run(ctx context.Context, tx Tx) error {
	for _, t := range slices.Backward(l.plan.tables) {
		if err := l.clear(ctx, tx, t); err != nil {
			return err
		}
	}
	tables := make([]*dat.Table, len(l.plan.tables))
	for i, t := range l.plan.tables {
		tables[i] = t.table
		if t.Action == CreateTable || t.Action == RecreateTable {
			if err := tx.Create(ctx, t.table); err != nil {
				return err
			}
		}
	}
	for _, t := range l.plan.tables {
		if err := l.insert(ctx, tx, t); err != nil {
			return err
		}
	}
	for _, t := range l.plan.tables {
		if err := l.record(ctx, tx, t); err != nil {
			return err
		}
	}
	violations, warnings, err := tx.Check(ctx, tables)
	l.result.Warnings = append(l.result.Warnings, warnings...)
	if err == nil && len(violations) > 0 {
		err = &ViolationError{violations}
	}
	if err != nil || !l.opts.CheckQueries {
		return err
	}
	l.result.Queries, err = checkQueries(ctx, tx, l.fixture.Manifest.KnownQueries)
	return err
}

func (l *load) clear(ctx context.Context, tx Tx, t *TablePlan) (err error) {
	switch t.Action {
	case RecreateTable:
		err = tx.Drop(ctx, t.Name)
	case ReloadTable, ReplaceTable:
		_, err = tx.Clear(ctx, t.Name)
	}
	return err
}

// insert loads one table and compares the number of rows that are there afterwards.
func (l *load) insert(ctx context.Context, tx Tx, t *TablePlan) (err error) {
	r, c, err := l.fixture.OpenTable(ctx, t.file)
	if err != nil {
		return err
	}
	defer c.Close()
	in, err := tx.Insert(ctx, t.table)
	if err != nil {
		return err
	}
	rows := int64(0)
	next := func(b *dat.Batch) error { return bundle.TableError(t.file.Path, r.Next(b)) }
	err = pump(ctx, t.table, next, func(b *dat.Batch) error {
		if err := in.Insert(ctx, b); err != nil {
			return l.rowError(t, err)
		}
		rows += int64(b.Rows)
		if l.opts.Progress != nil {
			l.opts.Progress(t.Name, rows, t.Rows)
		}
		return nil
	})
	if closed := in.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	want := t.Rows
	if t.Action == AppendRows {
		want += t.Existing
	}
	got, err := tx.Count(ctx, t.Name)
	if err == nil && got != want {
		err = &CountError{t.Name, want, got}
	}
	return err
}

// rowError makes a row whose key exists a conflict if rows are appended.
func (l *load) rowError(t *TablePlan, err error) error {
	if t.Action == AppendRows && errors.Is(err, ErrDuplicate) {
		var row *RowError
		if errors.As(err, &row) {
			return &ConflictError{l.target, []Conflict{{t.Name, fmt.Sprintf("row %d: %v", row.Row, row.Err), TableRows}}}
		}
	}
	return err
}

func (l *load) record(ctx context.Context, tx Tx, t *TablePlan) error {
	for _, other := range t.drop {
		if err := tx.Forget(ctx, other, t.Name); err != nil {
			return err
		}
	}
	return tx.Record(ctx, Record{
		Table: t.Name, FixtureID: l.result.FixtureID, Version: l.fixture.Manifest.Version, Digest: l.result.Digest.String(),
		Rows: t.before + t.Rows, Mode: t.mode, TableJSON: string(t.table.JSON()), LoadedAt: l.opts.Now.UTC(),
	})
}
