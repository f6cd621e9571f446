package targettest

import (
	"context"
	"errors"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// stepwise is a target that counts the steps of a transaction and interferes at one of them.
type stepwise struct {
	loader.Target
	n         int
	interfere func(n int, what string, step func() error) error
}

func (t *stepwise) step(what string, step func() error) error {
	t.n++
	return t.interfere(t.n, what, step)
}

func (t *stepwise) Begin(ctx context.Context, w loader.Work) (tx loader.Tx, err error) {
	err = t.step("begin", func() error { tx, err = t.Target.Begin(ctx, w); return err })
	if err != nil {
		return nil, err
	}
	return &stepwiseTx{tx, t}, nil
}

type stepwiseTx struct {
	loader.Tx
	t *stepwise
}

func (x *stepwiseTx) Create(ctx context.Context, t *dat.Table) error {
	return x.t.step("create", func() error { return x.Tx.Create(ctx, t) })
}

func (x *stepwiseTx) Drop(ctx context.Context, table string) error {
	return x.t.step("drop", func() error { return x.Tx.Drop(ctx, table) })
}

func (x *stepwiseTx) Clear(ctx context.Context, table string) (n int64, err error) {
	err = x.t.step("clear", func() error { n, err = x.Tx.Clear(ctx, table); return err })
	return n, err
}

func (x *stepwiseTx) Delete(ctx context.Context, t *dat.Table, b *dat.Batch) (n int64, err error) {
	err = x.t.step("delete", func() error { n, err = x.Tx.Delete(ctx, t, b); return err })
	return n, err
}

func (x *stepwiseTx) Count(ctx context.Context, table string) (n int64, err error) {
	err = x.t.step("count", func() error { n, err = x.Tx.Count(ctx, table); return err })
	return n, err
}

func (x *stepwiseTx) Record(ctx context.Context, r loader.Record) error {
	return x.t.step("record", func() error { return x.Tx.Record(ctx, r) })
}

func (x *stepwiseTx) Forget(ctx context.Context, fixtureID, table string) error {
	return x.t.step("forget", func() error { return x.Tx.Forget(ctx, fixtureID, table) })
}

func (x *stepwiseTx) Check(ctx context.Context, tables []*dat.Table) (v []string, w []loader.Warning, err error) {
	err = x.t.step("check", func() error { v, w, err = x.Tx.Check(ctx, tables); return err })
	return v, w, err
}

func (x *stepwiseTx) Commit(ctx context.Context) error {
	return x.t.step("commit", func() error { return x.Tx.Commit(ctx) })
}

func (x *stepwiseTx) Insert(ctx context.Context, t *dat.Table) (in loader.Inserter, err error) {
	in, err = x.Tx.Insert(ctx, t)
	return &stepwiseInserter{in, x.t}, err
}

type stepwiseInserter struct {
	loader.Inserter
	t *stepwise
}

func (in *stepwiseInserter) Insert(ctx context.Context, b *dat.Batch) error {
	return in.t.step("insert", func() error { return in.Inserter.Insert(ctx, b) })
}

func (in *stepwiseInserter) Close() error {
	return in.t.step("close", func() error { return in.Inserter.Close() })
}

// work is a load or unload of every kind, and what is there before.
type work struct {
	name    string
	prepare func(*database)
	do      func(context.Context, *database, func(loader.Target) loader.Target) error
	close   bool // held against a closed connection, too: some are enough
}

func works(s *suite) []work {
	dir := s.fixture(family())
	wider := with(tableOf("p", 1, column("id", "BIGINT"), column("v", "VARCHAR", 40), column("w", "DOUBLE")), row{1, "a", 0.5}, row{2, "b", nil})
	next := s.fixture(memory{wider, children(row{4, 1})}, version("2.0.0"))
	loading := func(dir string, change ...func(*loader.LoadOptions)) func(context.Context, *database, func(loader.Target) loader.Target) error {
		return func(ctx context.Context, d *database, between func(loader.Target) loader.Target) error {
			_, err := d.loadOver(ctx, between, dir, change...)
			return err
		}
	}
	unloading := func(ctx context.Context, d *database, between func(loader.Target) loader.Target) error {
		_, err := d.unloadOver(ctx, between, dir)
		return err
	}
	mine := func(d *database) { d.put(parents(row{9, "mine"})) }
	loaded := func(d *database) { d.mustLoad(dir) }
	return []work{
		{"first load", func(d *database) {}, loading(dir), true},
		{"load into an empty table", func(d *database) { d.put(parents()) }, loading(dir), false},
		{"reload", loaded, loading(dir), false},
		{"load of another version", loaded, loading(next), true},
		{"replace", mine, loading(dir, replace), false},
		{"take over", func(d *database) { d.mustLoad(s.fixture(family(), called("other"))) }, loading(dir, replace), false},
		{"append", mine, loading(dir, appends), false},
		{"unload", loaded, unloading, true},
		{"unload of appended rows", func(d *database) { mine(d); d.mustLoad(dir, appends) }, unloading, false},
	}
}

var errInjected = errors.New("injected")

// Every step of every kind of work fails, before it is done and after: nothing has changed, and the work can be done.
func faults(s *suite) {
	for _, w := range works(s) {
		s.run(w.name, func(s *suite) {
			d := s.database()
			w.prepare(d)
			before := d.content()
			for at := 1; ; at++ {
				step := s.failAt(w, d, at, false)
				d.unchanged(before)
				if step == "" { // the work has fewer steps
					break
				}
				if step != "begin" && step != "commit" { // after these it is done
					s.failAt(w, d, at, true)
					d.unchanged(before)
				}
			}
			must(0, w.do(d.Context(), d, nil))(s)
		})
	}
}

// failAt does a work whose n-th step fails, before it is done or after, and returns what step that was.
func (s *suite) failAt(w work, d *database, at int, after bool) (what string) {
	err := w.do(d.Context(), d, func(t loader.Target) loader.Target {
		return &stepwise{Target: t, interfere: func(n int, step string, do func() error) error {
			if n != at && step == "commit" { // of a work that has fewer steps
				return errInjected
			}
			if n != at {
				return do()
			}
			what = step
			if after {
				must(0, do())(s)
			}
			return errInjected
		}}
	})
	var failed *loader.FailedError
	if !errors.As(err, &failed) || !errors.Is(err, errInjected) || failed.Target != d.place() {
		s.Errorf("step %d, %s: %v", at, what, err)
	}
	return what
}

// The context ends, or the connection is closed, at every step of every kind of work: all of it is done or nothing.
func ends(s *suite) {
	cause := errors.New("signal")
	for _, w := range works(s) {
		whole := s.database()
		w.prepare(whole)
		before := whole.content()
		must(0, w.do(s.Context(), whole, nil))(s)
		done := whole.content()
		s.run(w.name+", cancelled", func(s *suite) {
			s.eachStep(w, before, done, func(cancel context.CancelCauseFunc, _ loader.Target) { cancel(cause) }, cause)
		})
		if !w.close {
			continue
		}
		s.run(w.name+", closed", func(s *suite) {
			s.eachStep(w, before, done, func(_ context.CancelCauseFunc, t loader.Target) { t.(Target).Close() }, nil)
		})
	}
}

// eachStep does the work again and again, ending it at one step after the other, until it is done all the same.
func (s *suite) eachStep(w work, before, done string, end func(context.CancelCauseFunc, loader.Target), cause error) {
	d := s.database()
	w.prepare(d)
	for at := 1; ; at++ {
		ctx, cancel := context.WithCancelCause(s.Context())
		hit := false
		err := w.do(ctx, d, func(t loader.Target) loader.Target {
			return &stepwise{Target: t, interfere: func(n int, _ string, do func() error) error {
				if n == at {
					hit = true
					end(cancel, t)
				}
				return do()
			}}
		})
		cancel(nil)
		if err == nil {
			if is := d.content(); rowNumber.ReplaceAllString(is, "") != rowNumber.ReplaceAllString(done, "") { // numbers are not given twice
				s.Errorf("was\n%s\nis\n%s", done, is)
			}
			d = s.database()
			w.prepare(d)
		} else {
			d.unchanged(before)
		}
		if err != nil && cause != nil && !errors.Is(err, cause) {
			s.Errorf("step %d: %v", at, err)
		}
		if !hit {
			must(0, err)(s)
			return
		}
	}
}

// The last of several batches has a row that the table does not take.
func lateBadRow(s *suite) {
	dir, d := s.fixture(memory{parents(row{1, "a"}), wide()}), s.database()
	bad := wide()
	bad.batch.Columns[2].Int[4] = 2
	badDir := s.fixture(memory{parents(row{1, "a"}), bad})
	for _, prepare := range []func(){func() {}, func() { d.mustLoad(dir) }} {
		prepare()
		before := d.content()
		var rows []int64
		_, err := d.load(badDir, func(o *loader.LoadOptions) {
			o.Progress = func(table string, n, _ int64) {
				if table == "wide" {
					rows = append(rows, n)
				}
			}
		})
		var failed *loader.FailedError
		var refused *loader.RowError
		if !errors.As(err, &failed) || !errors.As(err, &refused) || refused.Table != "wide" || refused.Row != 5 {
			s.Errorf("got %v", err)
		}
		if len(rows) != 2 || rows[0] != 2 || rows[1] != 4 {
			s.Errorf("the table was loaded up to the rows %v", rows)
		}
		d.unchanged(before)
	}
}
