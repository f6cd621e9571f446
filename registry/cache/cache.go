// Package cache is the content-addressed store that all irisfix processes of a machine share: blobs by digest, one
// small file for each remembered reference, nothing that two processes would have to rewrite together.
//
// What it promises: a file under blobs/ that is served has its name's digest, verified in full at first use and known
// by a stamp afterwards; a damaged one is put into quarantine and treated as absent; a blob gets its name only after
// its digest matched. Locks save double work and nothing else, so that a file system without working locks costs at
// worst a second download. Reading writes nothing but stamps, and those only where it may: a cache baked into a
// read-only image works.
package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/stamp"
)

// Directories below the cache's own.
const (
	blobsDir      = "blobs/sha256"
	refsDir       = "refs"
	partialDir    = "partial"
	locksDir      = "locks"
	stampsDir     = "stamps"
	quarantineDir = "quarantine"
	lockFilesDir  = "lockfiles"
)

const readme = `This is the blob cache of irisfix. Files under blobs/ are named by their SHA-256
and are read-only. The whole directory may be removed at any time: what is needed
is fetched again. See "irisfix cache --help".
`

// cachedirTag marks the directory for backup programs, see https://bford.info/cachedir/.
const cachedirTag = `Signature: 8a477f597d28d172789f06886806bc55
# This file is a cache directory tag created by irisfix.
# For information about cache directory tags, see https://bford.info/cachedir/
`

// Cache is one cache directory. It may be used by several goroutines, and the directory by several processes.
type Cache struct {
	dir    string
	notify func(Event)

	unusable error                    // why nothing can be read or written here
	turns    map[string]chan struct{} // for blobs that share a lock, by the first two hex digits

	mu     sync.Mutex
	stamps map[string]*stamp.Set    // by the first two hex digits of the digest
	fills  map[string]chan struct{} // turns to make a template, by its name
}

// PlaceError reports the use of a cache that cannot be: its directory is none, or there is no place for one.
type PlaceError struct {
	Dir string // empty: nobody knows of a place
	Err error
}

func (e *PlaceError) Error() string {
	if e.Dir == "" {
		return "there is no place for a cache"
	}
	return fmt.Sprintf("%s cannot be a cache: %v", e.Dir, e.Err)
}

func (e *PlaceError) Unwrap() error { return e.Err }

// Open returns the cache in dir, which need not exist: it is made by the first write. If dir cannot be a cache, or is
// empty because nobody knows of a place for one, that shows when the cache is first used: much can be done without.
// Events go to notify, which may be nil and may be called from several goroutines at once.
func Open(dir string, notify func(Event)) (*Cache, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if notify == nil {
		notify = func(Event) {}
	}
	c := &Cache{dir: abs, notify: notify, turns: map[string]chan struct{}{}, stamps: map[string]*stamp.Set{}, fills: map[string]chan struct{}{}}
	for i := range 256 {
		c.turns[fmt.Sprintf("%02x", i)] = make(chan struct{}, 1)
	}
	switch info, err := os.Stat(abs); {
	case dir == "":
		c.dir, c.unusable = "", &PlaceError{}
	case err == nil && !info.IsDir():
		c.unusable = &PlaceError{abs, syscall.ENOTDIR}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		c.unusable = &PlaceError{abs, errors.Unwrap(err)}
	}
	return c, nil
}

// Dir is the absolute path of the cache directory, or empty if there is no place for one.
func (c *Cache) Dir() string { return c.dir }

// Close saves what was learned about blobs that were read in full. Where that cannot be written it is lost, which
// costs the next process a second reading and is no error. The cache may be used on.
func (c *Cache) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unusable != nil || len(c.stamps) == 0 || os.Mkdir(c.path(stampsDir), 0o755) != nil && !c.exists(stampsDir) {
		return
	}
	for _, set := range c.stamps {
		if set.Save() != nil {
			return
		}
	}
}

func (c *Cache) path(elem ...string) string {
	return filepath.Join(c.dir, filepath.FromSlash(filepath.Join(elem...)))
}

func (c *Cache) exists(name string) bool {
	_, err := os.Lstat(c.path(name))
	return err == nil
}

// stampsOf returns the set that holds the stamp of a blob.
func (c *Cache) stampsOf(hex string) *stamp.Set {
	c.mu.Lock()
	defer c.mu.Unlock()
	set := c.stamps[hex[:2]]
	if set == nil {
		set = stamp.Load(c.path(stampsDir, hex[:2]))
		c.stamps[hex[:2]] = set
	}
	return set
}

// made calls fn and, if a directory was missing, makes all of them and calls it once more. So the usual case costs
// nothing, and a cache that is removed under a running process comes back.
func (c *Cache) made(fn func() error) error {
	if c.unusable != nil {
		return c.unusable
	}
	err := fn()
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, dir := range []string{blobsDir, refsDir, partialDir, locksDir} {
		if err := os.MkdirAll(c.path(dir), 0o755); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{"README": readme, "CACHEDIR.TAG": cachedirTag} {
		if !c.exists(name) {
			if err := writeFile(c.path(name), []byte(text)); err != nil {
				return err
			}
		}
	}
	return fn()
}

// hexOf returns the name of a blob. Only SHA-256 is known here; anything else could lead out of the directory.
func hexOf(d digest.Digest) (string, error) {
	if err := d.Validate(); err != nil || d.Algorithm() != digest.SHA256 {
		return "", fmt.Errorf("%q: %w", d, digest.ErrDigestUnsupported)
	}
	return d.Encoded(), nil
}

// writeFile writes a small file of the cache without flushing it to stable storage, which under load takes longer than
// a whole transfer. What a power cut leaves of it is not taken for true: it is parsed with care, and a digest in it is
// the digest of bytes that are verified.
func writeFile(path string, data []byte) error {
	f, err := atomicfile.Create(path, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	f.NoSync = true
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}
