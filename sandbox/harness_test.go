package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/sqlite"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/sandbox"
	"github.com/irisfix/irisfix/workspace"
)

const (
	shop  = "../testdata/fixtures/shop"
	types = "../testdata/fixtures/types"
)

// said is what a maker tells while it works.
type said struct {
	mu    sync.Mutex
	lines []string
	rows  atomic.Int64
}

func (s *said) add(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *said) has(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(strings.Join(s.lines, "\n"), part)
}

// open opens a workspace on a cache, which is a new one if dir is empty.
func open(t testing.TB, dir string, change ...func(*workspace.Options)) *workspace.Workspace {
	t.Helper()
	if dir == "" {
		dir = filepath.Join(t.TempDir(), "cache")
	}
	o := workspace.Options{CacheDir: dir, LockFile: filepath.Join(t.TempDir(), "irisfix.lock"), Workers: 2, Registry: registry.Options{Retry: registry.Retry{Attempts: 1}}}
	for _, c := range change {
		c(&o)
	}
	w, err := workspace.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// maker makes a maker of sandboxes, of SQLite databases if there is no server.
func maker(t testing.TB, w *workspace.Workspace, home *client.Config) (*sandbox.Maker, *said) {
	t.Helper()
	heard := &said{}
	m := sandbox.NewMaker(w, sandbox.Options{
		Server: home,
		Rows:   func(_ string, n, _ int64) { heard.rows.Store(n) },
		Warn:   func(x loader.Warning) { heard.add(x.Subject + ": " + x.Message) },
		Wait:   func(what string) { heard.add("waiting: " + what) },
	})
	t.Cleanup(func() {
		if err := m.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return m, heard
}

func mustOpen(t testing.TB, m *sandbox.Maker, r sandbox.Request) *sandbox.Sandbox {
	t.Helper()
	s, err := m.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t testing.TB, s *sandbox.Sandbox) {
	t.Helper()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// host is a registry on loopback; it returns where references begin.
func host(t *testing.T) string {
	t.Helper()
	s, err := server.New(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() { h.Close(); s.Close() })
	return h.Listener.Addr().String()
}

// push brings a fixture directory to a registry.
func push(t *testing.T, w *workspace.Workspace, dir, reference string) {
	t.Helper()
	if _, err := w.Push(t.Context(), dir, reference, workspace.PushOptions{}); err != nil {
		t.Fatal(err)
	}
}

// small makes a fixture of two tables with a schema and one without.
func small(t testing.TB) string {
	t.Helper()
	file, dir := filepath.Join(t.TempDir(), "small.db"), filepath.Join(t.TempDir(), "small")
	c, err := sqlite3.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(c.Exec(`CREATE TABLE "Shop.Customer" (id INTEGER PRIMARY KEY, name VARCHAR(20));
		CREATE TABLE "Shop.Orders" (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES "Shop.Customer" (id));
		CREATE TABLE loose (id INTEGER PRIMARY KEY);
		INSERT INTO "Shop.Customer" VALUES (1, 'Ada'), (2, 'Bo');
		INSERT INTO "Shop.Orders" VALUES (10, 1), (11, 2), (12, 2);
		INSERT INTO loose VALUES (1)`), c.Close())
	if err != nil {
		t.Fatal(err)
	}
	source, err := sqlite.OpenSource(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	if _, err := loader.Create(t.Context(), source, loader.CreateOptions{Output: dir, Name: "small", Now: time.Unix(1767225600, 0)}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sqliteValue is the one value that a query gives.
func sqliteValue(t testing.TB, path, sql string) string {
	t.Helper()
	c, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	st, _, err := c.Prepare(sql)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	text := ""
	for st.Step() {
		text = st.ColumnText(0)
	}
	if err := st.Err(); err != nil {
		t.Fatal(err)
	}
	return text
}

// server starts a server; the account plain may make tables and no namespaces.
func startServer(t *testing.T, set ...func(*iristest.Options)) *iristest.Server {
	t.Helper()
	accounts := func(o *iristest.Options) {
		o.Users = []iristest.User{iristest.DefaultUser, {Name: "plain", Password: "secret", TablesOnly: true}}
	}
	return iristest.New(t, append(set, accounts)...)
}

func config(s *iristest.Server, user string) *client.Config {
	c := client.Config{Address: s.Addr(), Namespace: "USER", User: iristest.DefaultUser.Name, Password: iristest.DefaultUser.Password}
	if user != "" {
		c.User, c.Password = user, "secret"
	}
	return &c
}

// irisValue is the one value that a query gives, or why it gives none.
func irisValue(t testing.TB, cfg client.Config, sql string) string {
	t.Helper()
	c, err := client.Connect(context.Background(), cfg)
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	rows, err := c.Query(context.Background(), sql)
	if err != nil {
		return err.Error()
	}
	defer rows.Close()
	row, err := rows.Next(context.Background())
	if err == io.EOF {
		return ""
	} else if err != nil {
		return err.Error()
	}
	text, err := row[0].SQLText(c.Charset())
	if err != nil {
		return err.Error()
	}
	return text
}

func irisExec(t testing.TB, cfg client.Config, statements ...string) {
	t.Helper()
	c, err := client.Connect(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, sql := range statements {
		if _, err := c.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
