package iris_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/iristest"
)

// schemaOf is the JSON of a table in a fixture.
func schemaOf(t *testing.T, dir, name string) string {
	t.Helper()
	f := open(t, dir)
	for _, file := range f.Manifest.Files() {
		if file.Table == name {
			r, c, err := f.OpenTable(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			return string(r.Table().JSON())
		}
	}
	t.Fatalf("no table %s", name)
	return ""
}

// Everything that the catalog says of a table comes out as it was declared, and goes in again as the same.
func TestTheCatalogComesBackExactly(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg,
		`CREATE TABLE Shop.Customers (code VARCHAR(9) COLLATE %EXACT NOT NULL, name VARCHAR(40) DEFAULT 'it''s "new"', PRIMARY KEY (code), UNIQUE (name))`,
		`CREATE TABLE Shop.Orders (ID BIGINT IDENTITY, customer VARCHAR(9) COLLATE %EXACT, total NUMERIC(10,2) DEFAULT 2, placed TIMESTAMP, clock TIME(3), long TIME, born DATE, old %Library.Date(MINVAL=-672045),
			stamp TIMESTAMP2, tsql DATETIME, n SERIAL, flag BIT NOT NULL, tiny TINYINT, small SMALLINT, big BIGINT, f DOUBLE, free VARCHAR(''), pic LONGVARBINARY, note LONGVARCHAR, b VARBINARY(16),
			g UNIQUEIDENTIFIER, m MONEY, vec VECTOR(DOUBLE,3), rv ROWVERSION, one VARCHAR,
			CONSTRAINT toCustomer FOREIGN KEY (customer) REFERENCES Shop.Customers (code) ON DELETE SET NULL ON UPDATE CASCADE)`,
		`CREATE INDEX byPlaced ON TABLE Shop.Orders (placed, customer)`,
		`CREATE TABLE Shop.Plain (v INTEGER)`,
		`INSERT INTO Shop.Customers (code) VALUES ('x')`, `INSERT INTO Shop.Orders (customer, flag, long) VALUES ('x', 1, '10:11:12')`, `INSERT INTO Shop.Plain (v) VALUES (7)`,
	)
	dir := mustCreate(t, cfg)
	for name, want := range map[string]string{
		"Shop.Customers": `{"format":1,"name":"Shop.Customers","columns":[{"name":"%ID","sql_type":"BIGINT"},{"name":"code","sql_type":"VARCHAR","length":9,"collation":"EXACT"},` +
			`{"name":"name","sql_type":"VARCHAR","length":40,"nullable":true,"default":"'it''s \"new\"'","collation":"SQLUPPER"}],"primary_key":["code"],"unique":[["name"]]}`,
		"Shop.Plain": `{"format":1,"name":"Shop.Plain","columns":[{"name":"%ID","sql_type":"BIGINT"},{"name":"v","sql_type":"INTEGER","nullable":true}]}`,
		"Shop.Orders": `{"format":1,"name":"Shop.Orders","columns":[{"name":"ID","sql_type":"BIGINT","identity":true},{"name":"customer","sql_type":"VARCHAR","length":9,"nullable":true,"collation":"EXACT"},` +
			`{"name":"total","sql_type":"NUMERIC","precision":10,"scale":2,"nullable":true,"default":"2"},{"name":"placed","sql_type":"TIMESTAMP","nullable":true},{"name":"clock","sql_type":"TIME","precision":3,"nullable":true},` +
			`{"name":"long","sql_type":"TIME","nullable":true},{"name":"born","sql_type":"DATE","nullable":true},{"name":"old","sql_type":"DATE","nullable":true},{"name":"stamp","sql_type":"TIMESTAMP","precision":9,"nullable":true},` +
			`{"name":"tsql","sql_type":"DATETIME","nullable":true},{"name":"n","sql_type":"SERIAL","nullable":true},{"name":"flag","sql_type":"BIT"},{"name":"tiny","sql_type":"TINYINT","nullable":true},` +
			`{"name":"small","sql_type":"SMALLINT","nullable":true},{"name":"big","sql_type":"BIGINT","nullable":true},{"name":"f","sql_type":"DOUBLE","nullable":true},{"name":"free","sql_type":"VARCHAR","nullable":true,"collation":"SQLUPPER"},` +
			`{"name":"pic","sql_type":"LONGVARBINARY","nullable":true},{"name":"note","sql_type":"LONGVARCHAR","nullable":true},{"name":"b","sql_type":"VARBINARY","length":16,"nullable":true},` +
			`{"name":"g","sql_type":"UNIQUEIDENTIFIER","nullable":true},{"name":"m","sql_type":"MONEY","precision":19,"scale":4,"nullable":true},{"name":"vec","sql_type":"VECTOR","length":3,"element_type":"DOUBLE","nullable":true},` +
			`{"name":"rv","sql_type":"ROWVERSION","nullable":true,"generated":true},{"name":"one","sql_type":"VARCHAR","length":1,"nullable":true,"collation":"SQLUPPER"}],` +
			`"primary_key":["ID"],"foreign_keys":[{"columns":["customer"],"ref_table":"Shop.Customers","ref_columns":["code"],"on_update":"CASCADE","on_delete":"SET NULL"}],` +
			`"indexes":[{"name":"byPlaced","columns":["placed","customer"]}]}`,
	} {
		if got := schemaOf(t, dir, name); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	again := configOf(t, iristest.New(t))
	mustLoad(t, again, dir)
	taken := mustCreate(t, again)
	if was, is := digestOf(t, dir), digestOf(t, taken); was != is {
		t.Errorf("was %s, is %s", was, is)
	}
	unload(t.Context(), t, again, dir) //nolint:errcheck // what follows shows it
	// The record is gone; what the catalog of the new tables says is the same, but for what IRIS has no word for.
	mustLoad(t, again, dir)
	run(t, again, `DELETE FROM IrisFix.Loads`)
	for _, name := range []string{"Shop.Customers", "Shop.Plain", "Shop.Orders"} {
		if was, is := schemaOf(t, dir, name), schemaOf(t, mustCreate(t, again), name); was != strings.ReplaceAll(is, `"name":"long","sql_type":"TIME","precision":6`, `"name":"long","sql_type":"TIME"`) {
			t.Errorf("was\n%s\nis\n%s", was, is)
		}
	}
}

// A database that has not changed gives the same fixture, every byte of it, and says so.
func TestAnUnchangedDatabaseGivesTheSameFixture(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, family...)
	dir := mustCreate(t, cfg)
	src, err := iris.OpenSource(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r, err := loader.Create(t.Context(), src, loader.CreateOptions{Output: dir, Name: "test", Force: true, Now: day.AddDate(1, 0, 0)})
	if err != nil || !r.Unchanged || r.Manifest.Namespace != "USER" || !strings.HasPrefix(r.Manifest.IRISVersion, "IRIS") {
		t.Errorf("%+v, %v", r, err)
	}
}

// What a fixture does not hold is said once for each kind.
func TestWhatIsNotRecordedIsSaid(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, append(family[:len(family):len(family)],
		`CREATE TABLE Shop.Computed (a INTEGER, b INTEGER COMPUTECODE { set {b} = {a} } CALCULATED)`,
		`CREATE VIEW Shop.V AS SELECT id FROM Shop.P`, `CREATE VIEW Shop.W AS SELECT id FROM Shop.C`)...)
	src, err := iris.OpenSource(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	_, r, err := create(t, src)
	want := "[{views not recorded: Shop.V, Shop.W} {computed columns not recorded: Shop.Computed.b}]"
	if err != nil || fmt.Sprint(r.Warnings) != want {
		t.Errorf("got %v, %v", r.Warnings, err)
	}
}

// The result of a query stands for a table, with the types that the columns have where they come from.
func TestQueries(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, family...)
	taking := func(name, sql string) (string, error) {
		src, err := iris.OpenSource(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		dir, _, err := create(t, src, func(o *loader.CreateOptions) { o.Queries = []loader.Selection{{Table: name, Query: sql}} })
		return dir, err
	}
	dir, err := taking("Shop.P", "SELECT v, id FROM Shop.P WHERE id < 2 ORDER BY id DESC")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"format":1,"name":"Shop.P","columns":[{"name":"v","sql_type":"VARCHAR","length":40,"nullable":true,"collation":"SQLUPPER"},{"name":"id","sql_type":"INTEGER"}],"primary_key":["id"]}`
	if got := schemaOf(t, dir, "Shop.P"); got != want {
		t.Errorf("got %s", got)
	}
	dir, err = taking("Shop.Report", "SELECT p.id AS parent, COUNT(*) AS n, MAX(c.note) AS note FROM Shop.P p JOIN Shop.P c ON c.id >= p.id GROUP BY p.id")
	if err == nil {
		t.Errorf("a column that is not there: %s", schemaOf(t, dir, "Shop.Report"))
	}
	dir, err = taking("Shop.Report", "SELECT p.id AS parent, COUNT(*) AS n FROM Shop.P p JOIN Shop.P c ON c.id >= p.id GROUP BY p.id")
	if err != nil {
		t.Fatal(err)
	}
	again := configOf(t, iristest.New(t))
	mustLoad(t, again, dir)
	if got := query(t, again, "SELECT parent, n FROM Shop.Report ORDER BY parent"); got != "1|2\n2|1" {
		t.Errorf("got %s", got)
	}
	for sql, say := range map[string]string{
		"DELETE FROM Shop.P":             "not a query that only reads",
		"SELECT id, v AS id FROM Shop.P": "twice in the result of the query; give it another name with AS",
		"SELECT x FROM Shop.P":           "SQLCODE -29",
	} {
		if _, err := taking("Shop.X", sql); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if got := query(t, cfg, "SELECT COUNT(*) FROM Shop.P"); got != "2" {
		t.Errorf("%s rows are left", got)
	}
}

// A source that holds what a fixture cannot is refused, naming it.
func TestValuesThatAFixtureCannotHold(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, `CREATE TABLE Shop.T (k INTEGER, v TIMESTAMP2)`, `INSERT INTO Shop.T (k, v) VALUES (1, '1900-01-01 00:00:00.123456789')`, `INSERT INTO Shop.T (k, v) VALUES (2, '2900-01-01 00:00:00')`)
	src, err := iris.OpenSource(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	_, _, err = create(t, src)
	var refused *loader.SourceError
	if !errors.As(err, &refused) || refused.Column != "v" || !strings.Contains(err.Error(), "nanoseconds") {
		t.Errorf("got %v", err)
	}
}
