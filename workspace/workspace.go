package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/stamp"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/lockfile"
)

// Options say where a workspace is and what it may do.
type Options struct {
	Dir      string // the working directory
	Home     string // what ~ stands for; empty: nothing
	CacheDir string
	LockFile string // empty: found from the working directory upwards
	Frozen   bool   // nothing that is not pinned is used, and nothing is pinned
	Registry registry.Options
	Workers  int                            // files read at once
	Hashed   func(file string, bytes int64) // bytes of fixture files that were read, from several goroutines; nil: nobody
	Expect   func(files int, bytes int64)   // what a transfer that begins now is about; nil: nobody
}

// Workspace is safe for concurrent use, except Close.
type Workspace struct {
	opts   Options
	cache  *cache.Cache
	client *registry.Client

	mu     sync.Mutex
	stamps map[string]*stamp.Set // of directories
}

// Open returns the workspace. Neither lock file nor cache need exist.
func Open(o Options) (*Workspace, error) {
	if o.Registry.Notify == nil {
		o.Registry.Notify = func(registry.Event) {}
	}
	if o.Expect == nil {
		o.Expect = func(int, int64) {}
	}
	c, err := cache.Open(o.CacheDir, registry.CacheEvents(o.Registry.Notify))
	if err != nil {
		return nil, err
	}
	o.Registry.Cache = c
	return &Workspace{opts: o, cache: c, client: registry.New(o.Registry), stamps: map[string]*stamp.Set{}}, nil
}

// Close keeps what was learned about files that were read. Where it cannot be kept it is learned again.
func (w *Workspace) Close() {
	w.cache.Close()
	w.client.Close()
	if len(w.stamps) == 0 || w.cache.Dir() == "" {
		return
	}
	if err := os.MkdirAll(filepath.Join(w.cache.Dir(), directoriesDir), 0o755); err != nil {
		return
	}
	for _, s := range w.stamps {
		_ = s.Save() // only a hint
	}
}

// Cache is the cache of the workspace.
func (w *Workspace) Cache() *cache.Cache { return w.cache }

// Client is the registry client of the workspace.
func (w *Workspace) Client() *registry.Client { return w.client }

// directoriesDir holds, in the cache, the stamps of fixture directories.
const directoriesDir = "directories"

// Bundle returns the options for reading the fixture directory at path, with what is known of its files.
func (w *Workspace) Bundle(path string) bundle.Options {
	o := bundle.Options{Workers: w.opts.Workers, Progress: w.opts.Hashed}
	if path == "" {
		return o
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return o
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stamps[abs] == nil {
		sum := sha256.Sum256([]byte(abs))
		w.stamps[abs] = stamp.Load(filepath.Join(w.cache.Dir(), directoriesDir, hex.EncodeToString(sum[:16])))
	}
	o.Stamps = w.stamps[abs]
	return o
}

// lock reads the lock file. Where there is none, the result is empty, and so is the path unless it was given.
func (w *Workspace) lock() (f *lockfile.File, path string, err error) {
	path = w.opts.LockFile
	if path == "" {
		path, err = lockfile.Find(w.opts.Dir)
	}
	if err == nil {
		f, err = lockfile.Load(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return &lockfile.File{}, w.opts.LockFile, nil
	}
	return f, path, err
}

// lockPath is where pins are written: the lock file that is there, or a new one in the working directory.
func (w *Workspace) lockPath() (string, error) {
	if w.opts.LockFile != "" {
		return w.opts.LockFile, nil
	}
	path, err := lockfile.Find(w.opts.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return filepath.Join(w.opts.Dir, lockfile.Name), nil
	}
	return path, err
}

// Pins returns the pinned names, sorted, and the references they are pinned to.
func (w *Workspace) Pins() ([]Pin, error) {
	f, path, err := w.lock()
	if err != nil {
		return nil, err
	}
	var pins []Pin
	for _, name := range f.Names() {
		text, _ := f.Reference(name)
		ref, err := parsePin(path, name, text)
		if err != nil {
			return nil, err
		}
		pins = append(pins, Pin{name, ref})
	}
	return pins, nil
}

// parsePin reads what stands in a lock file. A reference that is none is a fault of the file, not of an argument.
func parsePin(path, name, text string) (registry.Reference, error) {
	ref, err := registry.ParseReference(text)
	if bad, ok := errors.AsType[*registry.ReferenceError](err); ok {
		err = &lockfile.Error{Path: path, Reason: fmt.Sprintf("%s: %q: %s", name, bad.Reference, bad.Reason)}
	}
	return ref, err
}

// somePins is [Workspace.Pins] for those who can do nothing without one; the error is a [*NoPinsError] then.
func (w *Workspace) somePins() ([]Pin, error) {
	pins, err := w.Pins()
	if err == nil && len(pins) == 0 {
		_, path, _ := w.lock()
		return nil, &NoPinsError{path, w.opts.Frozen}
	}
	return pins, err
}

// NoPinsError reports that everything pinned was asked for and nothing is.
type NoPinsError struct {
	LockFile string // empty: there is no lock file
	Frozen   bool   // nothing but what is pinned might have been used
}

func (e *NoPinsError) Error() string { return "nothing is pinned" }

// Pin is a name and what it is pinned to: a reference with a digest.
type Pin struct {
	Name      string
	Reference registry.Reference
}
