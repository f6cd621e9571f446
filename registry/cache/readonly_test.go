package cache_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry/cache"
)

// useReadOnly holds a cache that cannot be written against what it can do all the same. There is "warm", not "cold";
// free can be written.
func useReadOnly(t *testing.T, c *cache.Cache, free string) {
	warm := describe("warm")
	if got, err := fetch(t, c, warm); got != "warm" || err != nil {
		t.Errorf("fetch: %q %v", got, err)
	}
	if err := c.StoreBytes(t.Context(), warm, []byte("warm")); err != nil {
		t.Errorf("store of what is there: %v", err)
	}
	if r, err := c.Recall("a.example/r:1"); err != nil || r.Descriptor.Digest != warm.Digest {
		t.Errorf("recall: %+v %v", r, err)
	}
	if u, err := c.Usage(t.Context()); err != nil || u.Blobs != 1 {
		t.Errorf("usage: %+v %v", u, err)
	}
	target := filepath.Join(free, "copy")
	if err := c.Place(t.Context(), warm, target, time.Time{}); err != nil {
		t.Errorf("place: %v", err)
	}
	if _, err := fetch(t, c, describe("cold")); !errors.Is(err, errdef.ErrNotFound) {
		t.Errorf("what is not there: %v", err)
	}
	err := c.StoreBytes(t.Context(), describe("cold"), []byte("cold"))
	var path *os.PathError
	if !errors.As(err, &path) || !strings.HasPrefix(path.Path, c.Dir()) {
		t.Errorf("store: %v", err)
	}
	if err := c.Remember("a.example/r:2", warm); err == nil {
		t.Error("remembered")
	}
	if err := c.Register(filepath.Join(free, "irisfix.lock")); err == nil {
		t.Error("registered")
	}
	c.Close()
}

// warmCache is a cache with one blob, without stamps, whose writer has gone.
func warmCache(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "cache")
	c, _ := open(t, dir)
	if err := c.Remember("a.example/r:1", store(t, c, "warm")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A cache whose folders for writing are files can be written by nobody, root included.
func TestACacheThatCannotBeWrittenIsReadAllTheSame(t *testing.T) {
	dir := warmCache(t)
	for _, name := range []string{"partial", "locks", "stamps", "lockfiles", "quarantine"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.RemoveAll(path), os.WriteFile(path, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	c, e := open(t, dir)
	if got, err := fetch(t, c, describe("warm")); got != "warm" || err != nil {
		t.Errorf("fetch: %q %v", got, err)
	}
	if err := c.StoreBytes(t.Context(), describe("cold"), []byte("cold")); err == nil {
		t.Error("stored")
	}
	// Damage cannot be put aside, and is a miss and said all the same.
	rewrite(t, blobPath(c, describe("warm")), "harm")
	_, err := fetch(t, c, describe("warm"))
	var damaged *cache.DamagedError
	if !errors.As(err, &damaged) || !errors.Is(err, errdef.ErrNotFound) || damaged.Quarantine != "" || len(e.kinds()) != 1 {
		t.Errorf("damage: %v, events %v", err, e.kinds())
	}
	c.Close()
}

func TestACacheBelowAFileIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	refuses(t, filepath.Join(file, "cache"))
}

// Backup programs leave out a directory by the first 43 bytes of this file, https://bford.info/cachedir/.
func TestBackupProgramsKnowTheCache(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(warmCache(t), "CACHEDIR.TAG"))
	if err != nil || !strings.HasPrefix(string(data), "Signature: 8a477f597d28d172789f06886806bc55") {
		t.Errorf("%q %v", data, err)
	}
}

func TestADamagedBlobIsPlacedNowhere(t *testing.T) {
	c, _ := open(t, warmCache(t))
	rewrite(t, blobPath(c, describe("warm")), "")
	target := filepath.Join(t.TempDir(), "copy")
	if err := c.Place(t.Context(), describe("warm"), target, time.Time{}); !errors.As(err, new(*cache.DamagedError)) {
		t.Errorf("got %v", err)
	}
	if left := tree(t, filepath.Dir(target)); left != nil {
		t.Errorf("left %v", left)
	}
}
