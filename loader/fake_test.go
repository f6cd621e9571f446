package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
)

var day = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// made is a table of numbers, with foreign keys to the named tables.
func made(name string, refs ...string) *dat.Table {
	t := &dat.Table{Format: 1, Name: name, PrimaryKey: []string{"id"}, Columns: []dat.Column{{Name: "id", SQLType: "BIGINT"}}}
	for _, r := range refs {
		t.ForeignKeys = append(t.ForeignKeys, dat.ForeignKey{Columns: []string{"id"}, RefTable: r})
	}
	return t
}

// numbers is a source whose tables each have the numbers 1 to 3, or those given, one in each batch. After as many as
// fail says it fails.
type numbers struct {
	tables []*dat.Table
	rows   []int64
	fail   map[string]int
	opened int
}

var errSource = errors.New("the source is gone")

func (n *numbers) Describe(context.Context) (Description, error) {
	d := Description{Where: "numbers", Version: "test"}
	for _, t := range n.tables {
		d.Tables = append(d.Tables, t.Name)
	}
	return d, nil
}

func (n *numbers) Rows(_ context.Context, s Selection) (Rows, error) {
	n.opened++
	i := slices.IndexFunc(n.tables, func(t *dat.Table) bool { return t.Name == s.Table })
	rows := n.rows
	if rows == nil {
		rows = []int64{1, 2, 3}
	}
	left := -1
	if k, ok := n.fail[s.Table]; ok {
		left = k
	}
	return &numberRows{n.tables[i], rows, left}, nil
}

type numberRows struct {
	table *dat.Table
	rows  []int64
	left  int
}

func (r *numberRows) Table() *dat.Table   { return r.table }
func (r *numberRows) Warnings() []Warning { return []Warning{NotRecorded("views", r.table.Name)} }
func (r *numberRows) Close() error        { return nil }
func (r *numberRows) Next(_ context.Context, b *dat.Batch) error {
	if r.left == 0 {
		return errSource
	}
	if len(r.rows) == 0 {
		return io.EOF
	}
	b.Columns[0].AppendInt(r.rows[0])
	b.Rows, r.rows, r.left = 1, r.rows[1:], r.left-1
	return nil
}

// fixtureOf makes a fixture of tables of numbers and opens it.
func fixtureOf(t *testing.T, tables ...*dat.Table) *bundle.Fixture {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "f")
	if _, err := Create(t.Context(), &numbers{tables: tables}, CreateOptions{Output: dir, Name: "test", Now: day}); err != nil {
		t.Fatal(err)
	}
	f, err := bundle.OpenDir(dir, bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// fake is a target that writes down what it is told, has the state it is given, and fails where it is told to. It is
// its own transaction.
type fake struct {
	state   map[string]State
	records []Record
	fail    map[string]error // by step
	extra   int64            // rows that Count finds beside those that were inserted
	answer  Answer
	broken  []string // violations
	log     []string
	rows    map[string]int64
	onBegin func()
}

func (f *fake) step(what string) error {
	f.log = append(f.log, what)
	if err := f.fail[what]; err != nil {
		return err
	}
	return f.fail[strings.Fields(what)[0]]
}

func (f *fake) steps() string { return strings.Join(f.log, ", ") }

func (f *fake) Place() (string, string) { return "fake:db", "" }
func (f *fake) Inspect(_ context.Context, t *dat.Table) (State, error) {
	return f.state[t.Name], f.fail["inspect"]
}
func (f *fake) Records(context.Context) ([]Record, error) { return f.records, f.fail["records"] }
func (f *fake) Begin(_ context.Context, w Work) (Tx, error) {
	if f.onBegin != nil {
		f.onBegin()
	}
	f.rows = map[string]int64{}
	return f, f.step(fmt.Sprint("begin ", tableNames(w.Create), " ", w.Cycles))
}
func (f *fake) Create(_ context.Context, t *dat.Table) error     { return f.step("create " + t.Name) }
func (f *fake) Drop(_ context.Context, name string) error        { return f.step("drop " + name) }
func (f *fake) Clear(_ context.Context, n string) (int64, error) { return 1, f.step("clear " + n) }
func (f *fake) Forget(_ context.Context, id, n string) error     { return f.step("forget " + id + " " + n) }
func (f *fake) Commit(context.Context) error                     { return f.step("commit") }
func (f *fake) Rollback() error                                  { return f.step("rollback") }
func (f *fake) Count(_ context.Context, n string) (int64, error) {
	return f.rows[n] + f.state[n].Rows*f.kept() + f.extra, f.step("count " + n)
}
func (f *fake) Delete(_ context.Context, t *dat.Table, b *dat.Batch) (int64, error) {
	return int64(b.Rows), f.step("delete " + t.Name)
}
func (f *fake) Query(_ context.Context, sql string) (Answer, error) {
	return f.answer, f.step("query " + sql)
}
func (f *fake) Record(_ context.Context, r Record) error {
	return f.step(fmt.Sprint("record ", r.Table, " ", r.Rows, " ", r.Mode))
}
func (f *fake) Check(context.Context, []*dat.Table) ([]string, []Warning, error) {
	return f.broken, []Warning{{"t", "is odd"}}, f.step("check")
}
func (f *fake) Insert(_ context.Context, t *dat.Table) (Inserter, error) {
	return &fakeInserter{f, t.Name}, f.step("open " + t.Name)
}

// kept is 1 if rows that were there are still there when they are counted.
func (f *fake) kept() int64 {
	if slices.ContainsFunc(f.log, func(s string) bool { return strings.HasPrefix(s, "clear") }) {
		return 0
	}
	return 1
}

type fakeInserter struct {
	f    *fake
	name string
}

func (in *fakeInserter) Insert(_ context.Context, b *dat.Batch) error {
	in.f.rows[in.name] += int64(b.Rows)
	return in.f.step(fmt.Sprint("insert ", in.name, " ", b.Rows))
}
func (in *fakeInserter) Close() error { return in.f.step("close " + in.name) }

// nothingIn holds that a directory, and what is above it in the test, is empty.
func nothingIn(t *testing.T, dir string) {
	t.Helper()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if list, err := os.ReadDir(d); err == nil && len(list) > 0 {
			t.Errorf("%s holds %v", d, list)
		}
	}
}

func tableNames(tables []*dat.Table) []string {
	var names []string
	for _, t := range tables {
		names = append(names, t.Name)
	}
	return names
}
