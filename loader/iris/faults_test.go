package iris_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
)

// family is a parent and a child, with a stream and a row that refers to another.
var family = []string{
	`CREATE TABLE Shop.P (id INTEGER NOT NULL, v VARCHAR(40), PRIMARY KEY (id))`,
	`CREATE TABLE Shop.C (id INTEGER NOT NULL, p INTEGER, note LONGVARCHAR, PRIMARY KEY (id), CONSTRAINT toParent FOREIGN KEY (p) REFERENCES Shop.P (id))`,
	`INSERT INTO Shop.P (id, v) VALUES (1, 'a')`, `INSERT INTO Shop.P (id, v) VALUES (2, '')`,
	`INSERT INTO Shop.C (id, p, note) VALUES (10, 1, 'a note')`, `INSERT INTO Shop.C (id, p) VALUES (11, NULL)`,
}

// wider is another version of it: the parent has a column more.
var wider = append([]string{
	`CREATE TABLE Shop.P (id INTEGER NOT NULL, v VARCHAR(40), w DOUBLE, PRIMARY KEY (id))`, family[1],
	`INSERT INTO Shop.P (id, v, w) VALUES (1, 'a', 0.5)`}, family[4:]...)

// work is something that is done to a namespace, and what was done before.
type work struct {
	name        string
	before, run func(context.Context, testing.TB, client.Config) error
}

func works(t testing.TB) []work {
	fixture := func(statements []string, change ...func(*loader.CreateOptions)) string {
		cfg := configOf(t, iristest.New(t))
		run(t, cfg, statements...)
		return mustCreate(t, cfg, change...)
	}
	dir := fixture(family)
	next := fixture(wider, func(o *loader.CreateOptions) { v := "2.0.0"; o.Version = &v })
	loading := func(dir string, change ...func(*loader.LoadOptions)) func(context.Context, testing.TB, client.Config) error {
		return func(ctx context.Context, t testing.TB, cfg client.Config) error {
			_, err := load(ctx, t, cfg, dir, change...)
			return err
		}
	}
	nothing := func(context.Context, testing.TB, client.Config) error { return nil }
	mine := func(_ context.Context, t testing.TB, cfg client.Config) error {
		run(t, cfg, family[0], family[1], `INSERT INTO Shop.P (id, v) VALUES (9, 'mine')`)
		return nil
	}
	return []work{
		{"first load", nothing, loading(dir)},
		{"reload", loading(dir), loading(dir)},
		{"load of another version", loading(dir), loading(next)},
		{"append", mine, loading(dir, func(o *loader.LoadOptions) { o.Append = true })},
		{"unload", loading(dir), func(ctx context.Context, t testing.TB, cfg client.Config) error { return unload(ctx, t, cfg, dir) }},
	}
}

// outcome does a work whose conversation is disturbed and holds that all of it is done or nothing, and which by the
// error.
func outcome(t *testing.T, w work, what string, before, done string, disturb func(*iristest.Server) (undisturbed func())) {
	t.Helper()
	s := iristest.New(t)
	defer s.Close()
	cfg := configOf(t, s)
	if err := w.before(t.Context(), t, cfg); err != nil {
		t.Fatal(err)
	}
	end := disturb(s)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := w.run(ctx, t, cfg)
	if ctx.Err() != nil {
		t.Errorf("%s: it did not end", what)
	}
	end()
	var failed *loader.FailedError
	var connect *loader.ConnectError
	var rollback *loader.RollbackError
	var storage *loader.StorageError
	classed := errors.As(err, &rollback) || errors.As(err, &failed) || errors.As(err, &connect) || errors.As(err, &storage)
	if err != nil && !classed {
		t.Errorf("%s: %T %v", what, err, err)
	}
	isDone := func(got string) bool { // numbers of rows are not given twice
		return rowNumber.ReplaceAllString(got, "") == rowNumber.ReplaceAllString(done, "")
	}
	got := content(t, cfg)
	switch {
	case err == nil && !isDone(got):
		t.Errorf("%s: done, and is\n%s\nnot\n%s", what, got, done)
	case err != nil && rollback == nil && got != before, got != before && !isDone(got):
		t.Errorf("%s: %v, and is\n%s\nwas\n%s", what, err, got, before)
	}
	if isDone(got) {
		return
	}
	if err := w.run(t.Context(), t, cfg); err != nil {
		t.Errorf("%s: afterwards %v", what, err)
	} else if got := content(t, cfg); !isDone(got) {
		t.Errorf("%s: afterwards it is\n%s\nnot\n%s", what, got, done)
	}
}

// conversation does a work undisturbed and returns what there is before and after, and every moment of it.
func conversation(t *testing.T, w work) (before, done string, moments []iristest.Moment) {
	s := iristest.New(t)
	defer s.Close()
	cfg := configOf(t, s)
	if err := w.before(t.Context(), t, cfg); err != nil {
		t.Fatal(err)
	}
	before = content(t, cfg)
	var r iristest.Record
	s.Play(r.Fault)
	if err := w.run(t.Context(), t, cfg); err != nil {
		t.Fatal(err)
	}
	s.Play(nil)
	return before, content(t, cfg), r.Moments()
}

// rowNumber is the RowID of a row.
var rowNumber = regexp.MustCompile(` #[0-9]+`)

// tried reports whether something goes wrong at a moment of a conversation: with IRISFIX_TEST_LONG at each, else at one
// of so many.
func tried(moment int) bool { return os.Getenv("IRISFIX_TEST_LONG") != "" || moment%every == 0 }

// The connection is cut at each message of each kind of work: before it is carried out, before its answer, or in the
// middle of that.
func TestCutAtAnyMessageItIsAllOrNothing(t *testing.T) {
	for _, w := range works(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			before, done, moments := conversation(t, w)
			for i, m := range moments {
				a := iristest.Drop()
				switch {
				case m.Phase != iristest.Arrived && m.Phase != iristest.Reply || !tried(i):
					continue
				case m.Phase == iristest.Reply && m.N%2 == 0:
					a = iristest.Cut(-1)
				}
				what := fmt.Sprintf("moment %d, %s %s %q", i, m.Code, m.Phase, m.SQL)
				outcome(t, w, what, before, done, func(s *iristest.Server) func() {
					s.Play(iristest.Each(i, a))
					return func() { s.Play(nil) }
				})
			}
		})
	}
}

// A process dies at a message: its connection is cut and it never comes again. Who comes next finds all or nothing.
func TestKilledAtAnyMessageTheNextCleansUp(t *testing.T) {
	for _, w := range works(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			before, done, moments := conversation(t, w)
			for i, m := range moments {
				if m.Phase != iristest.Reply || !tried(i) { // what was asked is done, and nobody hears of it
					continue
				}
				what := fmt.Sprintf("moment %d, %s %s %q", i, m.Code, m.Phase, m.SQL)
				outcome(t, w, what, before, done, func(s *iristest.Server) func() {
					n := new(atomic.Int64)
					s.Play(func(iristest.Moment) iristest.Action {
						if n.Add(1) > int64(i) {
							return iristest.Drop()
						}
						return iristest.Action{}
					})
					return func() { s.Play(nil) }
				})
			}
		})
	}
}

// What was cleaned up is said.
func TestCleaningUpIsSaid(t *testing.T) {
	w := works(t)[0]
	s := iristest.New(t)
	cfg := configOf(t, s)
	var dead atomic.Bool
	s.Play(func(m iristest.Moment) iristest.Action {
		if strings.HasPrefix(m.SQL, `INSERT INTO "Shop"."C"`) && m.Code == "PU" {
			dead.Store(true)
		}
		if dead.Load() {
			return iristest.Drop()
		}
		return iristest.Action{}
	})
	if err := w.run(t.Context(), t, cfg); !errors.As(err, new(*loader.RollbackError)) {
		t.Fatalf("got %v", err)
	}
	s.Play(nil)
	target, err := iris.OpenTarget(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	want := "[{Shop.C dropped: a load was ended before it was done} {Shop.P dropped: a load was ended before it was done}]"
	if got := fmt.Sprint(target.Cleaned()); got != want {
		t.Errorf("got %s", got)
	}
}
