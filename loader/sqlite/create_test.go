package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader"
)

// entries lists what is in a directory and beside it.
func entries(t testing.TB, dir string) string {
	t.Helper()
	var names []string
	for _, d := range []string{filepath.Dir(dir), dir} {
		list, _ := os.ReadDir(d)
		for _, e := range list {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

func manifest(t testing.TB, dir string) *bundle.Manifest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := bundle.ParseManifest(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func tables(t testing.TB, dir string) string {
	t.Helper()
	var names []string
	for _, e := range manifest(t, dir).Tables {
		names = append(names, fmt.Sprintf("%s:%d", e.Name, e.RowCount))
	}
	return strings.Join(names, " ")
}

func TestCreateChoosesTables(t *testing.T) {
	from := database(t, shop+`CREATE TABLE "Schema.Other" (x); CREATE VIEW v AS SELECT 1; CREATE TABLE "IrisFix.Mine" (x);`)
	tests := []struct {
		name   string
		change func(*loader.CreateOptions)
		want   string
	}{
		{"all", func(o *loader.CreateOptions) {}, "Schema.Other:0 Schema.Table:4 customers:3 empty:0 no key:4 orders:3"},
		{"some", func(o *loader.CreateOptions) { o.Tables = []string{"orders", "empty", "orders"} }, "empty:0 orders:3"},
		{"a schema", func(o *loader.CreateOptions) { o.Schema = "Schema" }, "Schema.Other:0 Schema.Table:4"},
		{"a query", func(o *loader.CreateOptions) {
			o.Queries = []loader.Selection{{Table: "orders", Query: "SELECT * FROM orders WHERE id > 10; -- those"}}
		}, "orders:2"},
		{"a query and tables", func(o *loader.CreateOptions) {
			o.Tables = []string{"orders", "customers"}
			o.Queries = []loader.Selection{{Table: "orders", Query: "SELECT id, customer FROM orders"}, {Table: "names", Query: "SELECT DISTINCT name FROM customers"}}
		}, "customers:3 names:3 orders:3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tables(t, mustCreate(t, from, tt.change)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	_, _, err := create(t, from, func(o *loader.CreateOptions) { o.Tables = []string{"Orders"} })
	if err == nil || err.Error() != "sqlite:"+from+`: no table "Orders" among 6` {
		t.Errorf("got %v", err)
	}
}

// The rows of a query come in a fixed order, whatever order the query gives, and the key of the table is kept.
func TestQueriesAreOrdered(t *testing.T) {
	from := database(t, `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w REAL); INSERT INTO t VALUES (1,'c',3), (2,'b',2), (3,'a',1), (4,'a',NULL)`)
	digest := func(sql string) string {
		return digestOf(t, mustCreate(t, from, func(o *loader.CreateOptions) { o.Queries = []loader.Selection{{Table: "t", Query: sql}} }))
	}
	if a, b := digest("SELECT * FROM t ORDER BY v"), digest("SELECT * FROM t ORDER BY w DESC"); a != b {
		t.Error("the order of the query shows")
	}
	if a, b := digest("SELECT v, w FROM t ORDER BY w"), digest("SELECT v, w FROM t"); a != b {
		t.Error("the order of the query shows where there is no key")
	}
	to := t.TempDir() + "/to.db"
	mustLoad(t, mustCreate(t, from, func(o *loader.CreateOptions) {
		o.Queries = []loader.Selection{{Table: "t", Query: "SELECT v, id FROM t WHERE id > 1"}}
	}), to)
	if got := query(t, to, `SELECT group_concat(v || id), (SELECT group_concat(name) FROM pragma_table_info('t') WHERE pk) FROM t`); got != "b2,a3,a4|id" {
		t.Errorf("got %s", got)
	}
	for sql, want := range map[string]string{
		"DELETE FROM t":                   "not a query that only reads",
		"SELECT 1; DROP TABLE t":          "more than one statement",
		"SELECT 1 AS a, 2 AS a":           `table "t", column "a": twice in the result of the query; give it another name with AS`,
		"SELECT x FROM nowhere":           "no such table: nowhere",
		"-- nothing":                      "no statement",
		"ATTACH '/tmp/x.db' AS x":         "not a query that only reads",
		"SELECT load_extension('/tmp/x')": "load_extension",
	} {
		_, _, err := create(t, from, func(o *loader.CreateOptions) { o.Queries = []loader.Selection{{Table: "t", Query: sql}} })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", sql, err)
		}
	}
}

func TestCreateOverAFixture(t *testing.T) {
	from := database(t, `CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)`)
	dir := mustCreate(t, from)
	again := func(o *loader.CreateOptions) { o.Output, o.Now = dir, day.AddDate(1, 0, 0) }
	forced := func(o *loader.CreateOptions) { again(o); o.Force = true }
	if _, _, err := create(t, from, again); err == nil || err.Error() != dir+": holds the fixture test 1.0.0" {
		t.Errorf("without force: %v", err)
	}
	before := digestOf(t, dir)
	_, r, err := create(t, from, forced)
	if err != nil || !r.Unchanged || digestOf(t, dir) != before {
		t.Errorf("same rows: %+v %v", r, err)
	}
	// What was written by hand stays, and a description is a change.
	m := manifest(t, dir)
	m.SetFeature("source", "https://example.com")
	rows := int64(1)
	m.KnownQueries = []bundle.KnownQuery{{Name: "all", SQL: "SELECT * FROM t", ExpectRows: &rows}}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), m.Encode(), 0o644); err != nil {
		t.Fatal(err)
	}
	text := "more"
	_, r, err = create(t, from, forced, func(o *loader.CreateOptions) { o.Description = &text })
	if err != nil || r.Unchanged {
		t.Fatalf("%+v %v", r, err)
	}
	m = manifest(t, dir)
	if m.Description != "more" || len(m.KnownQueries) != 1 || string(m.Features) == "" || m.CreatedAt != "2027-01-31T12:00:00Z" {
		t.Errorf("%s", m.Encode())
	}
	run(t, from, "INSERT INTO t VALUES (2); CREATE TABLE u (x)")
	if _, r, err = create(t, from, forced); err != nil || r.Unchanged || tables(t, dir) != "t:2 u:0" {
		t.Errorf("%+v %v", r, err)
	}
	run(t, from, "DROP TABLE t")
	if _, _, err = create(t, from, forced); err != nil || entries(t, dir) != "fixture manifest.json u.dat" {
		t.Errorf("%s %v", entries(t, dir), err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "notes.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := create(t, from, func(o *loader.CreateOptions) { o.Output = foreign }); err == nil || err.Error() != foreign+": not empty" {
		t.Errorf("into a directory of others: %v", err)
	}
}

func TestWhatIsNotRecordedIsSaidOncePerKind(t *testing.T) {
	from := database(t, `
		CREATE TABLE a (x INTEGER CHECK (x > 0), y TEXT, z TEXT GENERATED ALWAYS AS (upper(y))) STRICT;
		CREATE TABLE b (x INTEGER PRIMARY KEY, y TEXT DEFAULT 'CHECK' /* CHECK */ , CHECK (y <> '')) WITHOUT ROWID;
		CREATE INDEX partial ON a (x) WHERE x > 1; CREATE INDEX expression ON b (lower(y)); CREATE INDEX plain ON a (y);
		CREATE VIEW v AS SELECT 1; CREATE TRIGGER tr AFTER INSERT ON a BEGIN SELECT 1; END;
		CREATE TABLE quoted ("CHECK" INTEGER, 'x' TEXT DEFAULT 'it''s CHECK'); -- CHECK`)
	_, r, err := create(t, from)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range r.Warnings {
		got = append(got, w.Subject+": "+w.Message)
	}
	want := []string{"views: not recorded: v", "computed columns: not recorded: a.z", "CHECK constraints: not recorded: a, b", "STRICT: not recorded: a",
		"indexes with a condition, an expression or another collation: not recorded: partial, expression", "triggers: not recorded: tr", "WITHOUT ROWID: not recorded: b"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// SQLite does not enforce foreign keys by default, so rows may break them. Such a key would keep the fixture from being
// loaded, and is left out.
func TestABrokenForeignKeyIsNotRecorded(t *testing.T) {
	from := database(t, `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p, q INTEGER REFERENCES p);
		INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1, 5), (2, 1, 6)`)
	dir, r, err := create(t, from)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Warnings); got != "[{c the foreign key (q) to p is not recorded; rows that refer to none: 2}]" {
		t.Errorf("got %s", got)
	}
	to := t.TempDir() + "/to.db"
	mustLoad(t, dir, to)
	if got := query(t, to, `SELECT group_concat("from") FROM pragma_foreign_key_list('c')`); got != "p" {
		t.Errorf("foreign keys: %s", got)
	}
}

// Keys that SQLite sorts in another order than the format are sorted outside of it.
func TestKeysAreOrderedByTheirBytes(t *testing.T) {
	from := database(t, `PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (k TEXT PRIMARY KEY COLLATE NOCASE, d DECIMAL(5,1));
		INSERT INTO t VALUES ('b', 1), ('A', 2), ('a𐀀', 3), ('aﬀ', 4), ('Ā', 5)`)
	dir := mustCreate(t, from)
	to := t.TempDir() + "/to.db"
	mustLoad(t, dir, to)
	if got := query(t, to, "SELECT group_concat(k, ' ') FROM (SELECT k FROM t ORDER BY rowid)"); got != "A aﬀ a𐀀 b Ā" {
		t.Errorf("got %s", got)
	}
}
