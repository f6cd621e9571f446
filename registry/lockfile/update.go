package lockfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

// Find looks for a lock file in dir and upwards, to the root of the git work tree or of the file system. The error is
// fs.ErrNotExist if there is none.
func Find(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		path := filepath.Join(at, Name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		// A linked work tree and a submodule have a file of this name.
		_, err := os.Lstat(filepath.Join(at, ".git"))
		if err == nil || at == filepath.Dir(at) {
			return "", fmt.Errorf("%s: no %s there or above: %w", start, Name, fs.ErrNotExist)
		}
	}
}

// Update changes the lock file at path, or makes one: fn gets what stands there when it is nobody else's turn, and
// what it leaves replaces that in one step. Processes that update one file at the same time wait for each other. The
// file is not touched if fn fails or changes nothing.
func Update(ctx context.Context, path string, fn func(*File) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	unlock, err := lock(ctx, filepath.Join(filepath.Dir(path), atomicfile.TempPrefix+"lock"))
	if err != nil {
		return err
	}
	defer unlock()
	f, err := Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = &File{}, nil
	}
	if err != nil {
		return err
	}
	before := f.Encode()
	if err := fn(f); err != nil {
		return err
	}
	after := f.Encode()
	if _, err := os.Stat(path); err == nil && bytes.Equal(before, after) {
		return nil
	}
	return atomicfile.WriteFile(path, after, 0o644)
}

// lockPoll is how often a lock that another process holds is tried again.
const lockPoll = 10 * time.Millisecond

// lock holds the lock of a file beside the lock file, since the lock file itself is replaced. That file is removed
// again: it stands in a git work tree. On file systems without locks it goes on without one.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	for {
		l := flock.New(path, flock.SetPermissions(0o666))
		held, err := l.TryLockContext(ctx, lockPoll)
		if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK) {
			return func() { os.Remove(path) }, nil
		}
		if !held {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return nil, err
		}
		mine, err := l.Stat()
		there, err2 := os.Stat(path)
		if err == nil && err2 == nil && os.SameFile(mine, there) {
			return func() {
				err := os.Remove(path)
				l.Unlock()
				if err != nil { // Windows removes no open file
					os.Remove(path)
				}
			}, nil
		}
		l.Unlock() // the one before us has removed the file that we hold
	}
}
