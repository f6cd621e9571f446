package server

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"
	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

// format is the content of the file formatFile.
const (
	formatFile = "irisfix-registry"
	format     = "irisfix registry, format 1\n"
	lockFile   = "lock"
)

// store is the directory. It knows no HTTP; what is absent is [fs.ErrNotExist]. Names and digests that come to it have
// been checked. Where several locks are taken, it is in this order.
type store struct {
	dir       string
	manifests sync.RWMutex // shared by pushes; a deletion has it alone, since it must find every tag of its manifest
	syncing   sync.Mutex   // a manifest waits for the syncs of another that names the same blobs
	blobs     sync.Mutex   // over the appearing and vanishing of blobs
	unsynced  map[string]bool
}

// claim locks the directory, and makes it a registry if it is absent or empty.
func claim(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	// Before anything is made there: whatever else somebody keeps in the directory stays untouched.
	fresh, err := isFresh(dir)
	if err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, lockFile))
	if ok, err := lock.TryLock(); err != nil {
		return nil, err
	} else if !ok {
		return nil, &InUseError{dir}
	}
	if fresh {
		err = atomicfile.WriteFile(filepath.Join(dir, formatFile), []byte(format), 0o644)
	}
	if err == nil {
		err = makeDir(filepath.Join(dir, "uploads"))
	}
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return lock, nil
}

// isFresh reports whether dir is yet to become a registry.
func isFresh(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	foreign := false
	for _, e := range entries {
		if e.Name() == formatFile {
			content, err := os.ReadFile(filepath.Join(dir, formatFile))
			if err == nil && string(content) != format {
				err = &NotRegistryError{dir}
			}
			return false, err
		}
		temporary := e.Type().IsRegular() && strings.HasPrefix(e.Name(), atomicfile.TempPrefix)
		foreign = foreign || e.Name() != lockFile && !temporary
	}
	if foreign {
		return false, &NotRegistryError{dir}
	}
	return true, nil
}

// makeDir makes a directory with its parents, durably.
func makeDir(dir string) error {
	switch err := os.Mkdir(dir, 0o755); {
	case err == nil:
		return atomicfile.SyncDir(filepath.Dir(dir))
	case errors.Is(err, fs.ErrExist):
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := makeDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return makeDir(dir)
}

func byDigest(d digest.Digest, dir ...string) string {
	return filepath.Join(append(dir, d.Algorithm().String(), d.Encoded())...)
}

// content is the path of the bytes of a blob, mark that of the file whose existence says that a repository has it.
func (s *store) content(d digest.Digest) string { return byDigest(d, s.dir, "blobs") }

func (s *store) mark(name string, d digest.Digest) string {
	return byDigest(d, s.repository(name), "blobs")
}

func (s *store) repository(name string) string {
	return filepath.Join(s.dir, "repositories", strings.ReplaceAll(name, "/", "+"))
}

func (s *store) repositories() ([]string, error) {
	return list(filepath.Join(s.dir, "repositories"), func(file string) (string, bool) {
		name := strings.ReplaceAll(file, "+", "/")
		return name, validName(name)
	})
}

// digests lists what is stored by digest below dir.
func digests(dir ...string) ([]digest.Digest, error) {
	var all []digest.Digest
	for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512} {
		part, err := list(filepath.Join(append(dir, a.String())...), func(file string) (digest.Digest, bool) {
			d := digest.NewDigestFromEncoded(a, file)
			return d, d.Validate() == nil
		})
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}

// list reads what the file names in dir, which may be absent, stand for.
func list[T any](dir string, read func(file string) (T, bool)) ([]T, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []T
	for _, e := range entries {
		if item, ok := read(e.Name()); ok {
			all = append(all, item)
		}
	}
	return all, nil
}
