package sandbox

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/strictjson"
)

// A journal is a directory that says what was made on servers and by whom: for each sandbox a file with what is to be
// taken away, written before it is made, and a lock file that the process holds as long as it lives. Names are never used
// again, so that a lock file is of one process only.
type journal struct{ dir string }

const (
	journalDir    = "sandboxes" // in the cache
	entrySuffix   = ".json"
	lockSuffix    = ".lock"
	maxEntryBytes = 64 << 10
	longAgo       = time.Hour // nobody takes as long to write something down
)

// made is what is to be taken away.
type made struct {
	Server    string   `json:"server"` // with user and home namespace, without the password
	Namespace string   `json:"namespace,omitempty"`
	Schemas   []string `json:"schemas,omitempty"` // with tables, in the home namespace
	Label     string   `json:"label,omitempty"`
}

// entryName is the name of a sandbox on a server.
var entryName = regexp.MustCompile(`^IFX[A-Z2-7]{9}$`)

// of reports whether everything in it has the name of that sandbox. Nothing else is taken away, whoever wrote the file.
func (m made) of(name string) bool {
	if !entryName.MatchString(name) || m.Namespace != "" && m.Namespace != name {
		return false
	}
	for _, s := range m.Schemas {
		if !strings.HasPrefix(s, name+"_") {
			return false
		}
	}
	return true
}

// entry is a sandbox in the journal, while its lock is held.
type entry struct {
	path string // without suffix
	lock *flock.Flock
}

// begin writes down what is going to be made.
func (j journal) begin(name string, m made) (*entry, error) {
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return nil, err
	}
	e := &entry{path: filepath.Join(j.dir, name)}
	e.lock = flock.New(e.path+lockSuffix, flock.SetPermissions(0o666))
	if _, err := e.lock.TryLock(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return nil, err
	}
	if err := e.write(m); err != nil {
		return nil, errors.Join(err, e.end())
	}
	return e, nil
}

func (e *entry) write(m made) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(e.path+entrySuffix, append(data, '\n'), 0o644)
}

// end forgets the sandbox: it is gone, or stays.
func (e *entry) end() error {
	err := os.Remove(e.path + entrySuffix)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, e.let())
}

// let lets others take the sandbox away, if it is still written down.
func (e *entry) let() error {
	err := e.lock.Unlock() // first: Windows does not remove what is open
	if _, there := os.Lstat(e.path + entrySuffix); errors.Is(there, fs.ErrNotExist) {
		_ = os.Remove(e.path + lockSuffix) // an empty file
	}
	return err
}

// names are the sandboxes that are written down.
func (j journal) names() (names []string) {
	list, _ := os.ReadDir(j.dir)
	for _, f := range list {
		if name, ok := strings.CutSuffix(f.Name(), entrySuffix); ok && entryName.MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}

// tidy removes what processes left that were killed while they wrote something down.
func (j journal) tidy() {
	list, _ := os.ReadDir(j.dir)
	for _, f := range list {
		name, lock := strings.CutSuffix(f.Name(), lockSuffix)
		if _, err := os.Lstat(filepath.Join(j.dir, name+entrySuffix)); lock && err == nil || !lock && !strings.HasPrefix(name, atomicfile.TempPrefix) {
			continue
		}
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > longAgo {
			_ = os.Remove(filepath.Join(j.dir, f.Name()))
		}
	}
}

// read reads what is written down of a sandbox.
func (j journal) read(name string) (m made, ok bool) {
	path := filepath.Join(j.dir, name+entrySuffix)
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxEntryBytes {
		return m, false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return m, false
	}
	return parseMade(name, data)
}

func parseMade(name string, data []byte) (m made, ok bool) {
	ok = strictjson.Decode(data, &m) == nil && m.of(name)
	return m, ok
}

// claim gets the right to take a sandbox away, if its process has ended.
func (j journal) claim(name string) (*entry, made, bool) {
	e := &entry{path: filepath.Join(j.dir, name)}
	e.lock = flock.New(e.path+lockSuffix, flock.SetPermissions(0o666))
	if held, err := e.lock.TryLock(); err != nil || !held {
		return nil, made{}, false
	}
	m, ok := j.read(name) // anew: somebody else may have been faster
	if !ok {
		_ = e.let()
		return nil, made{}, false
	}
	return e, m, true
}
