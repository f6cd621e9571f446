package targettest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

var day = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// fixture makes a fixture directory with the id "test" of what a source has.
func (s *suite) fixture(src loader.Source, change ...func(*loader.CreateOptions)) string {
	s.Helper()
	o := loader.CreateOptions{Output: filepath.Join(s.TempDir(), "fixture"), Name: "test", Now: day}
	for _, c := range change {
		c(&o)
	}
	if _, err := loader.Create(s.Context(), src, o); err != nil {
		s.Fatal(err)
	}
	return o.Output
}

func (s *suite) open(dir string) *bundle.Fixture {
	s.Helper()
	f := must(bundle.OpenDir(dir, bundle.Options{}))(s)
	s.Cleanup(func() { f.Close() })
	return f
}

// digest is the digest of a fixture.
func (s *suite) digest(dir string) string {
	s.Helper()
	return must(s.open(dir).Identify(s.Context()))(s).String()
}

// tables is what a fixture says of its tables: names, rows and checksums. Two fixtures of different databases differ in
// what they say of their source; here they are the same.
func (s *suite) tables(dir string) string {
	var b strings.Builder
	for _, t := range s.open(dir).Manifest.Tables {
		fmt.Fprintln(&b, t.Name, t.RowCount, t.Checksum)
	}
	return b.String()
}

// database is a database under test.
type database struct {
	*suite
	Database
}

func (s *suite) database() *database {
	s.Helper()
	return &database{s, s.factory.New(s.T)}
}

// target is a connection that ends with fn.
func (d *database) target(fn func(loader.Target) error) error {
	d.Helper()
	t := must(d.Target(d.Context()))(d.suite)
	return errors.Join(fn(t), t.Close())
}

// load loads over a connection of its own.
func (d *database) load(dir string, change ...func(*loader.LoadOptions)) (*loader.LoadResult, error) {
	d.Helper()
	return d.loadOver(d.Context(), nil, dir, change...)
}

// loadOver is load with something between the loader and the target.
func (d *database) loadOver(ctx context.Context, between func(loader.Target) loader.Target, dir string, change ...func(*loader.LoadOptions)) (r *loader.LoadResult, err error) {
	d.Helper()
	f, o := d.open(dir), loader.LoadOptions{Now: day}
	for _, c := range change {
		c(&o)
	}
	err = d.target(func(t loader.Target) (err error) {
		if between != nil {
			t = between(t)
		}
		r, err = loader.Load(ctx, f, t, o)
		return err
	})
	return r, err
}

func (d *database) mustLoad(dir string, change ...func(*loader.LoadOptions)) *loader.LoadResult {
	d.Helper()
	return must(d.load(dir, change...))(d.suite)
}

func (d *database) unload(dir string) (string, error) { return d.unloadOver(d.Context(), nil, dir) }

// unloadOver tells what became of each table.
func (d *database) unloadOver(ctx context.Context, between func(loader.Target) loader.Target, dir string) (done string, err error) {
	d.Helper()
	f := d.open(dir)
	err = d.target(func(t loader.Target) error {
		if between != nil {
			t = between(t)
		}
		list, err := loader.Unload(ctx, f, t)
		for _, u := range list {
			done += fmt.Sprintf("%s:%d:%v ", u.Name, u.Rows, u.Dropped)
		}
		return err
	})
	return strings.TrimSpace(done), err
}

// somebody is a transaction of somebody else, of which no record is kept.
func (d *database) somebody(create []*dat.Table, fn func(loader.Tx) error) {
	d.Helper()
	must(0, d.target(func(t loader.Target) error {
		tx, err := t.Begin(d.Context(), loader.Work{FixtureID: "somebody", Create: create})
		if err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit(d.Context())
	}))(d.suite)
}

// put makes tables that irisfix knows nothing of.
func (d *database) put(tables ...filled) {
	d.Helper()
	var create []*dat.Table
	for _, f := range tables {
		create = append(create, f.table)
	}
	d.somebody(create, func(tx loader.Tx) (err error) {
		for _, f := range tables {
			err = errors.Join(err, tx.Create(d.Context(), f.table), d.insert(tx, f))
		}
		return err
	})
}

// add puts rows into tables that are there.
func (d *database) add(tables ...filled) {
	d.Helper()
	d.somebody(nil, func(tx loader.Tx) (err error) {
		for _, f := range tables {
			err = errors.Join(err, d.insert(tx, f))
		}
		return err
	})
}

func (d *database) insert(tx loader.Tx, f filled) error {
	if f.batch.Rows == 0 {
		return nil
	}
	in, err := tx.Insert(d.Context(), f.table)
	if err != nil {
		return err
	}
	return errors.Join(in.Insert(d.Context(), f.batch), in.Close())
}

// remove deletes rows by their keys.
func (d *database) remove(f filled) {
	d.Helper()
	d.somebody(nil, func(tx loader.Tx) error {
		_, err := tx.Delete(d.Context(), f.table, f.batch)
		return err
	})
}

// taken makes a fixture of all tables.
func (d *database) taken(change ...func(*loader.CreateOptions)) string {
	d.Helper()
	src := must(d.Source(d.Context()))(d.suite)
	defer src.Close()
	return d.fixture(src, change...)
}

// content is everything that a database holds: schemas, rows and records.
func (d *database) content() string {
	d.Helper()
	src := must(d.Source(d.Context()))(d.suite)
	defer src.Close()
	about := must(src.Describe(d.Context()))(d.suite)
	slices.Sort(about.Tables)
	var b strings.Builder
	for _, name := range about.Tables {
		rows := must(src.Rows(d.Context(), loader.Selection{Table: name}))(d.suite)
		t := rows.Table()
		fmt.Fprintf(&b, "%s\n", t.JSON())
		batch := dat.NewBatch(t)
		for {
			batch.Reset()
			err := rows.Next(d.Context(), batch)
			if err == io.EOF {
				break
			}
			must(0, err)(d.suite)
			write(&b, t, batch)
		}
		must(0, rows.Close())(d.suite)
	}
	for _, r := range d.records() {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

func write(b *strings.Builder, t *dat.Table, batch *dat.Batch) {
	stored := t.Stored()
	for i := range batch.Rows {
		for k := range stored {
			v := &batch.Columns[k]
			switch {
			case v.IsNull(i):
				b.WriteString(" NULL")
			case stored[k].Name == "%ID": // the number of a row that is no column of the table
				fmt.Fprintf(b, " #%d", v.Int[i])
			default:
				text := v.AppendText(nil, &stored[k], i)
				if len(text) > 1000 {
					text = fmt.Append(nil, len(text), " bytes, ", sha256.Sum256(text))
				}
				fmt.Fprintf(b, " %q", text)
			}
		}
		b.WriteString("\n")
	}
}

// records returns the record of loads, sorted.
func (d *database) records() (list []loader.Record) {
	d.Helper()
	must(0, d.target(func(t loader.Target) (err error) {
		list, err = t.Records(d.Context())
		return err
	}))(d.suite)
	slices.SortFunc(list, func(a, b loader.Record) int {
		return cmp.Or(strings.Compare(a.Table, b.Table), strings.Compare(a.FixtureID, b.FixtureID))
	})
	return list
}

// place is what the database is called in messages.
func (d *database) place() (where string) {
	d.Helper()
	must(0, d.target(func(t loader.Target) error {
		where, _ = t.Place()
		return nil
	}))(d.suite)
	return where
}

// unchanged holds a database against what it was.
func (d *database) unchanged(before string) {
	d.Helper()
	if after := d.content(); after != before {
		d.Errorf("was\n%s\nis\n%s", before, after)
	}
}
