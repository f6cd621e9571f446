package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

// host is a registry on loopback; its address is where references begin.
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

// open opens a workspace in a new working directory, with a cache of its own unless the options say otherwise.
func open(t *testing.T, change ...func(*workspace.Options)) (*workspace.Workspace, string) {
	t.Helper()
	o := workspace.Options{Dir: t.TempDir(), CacheDir: filepath.Join(t.TempDir(), "cache"), Workers: 2,
		Registry: registry.Options{Retry: registry.Retry{Attempts: 1}}}
	for _, c := range change {
		c(&o)
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, ".git"), 0o755); err != nil { // no lock file above is looked at
		t.Fatal(err)
	}
	return opened(t, o), o.Dir
}

func opened(t *testing.T, o workspace.Options) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func in(dir string) func(*workspace.Options) { return func(o *workspace.Options) { o.Dir = dir } }

func caching(dir string) func(*workspace.Options) {
	return func(o *workspace.Options) { o.CacheDir = dir }
}

func frozen(o *workspace.Options) { o.Frozen = true }

func offline(o *workspace.Options) { o.Registry.Offline = true }

// silent fails the test when a socket is about to be opened: a proxy is asked for before each.
func silent(t *testing.T) func(*workspace.Options) {
	return func(o *workspace.Options) {
		o.Registry.Proxy = func(r *http.Request) (*url.URL, error) {
			t.Errorf("asked for %s %s", r.Method, r.URL)
			return nil, errors.New("no network in this test")
		}
	}
}

// words is a source of one table T.
type words []string

func (w words) Describe(context.Context) (loader.Description, error) {
	return loader.Description{Version: "test", Tables: []string{"T"}}, nil
}

func (w words) Rows(context.Context, loader.Selection) (loader.Rows, error) { return &wordRows{w}, nil }

type wordRows struct{ left words }

func (r *wordRows) Table() *dat.Table {
	return &dat.Table{Format: 1, Name: "T", Columns: []dat.Column{{Name: "v", SQLType: "VARCHAR"}}}
}

func (r *wordRows) Warnings() []loader.Warning { return nil }

func (r *wordRows) Close() error { return nil }

func (r *wordRows) Next(_ context.Context, b *dat.Batch) error {
	if len(r.left) == 0 {
		return io.EOF
	}
	for _, s := range r.left {
		b.Columns[0].AppendBytes([]byte(s))
		b.Rows++
	}
	r.left = nil
	return nil
}

// fixture makes a fixture directory.
func fixture(t *testing.T, dir, id string, rows ...string) string {
	t.Helper()
	o := loader.CreateOptions{Output: dir, Name: id, Now: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	if _, err := loader.Create(t.Context(), words(rows), o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// push brings a fixture of these rows to a registry and returns its digest.
func push(t *testing.T, w *workspace.Workspace, reference, id string, rows ...string) string {
	t.Helper()
	p, err := w.Push(t.Context(), fixture(t, filepath.Join(t.TempDir(), "f"), id, rows...), reference, workspace.PushOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Descriptor.Digest.String()
}

func pin(t *testing.T, w *workspace.Workspace, name, reference string) *workspace.Pinned {
	t.Helper()
	p, err := w.Pin(t.Context(), name, reference)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const someDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func lock(t *testing.T, path string, entries ...string) {
	t.Helper()
	text := "{\"version\": 1, \"fixtures\": {"
	for i := 0; i < len(entries); i += 2 {
		text += fmt.Sprintf("%q: %q,", entries[i], entries[i+1])
	}
	if err := os.WriteFile(path, []byte(strings.TrimSuffix(text, ",")+"}}"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func failing[T any](_ T, err error) error { return err }
