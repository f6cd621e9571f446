package loader

import (
	"context"
	"io"
	"maps"
	"slices"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
)

// UnloadedTable is what happened to a table.
type UnloadedTable struct {
	Name    string
	Rows    int64 // that were removed
	Dropped bool
}

// Unload takes a fixture out of a target, all or nothing: tables that irisfix made are dropped, other tables of ours
// emptied, appended rows deleted by their keys. Nothing else is touched. Errors are those of [Load], and a
// [*NotLoadedError] if the target does not hold the fixture.
func Unload(ctx context.Context, f *bundle.Fixture, target Target) ([]UnloadedTable, error) {
	done, err := unloadThose(ctx, &unload{fixture: f, target: target}, func(r Record) bool { return r.FixtureID == f.Manifest.FixtureID })
	if err == nil && len(done) == 0 {
		where, _ := target.Place()
		err = &NotLoadedError{f.Manifest.FixtureID, where}
	}
	return done, err
}

// UnloadSchemas takes everything out of a target that was loaded under these schemas, of whatever fixture, as [Unload]
// does. Rows that were appended stay in the way: only their fixture knows them. There may be nothing.
func UnloadSchemas(ctx context.Context, target Target, schemas ...string) ([]UnloadedTable, error) {
	return unloadThose(ctx, &unload{target: target}, func(r Record) bool {
		schema, _ := splitName(r.Table)
		return slices.ContainsFunc(schemas, func(s string) bool { return fold(s) == fold(schema) })
	})
}

// unloadThose unloads what is recorded in those records.
func unloadThose(ctx context.Context, u *unload, those func(Record) bool) ([]UnloadedTable, error) {
	err := untilFresh(func() error { return u.once(ctx, those) })
	if err != nil {
		return nil, err
	}
	return u.done, nil
}

// once plans and unloads. The error matches [ErrMeanwhile] if the target has changed in between.
func (u *unload) once(ctx context.Context, those func(Record) bool) error {
	where, _ := u.target.Place()
	all, err := u.target.Records(ctx)
	if err != nil {
		return err
	}
	records := only(all, those)
	if u.tables, u.done = nil, nil; len(records) == 0 {
		return nil
	}
	if err := u.prepare(ctx, records, where); err != nil {
		return err
	}
	work := Work{Tables: slices.Sorted(maps.Keys(u.records))}
	if u.fixture != nil {
		work.FixtureID = u.fixture.Manifest.FixtureID
	}
	return transact(ctx, u.target, work, work.Tables, func(tx Tx) error {
		if err := sameRecords(ctx, u.target, records, those); err != nil {
			return err
		}
		return u.run(ctx, tx)
	})
}

type unload struct {
	fixture *bundle.Fixture // nil: of any
	target  Target
	tables  []*dat.Table // parents first
	records map[string]Record
	done    []UnloadedTable
}

// prepare reads the schemas that the records keep. Appended rows are found by the keys of the version that was loaded.
func (u *unload) prepare(ctx context.Context, records []Record, where string) error {
	u.records = map[string]Record{}
	var conflicts []Conflict
	id := ""
	for _, r := range records {
		t, err := dat.ParseTable([]byte(r.TableJSON))
		if err != nil {
			return &ConflictError{where, []Conflict{{Table: RecordTable, Reason: "its entry for " + r.Table + " cannot be read"}}}
		}
		u.tables = append(u.tables, t)
		u.records[t.Name] = r
		if r.Mode != Appended {
			continue
		}
		if u.fixture == nil {
			conflicts = append(conflicts, Conflict{Table: r.Table, Reason: "rows of the fixture " + r.FixtureID + " were appended; unload that one", Obstacle: OtherVersion})
			continue
		}
		if id == "" {
			d, err := u.fixture.Identify(ctx)
			if err != nil {
				return err
			}
			id = d.String()
		}
		if r.Digest != id {
			conflicts = append(conflicts, Conflict{Table: r.Table, Reason: "rows of version " + r.Version + " (" + r.Digest + ") were appended; unload that one"})
		}
	}
	u.tables, _ = parentsFirst(u.tables)
	if len(conflicts) > 0 {
		return &ConflictError{where, conflicts}
	}
	return nil
}

func (u *unload) run(ctx context.Context, tx Tx) error {
	for _, t := range slices.Backward(u.tables) {
		s, err := u.target.Inspect(ctx, t)
		if err != nil {
			return err
		}
		out := UnloadedTable{Name: t.Name, Rows: s.Rows}
		switch mode := u.records[t.Name].Mode; {
		case !s.Exists: // dropped by somebody else
			out.Rows = 0
		case mode == Created:
			out.Dropped = true
			err = tx.Drop(ctx, t.Name)
		case mode == Owned:
			out.Rows, err = tx.Clear(ctx, t.Name)
		default:
			out.Rows, err = u.delete(ctx, tx, t)
		}
		if err == nil {
			err = tx.Forget(ctx, u.records[t.Name].FixtureID, t.Name)
		}
		if err != nil {
			return err
		}
		u.done = append(u.done, out)
	}
	return nil
}

// delete removes the rows that the fixture has of a table.
func (u *unload) delete(ctx context.Context, tx Tx, t *dat.Table) (rows int64, err error) {
	files := u.fixture.Manifest.Files()
	file, found := fileOf(files, t.Name)
	if !found {
		return 0, &TableNotFoundError{t.Name, u.fixture.Where, namesOf(files)}
	}
	r, c, err := u.fixture.OpenTable(ctx, file)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	name := t.Name
	t = r.Table() // with the units of its times, which the record does not have
	t.Name = name
	b := dat.NewBatch(t)
	for {
		if err := bundle.TableError(file.Path, r.Next(b)); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		n, err := tx.Delete(ctx, t, b)
		if err != nil {
			return rows, err
		}
		rows += n
	}
}
