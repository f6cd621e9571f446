package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// database makes a database file from SQL and returns its path.
func database(t testing.TB, sql string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	run(t, path, sql)
	return path
}

func run(t testing.TB, path, sql string) {
	t.Helper()
	c, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Exec("PRAGMA foreign_keys = OFF; "+sql), c.Close()); err != nil {
		t.Fatal(err)
	}
}

// query returns the rows of a query as text, values as SQL writes them.
func query(t testing.TB, path, sql string) string {
	t.Helper()
	c, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READONLY)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	st, _, err := c.Prepare(sql)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var lines []string
	for st.Step() {
		var cells []string
		for i := range st.ColumnCount() {
			cells = append(cells, st.ColumnText(i))
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	if err := st.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

var day = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// create makes a fixture of a database.
func create(t testing.TB, path string, change ...func(*loader.CreateOptions)) (string, *loader.CreateResult, error) {
	t.Helper()
	src, err := sqlite.OpenSource(t.Context(), path)
	if err != nil {
		return "", nil, err
	}
	defer src.Close()
	o := loader.CreateOptions{Output: filepath.Join(t.TempDir(), "fixture"), Name: "test", Now: day}
	for _, c := range change {
		c(&o)
	}
	r, err := loader.Create(t.Context(), src, o)
	return o.Output, r, err
}

func mustCreate(t testing.TB, path string, change ...func(*loader.CreateOptions)) string {
	t.Helper()
	dir, _, err := create(t, path, change...)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// load loads a fixture directory into a database.
func load(t testing.TB, dir, path string, change ...func(*loader.LoadOptions)) (*loader.LoadResult, error) {
	t.Helper()
	return loadContext(t, t.Context(), dir, path, change...)
}

func loadContext(t testing.TB, ctx context.Context, dir, path string, change ...func(*loader.LoadOptions)) (_ *loader.LoadResult, err error) {
	t.Helper()
	f, err := bundle.OpenDir(dir, bundle.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	target, err := sqlite.OpenTarget(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	o := loader.LoadOptions{Now: day}
	for _, c := range change {
		c(&o)
	}
	return loader.Load(ctx, f, target, o)
}

func mustLoad(t testing.TB, dir, path string, change ...func(*loader.LoadOptions)) *loader.LoadResult {
	t.Helper()
	r, err := load(t, dir, path, change...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func digestOf(t testing.TB, dir string) string {
	t.Helper()
	f, err := bundle.OpenDir(dir, bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := f.Identify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}

// shop has keys, references, dates, decimals, NULLs, blobs and names that need quotes.
const shop = `
CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(40) NOT NULL COLLATE NOCASE, born DATE, vip BOOLEAN DEFAULT 0, UNIQUE (name, born));
INSERT INTO customers VALUES (1, 'Ann', '1990-02-28', 1), (2, 'Bo', NULL, 0), (7, 'Ünï 🎉', '2000-02-29', NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE, placed DATETIME, total DECIMAL(10,2) DEFAULT (1+1), note TEXT);
CREATE INDEX "orders by customer" ON orders (customer, placed);
INSERT INTO orders VALUES (10, 1, '2024-01-31 12:00:00', 19.99, NULL), (11, 1, '2024-01-31 12:00:00.5', 5, ''), (12, 7, NULL, -0.01, 'it''s "quoted"');
CREATE TABLE "no key" ("a b" REAL, "select" BLOB, "x.y" TIME);
INSERT INTO "no key" VALUES (1.5, x'00ff', '23:59:59.000001'), (NULL, x'', '00:00:00'), (1e300, NULL, NULL), (1.5, x'00ff', '23:59:59.000001');
CREATE TABLE empty (a, b INT, c VARCHAR);
CREATE TABLE "Schema.Table" (k TEXT PRIMARY KEY, v BIGINT) WITHOUT ROWID;
INSERT INTO "Schema.Table" VALUES ('b', 2), ('B', 9223372036854775807), ('a', -9223372036854775808), ('é', NULL);
`

const everything = `SELECT group_concat(x, ';') FROM (
SELECT quote(id)||quote(name)||quote(born)||quote(vip) x FROM customers UNION ALL SELECT quote(id)||quote(customer)||quote(placed)||quote(total)||typeof(total)||quote(note) FROM orders
UNION ALL SELECT quote("a b")||quote("select")||quote("x.y") FROM "no key" UNION ALL SELECT quote(k)||quote(v) FROM "Schema.Table")`

func TestWhatIsTakenOutGoesInAgain(t *testing.T) {
	from := database(t, shop)
	dir := mustCreate(t, from)
	to := filepath.Join(t.TempDir(), "new.db")
	r := mustLoad(t, dir, to)
	if r.Rows != 14 || len(r.Tables) != 5 {
		t.Errorf("%d rows in %d tables", r.Rows, len(r.Tables))
	}
	if was, is := query(t, from, everything), query(t, to, everything); was != is {
		t.Errorf("was %s\nis  %s", was, is)
	}
	// Keys, references and indexes are there, and counters go on above the highest value.
	schema := `SELECT (SELECT count(*) FROM pragma_index_list('orders') WHERE name = 'orders by customer'), (SELECT on_delete FROM pragma_foreign_key_list('orders')), (SELECT "notnull" FROM pragma_table_info('orders') WHERE name='customer'), (SELECT dflt_value FROM pragma_table_info('orders') WHERE name='total')`
	if got := query(t, to, schema); got != "1|CASCADE|1|1+1" {
		t.Errorf("schema: %s", got)
	}
	run(t, to, `INSERT INTO customers (name) VALUES ('next')`)
	if got := query(t, to, `SELECT max(id) FROM customers`); got != "8" {
		t.Errorf("next id %s", got)
	}
	run(t, to, `DELETE FROM customers WHERE name = 'NEXT'`) // the collation is there, too
	again := mustCreate(t, to)
	if a, b := digestOf(t, dir), digestOf(t, again); a != b {
		t.Errorf("created again: %s, was %s", b, a)
	}
}
