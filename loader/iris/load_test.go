package iris_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// Row ids, identities and counters come back, and what the application inserts next collides with nothing.
func TestRowIDsAndCountersGoOn(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, `CREATE TABLE Shop.Plain (v VARCHAR(9))`, `CREATE TABLE Shop.Named (num BIGINT IDENTITY, v VARCHAR(9))`, `CREATE TABLE Shop.Counted (v VARCHAR(9), n SERIAL)`,
		`INSERT INTO Shop.Plain (v) VALUES ('gone')`, `INSERT INTO Shop.Plain (v) VALUES ('a')`, `DELETE FROM Shop.Plain WHERE v = 'gone'`,
		`INSERT INTO Shop.Named (v) VALUES ('gone')`, `INSERT INTO Shop.Named (v) VALUES ('a')`, `DELETE FROM Shop.Named WHERE v = 'gone'`,
		`INSERT INTO Shop.Counted (v, n) VALUES ('a', 41)`)
	dir := mustCreate(t, cfg)
	again := configOf(t, iristest.New(t))
	for range 2 { // a first load, and one over it
		mustLoad(t, again, dir)
		for sql, want := range map[string]string{
			`SELECT %ID, v FROM Shop.Plain`: "2|a", `SELECT num, v FROM Shop.Named`: "2|a", `SELECT n, v FROM Shop.Counted`: "41|a",
		} {
			if got := query(t, again, sql); got != want {
				t.Errorf("%s: %s", sql, got)
			}
		}
	}
	run(t, again, `INSERT INTO Shop.Plain (v) VALUES ('next')`, `INSERT INTO Shop.Named (v) VALUES ('next')`, `INSERT INTO Shop.Counted (v) VALUES ('next')`)
	if got := query(t, again, `SELECT n FROM Shop.Counted WHERE v = 'next'`); got != "42" {
		t.Errorf("the counter gives %s", got)
	}
	for _, sql := range []string{`SELECT COUNT(DISTINCT %ID) FROM Shop.Plain`, `SELECT COUNT(DISTINCT num) FROM Shop.Named`} {
		if got := query(t, again, sql); got != "2" {
			t.Errorf("%s: %s", sql, got)
		}
	}
	run(t, again, `DELETE FROM IrisFix.Loads`) // so that the tables stand for themselves
	if got := schemaOf(t, mustCreate(t, again), "Shop.Plain"); got != schemaOf(t, dir, "Shop.Plain") {
		t.Errorf("got %s", got)
	}
}

// An identity cannot be given by the next user of the connection: there is none.
func TestTheOptionForRowIDsDoesNotStay(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, `CREATE TABLE Shop.Named (num BIGINT IDENTITY, v VARCHAR(9))`, `INSERT INTO Shop.Named (v) VALUES ('a')`)
	mustLoad(t, configOf(t, iristest.New(t)), mustCreate(t, cfg))
	c, err := client.Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var refused *client.SQLError
	if _, err := c.Exec(t.Context(), `INSERT INTO Shop.Named (num, v) VALUES (9, 'b')`); !errors.As(err, &refused) || refused.Code != -111 {
		t.Errorf("got %v", err)
	}
}

// shopOfSQLite has keys, references, dates, decimals, NULLs, blobs and names that need quotes.
const shopOfSQLite = `
CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(40) NOT NULL COLLATE NOCASE, born DATE, vip BOOLEAN DEFAULT 0, UNIQUE (name, born));
INSERT INTO customers VALUES (1, 'Ann', '1690-02-28', 1), (2, 'Bo', NULL, 0), (7, 'Ünï 🎉', '2000-02-29', NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE, placed DATETIME, total DECIMAL(10,2) DEFAULT (1+1), note TEXT);
CREATE INDEX "orders by customer" ON orders (customer, placed);
INSERT INTO orders VALUES (10, 1, '2024-01-31 12:00:00', 19.99, NULL), (11, 1, '2024-01-31 12:00:00.5', 5, ''), (12, 7, NULL, -0.01, 'it''s "quoted"');
CREATE TABLE "no key" ("a b" REAL, "select" BLOB, "x y" TIME);
INSERT INTO "no key" VALUES (1.5, x'00ff', '23:59:59.000001'), (NULL, x'', '00:00:00'), (1e300, NULL, NULL), (1.5, x'00ff', '23:59:59.000001');
CREATE TABLE empty (a, b INT, c VARCHAR);
CREATE TABLE "Other.Table" (k TEXT PRIMARY KEY, v BIGINT);
INSERT INTO "Other.Table" VALUES ('b', 2), ('B', 9223372036854775807), ('a', -9223372036854775807), ('é', NULL), ('', 0), ('10', 1), ('9', 1);
`

// From SQLite to IRIS, and from there to SQLite again: the same fixture each time, digest and all but what it says of
// where it comes from.
func TestAFixtureCrossesEngines(t *testing.T) {
	tables := func(dir string) (s string) {
		for _, e := range open(t, dir).Manifest.Tables {
			s += fmt.Sprintln(e.Name, e.RowCount, e.Checksum)
		}
		return s
	}
	fromSQLite := func(path string) string {
		src, err := sqlite.OpenSource(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		dir, _, err := create(t, src)
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	dir := fromSQLite(sqliteDatabase(t, shopOfSQLite))
	cfg := configOf(t, iristest.New(t))
	mustLoad(t, cfg, dir)
	there := mustCreate(t, cfg)
	if was, is := tables(dir), tables(there); was != is {
		t.Fatalf("was\n%sis\n%s", was, is)
	}
	path := filepath.Join(t.TempDir(), "back.db")
	target, err := sqlite.OpenTarget(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = loader.Load(t.Context(), open(t, there), target, loader.LoadOptions{Now: day})
	if err := errors.Join(err, target.Close()); err != nil {
		t.Fatal(err)
	}
	if was, is := tables(dir), tables(fromSQLite(path)); was != is {
		t.Errorf("was\n%sis\n%s", was, is)
	}
}

// Row k of a message that is refused is named, whatever the server does with the others.
func TestTheRowThatIsRefusedIsNamed(t *testing.T) {
	for _, batch := range []iristest.Batch{iristest.BatchContinues, iristest.BatchStops, iristest.BatchUndoes} {
		for _, k := range []int{1, 2, 600, 1000, 1001, 1500} {
			cfg := configOf(t, iristest.New(t, func(o *iristest.Options) { o.Batch = batch }))
			path := sqliteDatabase(t, fmt.Sprintf(`CREATE TABLE "Shop.T" (id INTEGER PRIMARY KEY, v INTEGER);
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) INSERT INTO "Shop.T" SELECT i, iif(i = %d, -1, i) FROM n`, k))
			src, err := sqlite.OpenSource(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			dir, _, err := create(t, src)
			if err := errors.Join(err, src.Close()); err != nil {
				t.Fatal(err)
			}
			// The table refuses what only it knows.
			run(t, cfg, `CREATE TABLE Shop.T (id BIGINT NOT NULL, v %Library.BigInt(MINVAL=0), PRIMARY KEY (id))`)
			_, err = load(t.Context(), t, cfg, dir)
			var row *loader.RowError
			var refused *client.SQLError
			if !errors.As(err, &row) || row.Row != int64(k) || row.Table != "Shop.T" || !errors.As(err, &refused) || refused.Code != -104 {
				t.Errorf("mode %v, row %d: got %v", batch, k, err)
			}
			if got := query(t, cfg, "SELECT COUNT(*) FROM Shop.T"); got != "0" {
				t.Errorf("%s rows are left", got)
			}
		}
	}
}

// holder is a session of somebody else with a lock.
func holder(t *testing.T, cfg client.Config, sql ...string) *client.Conn {
	t.Helper()
	c, err := client.Connect(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, s := range sql {
		if _, err := c.Exec(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestALockOfAnotherSessionIsSaid(t *testing.T) {
	defer iris.WaitForLocks(time.Second)()
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, family...)
	dir := mustCreate(t, cfg)
	again := configOf(t, iristest.New(t))
	mustLoad(t, again, dir)
	before := content(t, again)
	c := holder(t, again, `LOCK TABLE Shop.P IN EXCLUSIVE MODE`)
	locked := func(what string, err error) {
		var storage *loader.StorageError
		var refused *client.SQLError
		if !errors.As(err, &storage) || !storage.Locked || !errors.As(err, &refused) || refused.Code != -110 {
			t.Errorf("%s: got %v", what, err)
		}
	}
	_, err := load(t.Context(), t, again, dir)
	locked("load", err)
	src, err := iris.OpenSource(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = create(t, src)
	locked("create", errors.Join(err, src.Close()))
	c.Close()
	if got := content(t, again); got != before {
		t.Errorf("is\n%s\nwas\n%s", got, before)
	}
	holder(t, again, `LOCK TABLE IrisFix.Loads IN EXCLUSIVE MODE`)
	_, err = load(t.Context(), t, again, dir)
	locked("load during another", err)
	_, err = iris.OpenSource(t.Context(), again)
	locked("create during a load", err)
}

// While tables are read nobody writes to them; those that are not taken are nobody's business.
func TestATableThatIsReadStaysAsItIs(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, family...)
	src, err := iris.OpenSource(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if _, _, err := create(t, src, only("Shop.P")); err != nil {
		t.Fatal(err)
	}
	c := holder(t, cfg, `SET OPTION LOCK_TIMEOUT = 1`, `UPDATE Shop.C SET p = 2 WHERE id = 10`)
	var refused *client.SQLError
	if _, err := c.Exec(t.Context(), `UPDATE Shop.P SET v = 'x' WHERE id = 1`); !errors.As(err, &refused) || refused.Code != -110 {
		t.Errorf("got %v", err)
	}
}

func TestALicenceThatIsUsedUpIsSaid(t *testing.T) {
	cfg := configOf(t, iristest.New(t, func(o *iristest.Options) { o.Connections = 1 }))
	holder(t, cfg)
	_, err := iris.OpenTarget(t.Context(), cfg)
	var connect *loader.ConnectError
	var refused *client.LoginError
	if !errors.As(err, &connect) || !errors.As(err, &refused) || refused.Reason() != client.LicenceExceeded {
		t.Errorf("got %v", err)
	}
}

// One connection is enough for everything that a load does, even if it fails half-way.
func TestOneConnectionIsEnough(t *testing.T) {
	w := works(t)
	for _, w := range w {
		cfg := configOf(t, iristest.New(t, func(o *iristest.Options) { o.Connections = 1 }))
		eventually(t, func() error { return w.before(t.Context(), t, cfg) })
		eventually(t, func() error { return w.run(t.Context(), t, cfg) })
	}
}

// eventually tries again while the server still counts a connection that was closed.
func eventually(t *testing.T, do func() error) {
	t.Helper()
	for {
		err := do()
		var refused *client.LoginError
		if err == nil {
			return
		}
		if !errors.As(err, &refused) {
			t.Fatal(err)
		}
	}
}

// Values that are as long as a stream may be go both ways, text and binary.
func TestLongStreams(t *testing.T) {
	text := strings.Repeat("long Ünï 🎉 ", 5<<20/16)
	pic := bytes.Repeat([]byte{0, 1, 0xff, 0xfe}, 5<<18)
	path := sqliteDatabase(t, `CREATE TABLE "Shop.Streams" (id INTEGER PRIMARY KEY, doc TEXT, pic BLOB)`)
	sqliteInsert(t, path, `INSERT INTO "Shop.Streams" VALUES (?, ?, ?)`, [][]any{
		{1, text, pic}, {2, "", []byte{}}, {3, nil, nil}, {4, "1@%Stream.GlobalCharacter", []byte("2@%Stream.GlobalBinary")}, {5, "\x01\x18%Stream.GlobalCharacter", []byte("x")},
	})
	src, err := sqlite.OpenSource(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	dir, _, err := create(t, src)
	if err != nil {
		t.Fatal(err)
	}
	again := configOf(t, iristest.New(t))
	mustLoad(t, again, dir)
	taken := mustCreate(t, again)
	if was, is := open(t, dir).Manifest.Tables[0].Checksum, open(t, taken).Manifest.Tables[0].Checksum; was != is {
		t.Errorf("was %s, is %s", was, is)
	}
}
