package lfs

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/internal/stamp"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/server"
)

// clone is a work tree of a real git. Pointers and objects are written as git-lfs would, which so need not be installed.
type clone struct {
	t   *testing.T
	dir string
}

func newClone(t *testing.T) *clone {
	t.Helper()
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
	} {
		t.Setenv(name, value)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir()) // git says it so
	if err != nil {
		t.Fatal(err)
	}
	c := &clone{t, dir}
	c.git("init", "-q", "-b", "main", ".")
	return c
}

func (c *clone) git(args ...string) string {
	c.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = c.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c *clone) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// store puts an object into the store and returns its pointer.
func (c *clone) store(data string) string {
	c.t.Helper()
	d := digest.FromString(data)
	c.write(".git/lfs/objects/"+objectName(d), data)
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(c.object(d), past, past); err != nil {
		c.t.Fatal(err)
	}
	return fmt.Sprintf("version %s\noid %s\nsize %d\n", versions[0], d, len(data))
}

func (c *clone) object(d digest.Digest) string {
	return filepath.Join(c.dir, ".git", "lfs", "objects", filepath.FromSlash(objectName(d)))
}

// lfs writes a file that is in Git LFS.
func (c *clone) lfs(name, data string) { c.write(name, c.store(data)) }

// fixture writes a fixture whose files, given by table, are in Git LFS.
func (c *clone) fixture(dir, id, version string, tables ...string) {
	c.write(dir+"/manifest.json", string(manifestOf(id, version, tables...).Encode()))
	for i, data := range tables {
		c.lfs(fmt.Sprintf("%s/t%d.dat", dir, i), data)
	}
}

func manifestOf(id, version string, tables ...string) *bundle.Manifest {
	m := &bundle.Manifest{FixtureID: id, Version: version, SchemaVersion: "1.0", CreatedAt: "2026-01-31T12:00:00Z", IRISVersion: "unknown"}
	for i, data := range tables {
		m.Tables = append(m.Tables, bundle.TableEntry{Name: fmt.Sprintf("t%d", i), File: fmt.Sprintf("t%d.dat", i), Checksum: digest.FromString(data)})
	}
	return m
}

func (c *clone) commit() {
	c.t.Helper()
	c.git("add", "-A")
	c.git("commit", "-q", "-m", "x")
}

func (c *clone) open() *Repository {
	c.t.Helper()
	r, err := Open(c.t.Context(), c.dir)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func (c *clone) plan() *Plan {
	c.t.Helper()
	p, err := c.open().Plan(c.t.Context(), false)
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

// large is data of a size that has a block map.
func large(seed string) string { return strings.Repeat(fmt.Sprintf("%-64s", seed), 80<<10) } // 5 MiB

// world is a registry and a client of it.
type world struct {
	*faultproxy.Proxy
	client *registry.Client
	cache  *cache.Cache
	stamps *stamp.Set

	mu   sync.Mutex
	pins map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	handler, err := server.New(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { handler.Close() })
	w := &world{Proxy: faultproxy.New(t, handler, faultproxy.Options{}), stamps: stamp.Load(""), pins: map[string]string{}}
	w.fresh(t)
	return w
}

// fresh forgets what was learned, as on another machine.
func (w *world) fresh(t *testing.T) {
	t.Helper()
	var err error
	if w.cache, err = cache.Open(t.TempDir(), nil); err != nil {
		t.Fatal(err)
	}
	w.client = registry.New(registry.Options{Cache: w.cache, Retry: registry.Retry{Attempts: 2, MaxWait: time.Millisecond}})
	t.Cleanup(w.client.Close)
}

func (w *world) options() ImportOptions {
	return ImportOptions{Client: w.client, Prefix: w.Host() + "/acme/fixtures", Bundle: bundle.Options{Workers: 2, Stamps: w.stamps},
		Expect: func(int, int64) {},
		Pin: func(_ context.Context, name string, to registry.Reference) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.pins[name] = to.String()
			return nil
		}}
}

func (w *world) archive(t *testing.T) Archive {
	t.Helper()
	at, err := registry.ParseReference(w.Host() + "/acme/fixtures/lfs")
	if err != nil {
		t.Fatal(err)
	}
	return Archive{w.client, at}
}

// uploads is how many blobs were sent since the last call, and how many were taken from another repository.
func (w *world) uploads() (sent, mounted int) {
	posts := 0
	for _, r := range w.Requests() {
		switch {
		case r.Method == http.MethodPut && strings.Contains(r.Path, "/blobs/uploads/"):
			sent++
		case r.Method == http.MethodPost:
			posts++
		}
	}
	w.Play(nil)
	return sent, posts - sent
}
