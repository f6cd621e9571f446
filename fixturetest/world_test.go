package fixturetest_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/sqlite"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

// The cache and the servers of whoever runs these tests are not touched.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fixturetest-cache-")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"IRISFIX_TARGET", "IRISFIX_OFFLINE", "IRISFIX_FROZEN", "IRISFIX_KEEP", "IRIS_HOST", "IRIS_HOSTNAME"} {
		os.Unsetenv(name)
	}
	os.Setenv("IRISFIX_CACHE_DIR", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// shop is a fixture in this repository.
var shop = filepath.Join("..", "testdata", "fixtures", "shop")

// world is a registry with a fixture, a lock file that pins it as shop, and a cache that has nothing yet.
type world struct {
	host, lock, cache string

	mu      sync.Mutex
	fetched map[string]int // how often each blob was, by digest
	tags    int            // how often a tag was looked up
}

func newWorld(t *testing.T) *world {
	s, err := server.New(context.WithoutCancel(t.Context()), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{fetched: map[string]int{}, cache: t.TempDir(), lock: filepath.Join(t.TempDir(), "irisfix.lock")}
	h := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
			w.mu.Lock()
			w.fetched[path.Base(r.URL.Path)]++
			w.mu.Unlock()
		}
		if r.Method != http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/1.0.0") {
			w.mu.Lock()
			w.tags++
			w.mu.Unlock()
		}
		s.ServeHTTP(rw, r)
	}))
	t.Cleanup(func() {
		h.Close()
		s.Close()
	})
	w.host = h.Listener.Addr().String()
	w.push(t, shop)
	return w
}

// push pushes a fixture and pins it as shop.
func (w *world) push(t *testing.T, dir string) {
	t.Helper()
	space, err := workspace.Open(workspace.Options{Dir: ".", CacheDir: t.TempDir(), LockFile: w.lock, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer space.Close()
	if _, err := space.Push(t.Context(), dir, w.host+"/acme/shop:1.0.0", workspace.PushOptions{Pin: "shop"}); err != nil {
		t.Fatal(err)
	}
	w.tags = 0
}

// fetchedOnce wants that blobs were fetched, and each of them once.
func (w *world) fetchedOnce(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.fetched) == 0 {
		t.Error("nothing was fetched")
	}
	for digest, n := range w.fetched {
		if n != 1 {
			t.Errorf("%s was fetched %d times", digest, n)
		}
	}
}

// oneTemplate wants that the cache keeps one template.
func (w *world) oneTemplate(t *testing.T) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(w.cache, "templates", "*.json"))
	if err != nil || len(list) != 1 {
		t.Errorf("templates are %v, %v; want one", list, err)
	}
}

// small makes a fixture of three orders: a server under the race detector is slow.
func small(t *testing.T) (dir string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "small.db")
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER); INSERT INTO orders VALUES (1, 10), (2, 20), (3, 30)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	src, err := sqlite.OpenSource(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	dir = filepath.Join(t.TempDir(), "small")
	if _, err := loader.Create(t.Context(), src, loader.CreateOptions{Output: dir, Name: "small", Now: time.Unix(0, 0)}); err != nil {
		t.Fatal(err)
	}
	return dir
}
