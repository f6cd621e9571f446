// Package atomicfile is the one way irisfix writes a file: a temporary file beside the target, written, synced,
// closed, renamed. A reader sees the old content or the new, never a part, and a crash leaves at most a file whose
// name begins with [TempPrefix].
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// TempPrefix begins the name of every temporary file and directory that irisfix makes, so that leftovers of a killed
// process can be recognised.
const TempPrefix = ".irisfix-"

// File is a file that gets its name only when [File.Commit] succeeds. It is not safe for concurrent use.
type File struct {
	*os.File
	target string
	done   bool

	// NoSync leaves out the flush to stable storage. It is for content that is verified by digest before each use
	// after a restart, where a flush per file would cost more than the transfer.
	NoSync bool
}

// Create opens a temporary file in the directory of target, which must exist. The caller defers Close and calls
// Commit when everything is written.
func Create(target string, perm fs.FileMode) (*File, error) {
	return CreateIn(filepath.Dir(target), target, perm)
}

// CreateIn is [Create] with the temporary file in dir, which must be on the file system of target. It is for
// directories in which a half-written file must not even appear under a temporary name.
func CreateIn(dir, target string, perm fs.FileMode) (*File, error) {
	f, err := os.CreateTemp(dir, TempPrefix+"*.tmp")
	if err != nil {
		return nil, err
	}
	a := &File{File: f, target: target}
	if runtime.GOOS != "windows" { // a read-only file cannot be renamed or removed there
		if err := f.Chmod(perm); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

// Commit gives the file its name, replacing what stood there. After an error the target is as before and the
// temporary file is gone.
func (f *File) Commit() error {
	if f.done {
		return fs.ErrClosed
	}
	if !f.NoSync {
		if err := f.Sync(); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	f.done = true
	if err := Publish(f.File, f.target); err != nil {
		return err
	}
	if f.NoSync {
		return nil
	}
	return SyncDir(filepath.Dir(f.target))
}

// CommitAs is Commit under another name, for content whose name follows from what was written. The new target must
// be in the same file system.
func (f *File) CommitAs(target string) error {
	f.target = target
	return f.Commit()
}

// Close discards the file unless it was committed. It may be called any number of times.
func (f *File) Close() error {
	if f.done {
		return nil
	}
	f.done = true
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}

// Publish closes f, a complete file in the file system of target, and gives it that name, replacing what stood there.
// After an error the target is as before and the file is gone. Nothing is flushed to stable storage.
func Publish(f *os.File, target string) error {
	// Closed before the rename: Windows refuses the reverse order, and a network file system may report a failed
	// write only here.
	err := f.Close()
	if err == nil {
		err = Rename(f.Name(), target)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// WriteFile writes data as the content of target.
func WriteFile(target string, data []byte, perm fs.FileMode) error {
	f, err := Create(target, perm)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}

// SyncDir makes what was created, renamed or removed in dir durable. Systems that cannot sync a directory do without.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
