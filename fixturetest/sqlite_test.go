package fixturetest_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/irisfix/irisfix/fixturetest"
)

// count is how many rows a query counts.
func count(tb testing.TB, db *sql.DB, query string) (n int) {
	tb.Helper()
	if err := db.QueryRowContext(tb.Context(), query).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

const orders = `SELECT count(*) FROM orders`

// spoil changes the database of a test as if it were alone, and finds it as it should be before.
func spoil(t *testing.T, db *sql.DB) {
	t.Helper()
	if n := count(t, db, `SELECT count(*) FROM country WHERE name <> 'gone'`); n != 12 {
		t.Errorf("%d countries", n)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE country SET name = 'gone'; CREATE TABLE mine (x)`); err != nil {
		t.Error(err)
	}
	if n := count(t, db, `SELECT count(*) FROM country WHERE name <> 'gone'`); n != 0 {
		t.Errorf("%d countries after all were renamed", n)
	}
}

func TestFiftyTestsAtOnceHaveADatabaseEach(t *testing.T) {
	w := newWorld(t)
	var files []string
	t.Run("all", func(t *testing.T) {
		var mu sync.Mutex
		for i := range 50 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				d := fixturetest.Open(t, "shop", fixturetest.LockFile(w.lock), fixturetest.CacheDir(w.cache))
				spoil(t, d.DB())
				mu.Lock()
				defer mu.Unlock()
				files = append(files, d.Path)
			})
		}
	})
	for _, file := range files {
		if _, err := os.Stat(file); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", file, err)
		}
	}
	w.fetchedOnce(t)
	w.oneTemplate(t)
}

// childLock and childCache are where a child process finds its world.
const childLock, childCache = "FIXTURETEST_LOCK", "FIXTURETEST_CACHE"

// The test binary is run eight times at once: as eight packages under go test ./... would be.
func TestEightProcessesShareATemplate(t *testing.T) {
	if lock := os.Getenv(childLock); lock != "" {
		spoil(t, fixturetest.SQLite(t, "shop", fixturetest.LockFile(lock), fixturetest.CacheDir(os.Getenv(childCache))))
		return
	}
	w := newWorld(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
			cmd.Env = append(os.Environ(), childLock+"="+w.lock, childCache+"="+w.cache)
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	w.fetchedOnce(t)
	w.oneTemplate(t)
}

func TestADatabaseTellsWhatItHolds(t *testing.T) {
	w := newWorld(t)
	d := fixturetest.Open(t, "shop", fixturetest.Also(filepath.Join("..", "testdata", "fixtures", "types")), fixturetest.LockFile(w.lock), fixturetest.CacheDir(w.cache))
	if d.Target != "sqlite:"+d.Path || d.Namespace != "" || d.Schemas != nil || d.Schema("Shop") != "Shop" {
		t.Errorf("%+v", d)
	}
	if d.Manifest.FixtureID != "shop" || len(d.Fixtures) != 2 || d.Fixtures[0].Manifest != d.Manifest || d.Fixtures[1].Manifest.FixtureID != "types" {
		t.Errorf("%+v", d.Fixtures)
	}
	if f := d.Fixtures[0]; f.Name != "shop" || f.Dir != "" || f.Reference != w.host+"/acme/shop:1.0.0@"+f.Digest {
		t.Errorf("%+v", f)
	}
	if f := d.Fixtures[1]; f.Name != "types" || !filepath.IsAbs(f.Dir) || f.Reference != "" || f.Digest == "" {
		t.Errorf("%+v", f)
	}
	if first, second := d.DB(), d.DB(); first != second {
		t.Error("it was opened twice")
	}
}

// One run of tests sees one version.
func TestATagIsLookedUpOnceInAProcess(t *testing.T) {
	w := newWorld(t)
	open := func() (digest, said string) {
		r := &recorder{name: "TestTotal"}
		said = r.run(func(tb testing.TB) {
			digest = fixturetest.Open(tb, w.host+"/acme/shop:1.0.0", fixturetest.CacheDir(w.cache)).Fixtures[0].Digest
		})
		if r.failed {
			t.Fatal(said)
		}
		return digest, said
	}
	first, said := open()
	if !strings.Contains(said, "irisfix: fetching orders.dat (4.5 kB)\n") {
		t.Errorf("it does not tell what it fetches: %s", said)
	}
	if w.tags != 1 {
		t.Errorf("the tag was looked up %d times", w.tags)
	}
	w.push(t, small(t))
	if second, said := open(); second != first || said != "" || w.tags != 0 {
		t.Errorf("%s, then %s, after %d requests: %s", first, second, w.tags, said)
	}
}

// A benchmark may ask for a database in each round.
func TestBenchmarksAndFuzzersHaveDatabasesToo(t *testing.T) {
	cache := fixturetest.CacheDir(t.TempDir())
	r := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if n := count(b, fixturetest.SQLite(b, shop, cache), orders); n != 4000 {
				b.Fatal(n)
			}
		}
	})
	if r.N == 0 {
		t.Error("the benchmark failed")
	}
}

// Names of files that mean something in a URI.
func TestTheDirectoryMayHaveAnyName(t *testing.T) {
	cache := fixturetest.CacheDir(t.TempDir())
	temp := filepath.Join(t.TempDir(), "a b%20c#d&e'f")
	if err := os.Mkdir(temp, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	r := &recorder{name: "TestTotal"}
	said := r.run(func(tb testing.TB) {
		d := fixturetest.Open(tb, shop, cache, fixturetest.Keep())
		if n := count(tb, d.DB(), orders); n != 4000 {
			tb.Error(n)
		}
		if filepath.Dir(filepath.Dir(d.Path)) != temp {
			tb.Error(d.Path)
		}
	})
	if r.failed {
		t.Error(said)
	}
}
