package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/parallel"
)

// syncers is how many files are synced at once: a file system puts waiting syncs into one commit of its journal.
const syncers = 16

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (s *store) hasBlob(name string, d digest.Digest) bool {
	return exists(s.mark(name, d)) && exists(s.content(d))
}

func (s *store) openBlob(name string, d digest.Digest) (*os.File, error) {
	if _, err := os.Stat(s.mark(name, d)); err != nil {
		return nil, err
	}
	return os.Open(s.content(d))
}

// publish gives an uploaded file of this size, whose digest was verified, its name in the repository.
func (s *store) publish(name string, d digest.Digest, f *atomicfile.File, size int64) error {
	content := s.content(d)
	if err := makeDir(filepath.Dir(content)); err != nil {
		return err
	}
	s.blobs.Lock()
	defer s.blobs.Unlock()
	// A file of another size is damaged, and this heals it.
	if info, err := os.Stat(content); err != nil || info.Size() != size {
		f.NoSync = true // see the package comment
		if err := f.CommitAs(content); err != nil {
			return err
		}
		s.unsynced[content], s.unsynced[filepath.Dir(content)] = true, true
	}
	return s.setMark(name, d)
}

// mount lets the repository have a blob that the repository from has, or any one if from is empty. It reports whether
// there is such a blob.
func (s *store) mount(name, from string, d digest.Digest) (bool, error) {
	s.blobs.Lock()
	defer s.blobs.Unlock()
	if !exists(s.content(d)) || from != "" && !exists(s.mark(from, d)) {
		return false, nil
	}
	return true, s.setMark(name, d)
}

// setMark makes the mark: a link to the bytes, since a new file costs more than all else that a small blob does; where
// the file system has no links, an empty file. Only that it exists counts, so neither needs a temporary file.
func (s *store) setMark(name string, d digest.Digest) error {
	mark := s.mark(name, d)
	if err := makeDir(filepath.Dir(mark)); err != nil {
		return err
	}
	if err := os.Link(s.content(d), mark); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		f, err := os.OpenFile(mark, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		f.Close()
	}
	s.unsynced[filepath.Dir(mark)] = true
	return nil
}

// deleteBlob takes the blob from the repository, and frees its bytes when no other repository has it.
func (s *store) deleteBlob(name string, d digest.Digest) error {
	s.blobs.Lock()
	defer s.blobs.Unlock()
	if err := removeFile(s.mark(name, d)); err != nil {
		return err
	}
	names, err := s.repositories()
	if err != nil {
		return err
	}
	for _, other := range names {
		if exists(s.mark(other, d)) {
			return nil
		}
	}
	delete(s.unsynced, s.content(d))
	return os.Remove(s.content(d))
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(path))
}

// syncBlobs brings blobs of the repository to stable storage, with their names.
func (s *store) syncBlobs(ctx context.Context, name string, all []digest.Digest) error {
	s.syncing.Lock()
	defer s.syncing.Unlock()
	late := s.takeUnsynced(name, all)
	err := parallel.ForEach(ctx, syncers, len(late), func(_ context.Context, i int) error { return syncPath(late[i]) })
	if err != nil {
		s.blobs.Lock()
		defer s.blobs.Unlock()
		for _, path := range late {
			s.unsynced[path] = true
		}
	}
	return err
}

// takeUnsynced returns the files and directories to sync. They leave the set before they are synced, so that what
// arrives meanwhile enters it again.
func (s *store) takeUnsynced(name string, all []digest.Digest) (late []string) {
	s.blobs.Lock()
	defer s.blobs.Unlock()
	for _, d := range all {
		content, mark := s.content(d), s.mark(name, d)
		for _, path := range []string{content, filepath.Dir(content), filepath.Dir(mark)} {
			if s.unsynced[path] {
				delete(s.unsynced, path)
				late = append(late, path)
			}
		}
	}
	return late
}

// syncPath syncs a file or directory; one that was deleted needs none.
func syncPath(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if info.IsDir() {
		return atomicfile.SyncDir(path)
	}
	mode := os.O_RDONLY
	if runtime.GOOS == "windows" { // syncs only what is open for writing; elsewhere the file is read-only
		mode = os.O_RDWR
	}
	f, err := os.OpenFile(path, mode, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
