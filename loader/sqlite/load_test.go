package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/sqlite"
)

func replace(o *loader.LoadOptions) { o.Replace = true }
func dry(o *loader.LoadOptions)     { o.DryRun = true }
func queries(o *loader.LoadOptions) { o.CheckQueries = true }

// content is everything in a database, for comparing before and after.
func content(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		return "absent"
	}
	out := query(t, path, "SELECT type, name, sql FROM sqlite_schema ORDER BY name")
	for _, name := range strings.Fields(query(t, path, "SELECT replace(name, ' ', '~') FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
		out += "\n" + query(t, path, `SELECT * FROM "`+strings.ReplaceAll(name, "~", " ")+`"`)
	}
	return out
}

const small = `CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO p VALUES (1, 'a'), (2, 'b');
	CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p); INSERT INTO c VALUES (1, 1), (2, 2), (3, NULL)`

func actions(r *loader.LoadResult) string {
	var list []string
	for _, t := range r.Tables {
		list = append(list, fmt.Sprintf("%s:%s:%d:%d:%d", t.Name, t.Action, t.Existing, t.Own, t.Rows))
	}
	return strings.Join(list, " ")
}

// What SQLite says of tables that are there.
func TestTablesThatFitAndThatDoNot(t *testing.T) {
	dir := mustCreate(t, database(t, small))
	tests := []struct {
		name, before, want string // actions, or the error
	}{
		{"columns in another order and other case", "CREATE TABLE P (V TEXT, Id INTEGER PRIMARY KEY)", "p:fill:0:0:2 c:create:0:0:3"},
		{"a column must be given", "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT, w INT NOT NULL)", "p: needs a value for the column w, which the fixture does not have"},
		{"a column need not be given", "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT, w INT NOT NULL DEFAULT 1, x INT)", "p:fill:0:0:2 c:create:0:0:3"},
		{"a column of another type", "CREATE TABLE p (id TEXT, v NUMERIC)", `p: column id is declared "TEXT", which would change numbers into text; p: column v is declared "NUMERIC", which would change text that looks like a number`},
		{"a computed column", "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT AS ('x'))", "p: computes the column v"},
		{"a STRICT table", "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT) STRICT", "p:fill:0:0:2 c:create:0:0:3"},
		{"a STRICT table of other types", "CREATE TABLE p (id INTEGER PRIMARY KEY, v BLOB) STRICT", "p: column v is BLOB in a STRICT table"},
		{"a view", "CREATE VIEW p AS SELECT 1 AS id, 'x' AS v", "p: is a view"},
		{"both tables in the way", "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO p VALUES (9, 'x'); CREATE TABLE c (x)",
			"p: holds rows that irisfix did not load: 1; c: lacks the column id; c: lacks the column p"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to := database(t, tt.before)
			before := content(t, to)
			r, err := load(t, dir, to)
			got := ""
			if err == nil {
				got = actions(r)
			} else {
				got = strings.TrimPrefix(err.Error(), "sqlite:"+to+": ")
				var conflict *loader.ConflictError
				if !errors.As(err, &conflict) {
					t.Errorf("%T", err)
				}
				if after := content(t, to); after != before {
					t.Errorf("was\n%s\nis\n%s", before, after)
				}
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A row late in a large table breaks a rule of the target: nothing of the load stays.
func TestALateBadRowUndoesEverything(t *testing.T) {
	from := database(t, `CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);
		CREATE TABLE big (id INTEGER PRIMARY KEY, v INTEGER);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO big SELECT i, iif(i = 99999, -1, i) FROM n`)
	dir := mustCreate(t, from)
	for name, tt := range map[string]struct{ table, want string }{
		"CHECK":  {"CREATE TABLE big (id INTEGER PRIMARY KEY, v INTEGER CHECK (v > 0))", "big: row 99999: CHECK constraint failed: v > 0"},
		"UNIQUE": {"CREATE TABLE big (id INTEGER PRIMARY KEY, v INTEGER); CREATE UNIQUE INDEX u ON big (max(v, 0) / 99998)", "big: row 2: UNIQUE constraint failed: index 'u'"},
	} {
		t.Run(name, func(t *testing.T) {
			to := database(t, tt.table)
			before := content(t, to)
			_, err := load(t, dir, to)
			var failed *loader.FailedError
			var row *loader.RowError
			if !errors.As(err, &failed) || !errors.As(err, &row) || err.Error() != "sqlite:"+to+": rolled back: "+tt.want {
				t.Errorf("got %v", err)
			}
			if after := content(t, to); after != before {
				t.Error("something stayed")
			}
		})
	}
}

func TestTriggersStayQuiet(t *testing.T) {
	to := database(t, "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE log (x); CREATE TRIGGER tr AFTER INSERT ON p BEGIN INSERT INTO log VALUES (1); END")
	mustLoad(t, mustCreate(t, database(t, small)), to)
	if got := query(t, to, "SELECT count(*) FROM log"); got != "0" {
		t.Errorf("fired %s times", got)
	}
}

func TestKnownQueriesAreChecked(t *testing.T) {
	dir := mustCreate(t, database(t, small))
	m := manifest(t, dir)
	n := func(i int64) *int64 { return &i }
	tests := []struct {
		query bundle.KnownQuery
		want  string
	}{
		{bundle.KnownQuery{Name: "rows", SQL: "SELECT * FROM p", ExpectRows: n(2)}, ""},
		{bundle.KnownQuery{Name: "value", SQL: "SELECT count(*) FROM c", ExpectValue: []byte("3.0")}, ""},
		{bundle.KnownQuery{Name: "text", SQL: "SELECT v FROM p ORDER BY 1", ExpectValue: []byte(`"\u0061"`)}, ""},
		{bundle.KnownQuery{Name: "truth", SQL: "SELECT count(*) > 1 FROM c", ExpectValue: []byte("true")}, ""},
		{bundle.KnownQuery{Name: "not checked", SQL: "SELECT nonsense"}, ""},
		{bundle.KnownQuery{Name: "rows", SQL: "SELECT * FROM p", ExpectRows: n(3)}, `query "rows": 2 rows instead of 3 rows`},
		{bundle.KnownQuery{Name: "value", SQL: "SELECT count(*) FROM c", ExpectValue: []byte(`"3"`)}, `query "value": 3 instead of "3"`},
		{bundle.KnownQuery{Name: "none", SQL: "SELECT 1 WHERE 0", ExpectValue: []byte("1")}, `query "none": no row instead of 1`},
		{bundle.KnownQuery{Name: "broken", SQL: "SELECT x FROM p", ExpectRows: n(1)}, `query "broken": sqlite3: SQL logic error: no such column: x`},
		{bundle.KnownQuery{Name: "writes", SQL: "DELETE FROM p", ExpectRows: n(0)}, `query "writes": not a query that only reads`},
	}
	for _, tt := range tests {
		m.KnownQueries = []bundle.KnownQuery{tt.query}
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), m.Encode(), 0o644); err != nil {
			t.Fatal(err)
		}
		to := t.TempDir() + "/to.db"
		_, err := load(t, dir, to, queries)
		got := ""
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "sqlite:"+to+": rolled back: ")
			if content(t, to) != "absent" {
				t.Errorf("%s: the database is there", tt.query.SQL)
			}
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.query.SQL, got, tt.want)
		}
	}
}

// Values that SQLite would change are found before anything is touched.
func TestValuesThatSQLiteWouldChange(t *testing.T) {
	table := &dat.Table{Format: 1, Name: "T", Columns: []dat.Column{{Name: "n", SQLType: "BIGINT"}, {Name: "x", SQLType: "DOUBLE", Nullable: true}}}
	for value, want := range map[string]string{"NaN": "NaN, which SQLite turns into NULL", "-0": "-0.0, which SQLite turns into 0.0"} {
		b := dat.NewBatch(table)
		for i := range 3 {
			b.Columns[0].AppendInt(int64(i))
			b.Columns[1].AppendFloat(1)
			b.Rows++
		}
		var x float64
		fmt.Sscan(strings.Replace(value, "-0", "-0.0", 1), &x)
		b.Columns[1].Float[2] = x
		dir := t.TempDir() + "/f"
		if _, err := loader.Create(t.Context(), fixed{table, b}, loader.CreateOptions{Output: dir, Name: "f", Now: day}); err != nil {
			t.Fatal(err)
		}
		to := t.TempDir() + "/to.db"
		for _, o := range []func(*loader.LoadOptions){dry, replace} {
			_, err := load(t, dir, to, o)
			var conflict *loader.ConflictError
			if !errors.As(err, &conflict) || err.Error() != "sqlite:"+to+": T: row 3, column x: "+want {
				t.Errorf("%s: got %v", value, err)
			}
		}
	}
	// An existing column of reals holds integers up to 2^53 only.
	dir := mustCreate(t, database(t, "CREATE TABLE t (c BIGINT); INSERT INTO t VALUES (1), (9007199254740993)"))
	to := database(t, "CREATE TABLE t (c REAL)")
	if _, err := load(t, dir, to); err == nil || err.Error() != "sqlite:"+to+": t: row 2, column c: 9007199254740993, which a column of reals does not hold exactly" {
		t.Errorf("got %v", err)
	}
}

// Types and defaults are text from the fixture. What they smuggle in is noticed and undone.
func TestSQLInASchemaDoesNothing(t *testing.T) {
	for name, c := range map[string]dat.Column{
		"a type":    {SQLType: "BIGINT", Declared: "INTEGER, evil TEXT"},
		"a default": {SQLType: "BIGINT", Declared: "INTEGER", Default: ptr("1), evil TEXT DEFAULT (2")},
		"a check":   {SQLType: "BIGINT", Declared: "INTEGER CHECK (0)"},
	} {
		t.Run(name, func(t *testing.T) {
			c.Name = "c"
			table := &dat.Table{Format: 1, Name: "T", Columns: []dat.Column{c}}
			b := dat.NewBatch(table)
			b.Columns[0].AppendInt(1)
			b.Rows = 1
			dir := t.TempDir() + "/f"
			if _, err := loader.Create(t.Context(), fixed{table, b}, loader.CreateOptions{Output: dir, Name: "f", Now: day}); err != nil {
				t.Fatal(err)
			}
			to := database(t, "CREATE TABLE keep (x)")
			before := content(t, to)
			_, err := load(t, dir, to)
			if err != nil && content(t, to) != before {
				t.Errorf("%v, and something changed", err)
			}
			if err == nil && query(t, to, "SELECT group_concat(name || ' ' || type) FROM pragma_table_info('T')") != "c "+c.Declared {
				t.Errorf("became %s", query(t, to, "SELECT sql FROM sqlite_schema WHERE name = 'T'"))
			}
			if name == "a default" && err == nil {
				t.Error("accepted")
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestTargetsThatCannotBeUsed(t *testing.T) {
	dir := mustCreate(t, database(t, small))
	text := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("just some text\n", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	corrupt := database(t, small)
	data, err := os.ReadFile(corrupt)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < 4096; i++ {
		data[i] = 0xff
	}
	if err := os.WriteFile(corrupt, data, 0o644); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	tests := []struct{ path, want string }{
		{folder, "a directory, not a database file"},
		{text, "not a SQLite database"},
		{corrupt, "the database is damaged: sqlite3: database disk image is malformed"},
		{filepath.Join(folder, "no/such/folder.db"), "rolled back: sqlite:" + filepath.Join(folder, "no/such/folder.db") + ": "},
	}
	for _, tt := range tests {
		_, err := load(t, dir, tt.path)
		if err == nil || !strings.HasPrefix(err.Error(), "sqlite:"+tt.path+": "+tt.want) && !strings.Contains(tt.want, "rolled back") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := sqlite.OpenSource(t.Context(), filepath.Join(folder, "none.db")); err == nil || err.Error() != "sqlite:"+filepath.Join(folder, "none.db")+": file does not exist" {
		t.Errorf("got %v", err)
	}
}

func TestALockedDatabaseIsAMatterOfStorage(t *testing.T) {
	dir := mustCreate(t, database(t, small))
	to := database(t, "CREATE TABLE x (y)")
	c, err := sqlite3.Open(to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err = load(t, dir, to)
	var failed *loader.FailedError
	var storage *loader.StorageError
	if !errors.As(err, &failed) || !errors.As(err, &storage) || storage.Reason != "locked by another process" {
		t.Errorf("got %v", err)
	}
}

func TestInterruptionOfReadingLeavesNothing(t *testing.T) {
	from := database(t, `CREATE TABLE big (id INTEGER PRIMARY KEY, v TEXT);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) INSERT INTO big SELECT i, 'some text ' || i FROM n`)
	src, err := sqlite.OpenSource(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	cause := errors.New("signal")
	ctx, cancel := context.WithCancelCause(t.Context())
	o := loader.CreateOptions{Output: filepath.Join(t.TempDir(), "f"), Name: "f", Now: day, Progress: func(string, int64) { cancel(cause) }}
	if _, err := loader.Create(ctx, src, o); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if left := entries(t, o.Output); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

// A foreign key whose parent is not there cannot be checked.
func TestAChildMayBeLoadedAlone(t *testing.T) {
	r := mustLoad(t, mustCreate(t, database(t, small)), t.TempDir()+"/to.db", func(o *loader.LoadOptions) { o.Tables = []string{"c"} })
	if got := fmt.Sprint(r.Warnings); got != "[{c refers to the table p, which the target does not have}]" {
		t.Errorf("got %s", got)
	}
}
