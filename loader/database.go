package loader

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/atomicfile"
)

// lockFiles stand beside a database file while a server has it mounted.
var lockFiles = []string{"iris.lck", "cache.lck"}

// CreateDatabase makes a fixture of one whole database file, which is copied and hashed in one pass. A file that a
// server has mounted is refused with an [*InUseError] unless forced: a copy of it may mix blocks of different moments.
func CreateDatabase(ctx context.Context, file string, o CreateOptions) (_ *CreateResult, err error) {
	old, err := existing(o)
	if err != nil {
		return nil, err
	}
	if lock := LockBeside(file); lock != "" && !o.Force {
		return nil, &InUseError{file, lock}
	}
	stage, err := bundle.NewStage(o.Output)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	written := writtenFile{path: filepath.Base(file)}
	if written.facts, err = copyFile(ctx, file, stage, written.path, o.Progress); err != nil {
		return nil, err
	}
	m, raw := manifestFor(old, o, Description{Version: "unknown"}, func(m *bundle.Manifest) {
		if m.Kind() == bundle.Tables && len(m.Tables) > 0 && m.Tables[0].File != "" {
			m.Tables = nil
		}
		m.DatFile, m.Checksum = written.path, written.digest()
	})
	result := &CreateResult{Manifest: m, Updated: old != nil}
	result.Unchanged, err = commit(ctx, stage, m, raw, o, []writtenFile{written})
	return result, err
}

// LockBeside returns the lock file that a server keeps beside a database file, if there is one.
func LockBeside(file string) string {
	for _, lock := range lockFiles {
		if _, err := os.Lstat(filepath.Join(filepath.Dir(file), lock)); err == nil {
			return lock
		}
	}
	return ""
}

// copyFile copies a file that must not change meanwhile.
func copyFile(ctx context.Context, from string, stage *bundle.Stage, to string, progress func(string, int64)) (facts bundle.Facts, err error) {
	path, err := stage.Path(to)
	if err != nil {
		return facts, err
	}
	before, err := os.Stat(from)
	if err == nil && !before.Mode().IsRegular() { // opening a FIFO would wait for whoever writes to it
		err = &fs.PathError{Op: "read", Path: from, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return facts, err
	}
	in, err := os.Open(from)
	if err != nil {
		return facts, err
	}
	defer in.Close()
	if err := bundle.CheckDatabase(from, in); err != nil {
		return facts, err
	}
	out, err := os.Create(path)
	if err != nil {
		return facts, err
	}
	defer out.Close()
	h := bundle.NewHasher()
	r := &watched{ctx: ctx, r: in, seen: func(n int64) {
		if progress != nil {
			progress(to, n)
		}
	}}
	if _, err := io.CopyBuffer(io.MultiWriter(out, h), r, make([]byte, 1<<20)); err != nil {
		return facts, err
	}
	if after, err := in.Stat(); err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return facts, errors.Join(&bundle.ChangedError{Path: from}, err)
	}
	facts, _, _ = h.Sum()
	return facts, errors.Join(out.Sync(), out.Close())
}

// watched is a reader that stops with its context and tells how far it is.
type watched struct {
	ctx  context.Context
	r    io.Reader
	n    int64
	seen func(int64)
}

func (w *watched) Read(p []byte) (int, error) {
	if err := context.Cause(w.ctx); err != nil {
		return 0, err
	}
	n, err := w.r.Read(p)
	w.n += int64(n)
	w.seen(w.n)
	return n, err
}

// PlaceDatabase puts the file of a database fixture into a folder, where an IRIS instance can mount it, and returns its
// path. An existing file is a [*bundle.OccupiedError] unless it may be replaced, and an [*InUseError] while it is mounted.
func PlaceDatabase(ctx context.Context, f *bundle.Fixture, dir string, replace bool) (string, error) {
	if err := f.Verify(ctx); err != nil {
		return "", err
	}
	target, err := DatabasePath(f, dir, replace)
	if err != nil {
		return "", err
	}
	file := f.Manifest.Files()[0]
	blob, err := f.Open(ctx, file)
	if err != nil {
		return "", err
	}
	defer blob.Close()
	return target, writeDatabase(ctx, io.NewSectionReader(blob, 0, blob.Size()), file, target)
}

// DatabasePath is where [PlaceDatabase] would put the file, or why it would not.
func DatabasePath(f *bundle.Fixture, dir string, replace bool) (string, error) {
	target := filepath.Join(dir, filepath.Base(filepath.FromSlash(f.Manifest.DatFile)))
	if _, err := os.Lstat(target); err == nil && !replace {
		return "", &bundle.OccupiedError{Path: target, Reason: "the file exists"}
	} else if lock := LockBeside(target); err == nil && lock != "" {
		return "", &InUseError{target, lock}
	}
	return target, nil
}

// UnplaceDatabase removes the file of a database fixture from a folder, but only while it is unchanged: a database
// that was written to is somebody's work. While a server has it mounted there is an [*InUseError].
func UnplaceDatabase(ctx context.Context, f *bundle.Fixture, dir string) (string, error) {
	file := f.Manifest.Files()[0]
	target := filepath.Join(dir, filepath.Base(filepath.FromSlash(file.Path)))
	in, err := os.Open(target)
	if errors.Is(err, os.ErrNotExist) {
		return "", &NotLoadedError{f.Manifest.FixtureID, "dir:" + dir}
	} else if err != nil {
		return "", err
	}
	defer in.Close()
	if lock := LockBeside(target); lock != "" {
		return "", &InUseError{target, lock}
	}
	h := bundle.NewHasher()
	if _, err := io.CopyBuffer(h, &watched{ctx: ctx, r: in, seen: func(int64) {}}, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	if facts, _, _ := h.Sum(); facts.SHA256 != file.Digest.Encoded() {
		return "", &bundle.OccupiedError{Path: target, Reason: "the file was changed since it was placed"}
	}
	return target, os.Remove(target)
}

// writeDatabase writes a file whose digest is known. It is hashed once more on the way: what gets the name has it.
func writeDatabase(ctx context.Context, r io.Reader, file bundle.File, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return err
	}
	out, err := atomicfile.Create(target, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	h := bundle.NewHasher()
	if _, err := io.CopyBuffer(io.MultiWriter(out, h), &watched{ctx: ctx, r: r, seen: func(int64) {}}, make([]byte, 1<<20)); err != nil {
		return err
	}
	if facts, size, _ := h.Sum(); facts.SHA256 != file.Digest.Encoded() {
		got := digest.NewDigestFromEncoded(digest.SHA256, facts.SHA256)
		return &bundle.MismatchError{Path: file.Path, Want: file.Digest, Got: got, Size: size}
	}
	return out.Commit()
}
