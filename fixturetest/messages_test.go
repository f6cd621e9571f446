//go:build !windows

package fixturetest_test

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/irisfix/irisfix/fixturetest"
	"github.com/irisfix/irisfix/loader/iris/iristest"
)

var update = flag.Bool("update", false, "write the messages into testdata")

// failures are tests that end with a message of ours.
var failures = []struct {
	name string
	test func(t *testing.T, tb testing.TB, w *world)
}{
	{"a name like another", func(_ *testing.T, tb testing.TB, w *world) {
		fixturetest.SQLite(tb, "shpo", fixturetest.LockFile(w.lock))
	}},
	{"a second fixture that is not there", func(_ *testing.T, tb testing.TB, w *world) {
		fixturetest.SQLite(tb, "shop", fixturetest.Also("shpo"), fixturetest.LockFile(w.lock))
	}},
	{"a directory that is not there", func(_ *testing.T, tb testing.TB, _ *world) {
		fixturetest.Open(tb, "./testdata/fixtures/shop")
	}},
	{"a file that was changed", func(t *testing.T, tb testing.TB, _ *world) {
		dir := filepath.Join(t.TempDir(), "shop")
		if err := os.CopyFS(dir, os.DirFS(shop)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "orders.dat"), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
		fixturetest.SQLite(tb, dir)
	}},
	{"offline", func(_ *testing.T, tb testing.TB, w *world) {
		fixturetest.SQLite(tb, "shop", fixturetest.LockFile(w.lock), fixturetest.Offline())
	}},
	{"offline by the environment", func(t *testing.T, tb testing.TB, w *world) {
		t.Setenv("IRISFIX_OFFLINE", "1")
		fixturetest.SQLite(tb, "shop", fixturetest.LockFile(w.lock))
	}},
	{"not pinned", func(_ *testing.T, tb testing.TB, w *world) {
		fixturetest.SQLite(tb, w.host+"/acme/shop:1.0.0", fixturetest.LockFile(w.lock), fixturetest.Frozen())
	}},
	{"no registry", func(_ *testing.T, tb testing.TB, _ *world) {
		fixturetest.SQLite(tb, "127.0.0.1:1/acme/shop:1.0.0")
	}},
	{"two fixtures with one table", func(t *testing.T, tb testing.TB, _ *world) {
		dir := filepath.Join(t.TempDir(), "other")
		if err := os.CopyFS(dir, os.DirFS(shop)); err != nil {
			t.Fatal(err)
		}
		manifest := filepath.Join(dir, "manifest.json")
		data, err := os.ReadFile(manifest)
		if err != nil {
			t.Fatal(err)
		}
		data = []byte(strings.Replace(string(data), `"fixture_id": "shop"`, `"fixture_id": "other"`, 1))
		if err := os.WriteFile(manifest, data, 0o666); err != nil {
			t.Fatal(err)
		}
		fixturetest.SQLite(tb, shop, fixturetest.Also(dir))
	}},
	{"values that a server cannot hold", func(t *testing.T, tb testing.TB, _ *world) {
		fixturetest.IRIS(tb, filepath.Join("..", "testdata", "fixtures", "types"), fixturetest.Target(iristest.New(t).URL()))
	}},
	{"no name", func(_ *testing.T, tb testing.TB, _ *world) {
		fixturetest.SQLite(tb, shop, fixturetest.Also(""))
	}},
	{"no place for a cache", func(t *testing.T, tb testing.TB, w *world) {
		for _, name := range []string{"HOME", "XDG_CACHE_HOME", "IRISFIX_CACHE_DIR", "LocalAppData"} {
			t.Setenv(name, "")
		}
		fixturetest.SQLite(tb, "shop", fixturetest.LockFile(w.lock))
	}},
	{"another database system", func(t *testing.T, tb testing.TB, _ *world) {
		fixturetest.SQLite(tb, shop, fixturetest.Target("iris://ada:secret@db:1972/APP"))
	}},
	{"no target", func(t *testing.T, tb testing.TB, _ *world) {
		t.Setenv("IRISFIX_TARGET", "postgres://ada:secret@db/app")
		fixturetest.Open(tb, shop)
	}},
	{"no server", func(_ *testing.T, tb testing.TB, _ *world) {
		fixturetest.IRIS(tb, shop, fixturetest.Target("iris://127.0.0.1:1/USER"))
	}},
	{"a server that wants TLS", func(t *testing.T, tb testing.TB, _ *world) {
		s := iristest.New(t, func(o *iristest.Options) { o.TLS = true })
		fixturetest.IRIS(tb, shop, fixturetest.Target(s.URL()))
	}},
	{"an account without namespaces", func(t *testing.T, tb testing.TB, _ *world) {
		s := iristest.New(t, tablesOnly)
		fixturetest.IRIS(tb, small(t), fixturetest.Target(s.URL()))
	}},
	{"a variable that cannot be", func(t *testing.T, tb testing.TB, _ *world) {
		t.Setenv("IRISFIX_KEEP", "yes")
		fixturetest.SQLite(tb, shop)
	}},
	{"the time is up", func(t *testing.T, tb testing.TB, _ *world) {
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		t.Cleanup(s.Close)
		tb.(*bounded).deadline = time.Now().Add(200 * time.Millisecond)
		fixturetest.SQLite(tb, s.Listener.Addr().String()+"/acme/shop:1.0.0")
	}},
	{"the test has ended", func(t *testing.T, tb testing.TB, _ *world) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		tb.(*bounded).ctx = ctx
		fixturetest.SQLite(tb, shop)
	}},
}

// varying is what is another in each run.
var varying = []struct {
	is  *regexp.Regexp
	say string
}{
	{regexp.MustCompile(`\b127\.0\.0\.1:\d{4,5}`), "127.0.0.1:5000"},
	{regexp.MustCompile(`IFX[A-Z0-9]{9}`), "IFX123456789"},
	{regexp.MustCompile(`-[a-z0-9]{8}\.db`), "-12345678.db"},
	{regexp.MustCompile(`(^|[ ":])/\S*?/(shop-12345678\.db|other|shop|irisfix\.lock)\b`), "$1/tmp/$2"},
	{regexp.MustCompile(`(?m)(dial tcp|read tcp).*`), "$1 …"},
}

// Whole messages, as the reader of a failed test sees them.
func TestMessages(t *testing.T) {
	path := filepath.Join("testdata", "messages.txtar")
	golden, err := txtar.ParseFile(path)
	if err != nil && !*update {
		t.Fatal(err)
	}
	want := map[string]string{}
	if golden != nil {
		for _, f := range golden.Files {
			want[f.Name] = string(f.Data)
		}
	}
	said := new(txtar.Archive)
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			w := newWorld(t)
			t.Setenv("IRISFIX_CACHE_DIR", w.cache)
			r := &recorder{name: "TestTotal/of one"}
			got := r.run(func(tb testing.TB) {
				f.test(t, tb, w)
				tb.Log("it went on")
			})
			for _, v := range varying {
				got = v.is.ReplaceAllString(got, v.say)
			}
			if trace := strings.Index(got, "\nIn detail:\n"); trace >= 0 { // with -v
				got = got[:trace]
			}
			if strings.Contains(got, "secret") {
				t.Error("it tells a password")
			}
			if !*update && got != want[f.name] {
				t.Errorf("got\n%s\nwant\n%s", got, want[f.name])
			}
			said.Files = append(said.Files, txtar.File{Name: f.name, Data: []byte(got)})
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(said), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if len(want) != len(failures) {
		t.Errorf("%d messages in %s, %d failures", len(want), path, len(failures))
	}
}
