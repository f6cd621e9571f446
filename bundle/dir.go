package bundle

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/stamp"
)

// Stamps remembers verified files. It is implemented by *stamp.Set.
type Stamps interface {
	Lookup(path string, info fs.FileInfo) (stamp.Facts, bool)
	Put(path string, info fs.FileInfo, began time.Time, facts stamp.Facts)
}

// directory is a store in a folder. Everything goes through an [os.Root], so that no path leaves the folder.
type directory struct {
	path string // absolute
	root *os.Root
	opts Options
	at   func(File) string // where a file lies; nil: at its path

	verified sync.Map // path to the fs.FileInfo of the file that was verified
}

// OpenDir opens a fixture directory. The error is a [*NoManifestError], an [*InvalidError], a [*NewerError] or comes
// from the file system.
func OpenDir(path string, o Options) (*Fixture, error) {
	f, problems, err := openDir(path, o)
	if err == nil && len(problems) > 0 {
		err = errors.Join(&InvalidError{f.Where, problems}, f.Close())
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// openDir opens what can be opened and returns the problems of the manifest beside it.
func openDir(path string, o Options) (*Fixture, []Problem, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, &NoManifestError{Dir: path}
	} else if err != nil {
		return nil, nil, err
	}
	d := &directory{path: abs, root: root, opts: o}
	raw, err := d.readManifest(path)
	if err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	m, problems, err := parseManifest(raw)
	if err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	return &Fixture{Manifest: m, Raw: raw, Where: path, store: d, opts: o}, problems, nil
}

// readManifest reads the manifest.json with its limit.
func (d *directory) readManifest(where string) ([]byte, error) {
	f, info, err := d.openFile(manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoManifestError{where, d.some()}
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() >= MaxManifest {
		return nil, &InvalidError{where, []Problem{{manifestName, fmt.Sprintf("%d bytes, larger than 1 MiB", info.Size())}}}
	}
	return io.ReadAll(io.LimitReader(f, MaxManifest))
}

// some returns a few names of what is in the directory.
func (d *directory) some() []string {
	const enough, few = 1000, 5
	f, err := d.root.Open(".")
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(enough)
	slices.Sort(names)
	return names[:min(few, len(names))]
}

// openFile opens a regular file that is not reached through a symbolic link.
func (d *directory) openFile(path string) (*os.File, fs.FileInfo, error) {
	bad := func(reason string) error {
		return &InvalidError{d.path, []Problem{{path, reason}}}
	}
	for i := range path + "/" {
		if i < len(path) && path[i] != '/' {
			continue
		}
		info, err := d.root.Lstat(path[:i])
		switch {
		case err != nil:
			return nil, nil, err
		case info.Mode()&fs.ModeSymlink != 0:
			return nil, nil, bad("a symbolic link")
		case i == len(path) && !info.Mode().IsRegular(): // opening a FIFO would wait for its other end
			return nil, nil, bad("not a regular file")
		}
	}
	f, err := d.root.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = bad("not a regular file")
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// place is where a file lies in the directory.
func (d *directory) place(f File) string {
	if d.at == nil {
		return f.Path
	}
	return d.at(f)
}

// localBlob is a file of a directory.
type localBlob struct {
	*os.File
	size int64
}

func (b localBlob) Size() int64 { return b.size }

func (d *directory) open(_ context.Context, f File) (Blob, error) {
	file, info, err := d.openFile(d.place(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingFileError{f.Path}
	} else if err != nil {
		return nil, err
	}
	if was, ok := d.verified.Load(f.Path); ok && !unchanged(was.(fs.FileInfo), info) {
		return nil, errors.Join(&ChangedError{f.Path}, file.Close())
	}
	return localBlob{file, info.Size()}, nil
}

func unchanged(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// facts returns the digest and size of a file, from its stamp or by reading it, and its block map if it is wanted and
// was not known already.
func (d *directory) facts(ctx context.Context, f File, wantMap bool) (facts stamp.Facts, size int64, blocks []byte, err error) {
	file, info, err := d.openFile(d.place(f))
	if errors.Is(err, fs.ErrNotExist) {
		return stamp.Facts{}, 0, nil, &MissingFileError{f.Path}
	} else if err != nil {
		return stamp.Facts{}, 0, nil, err
	}
	defer file.Close()
	wantMap = wantMap && info.Size() >= blockmap.MinFile
	abs := d.abs(d.place(f))
	if d.opts.Stamps != nil {
		if facts, ok := d.opts.Stamps.Lookup(abs, info); ok && (!wantMap || facts.BlockMap != "") {
			d.opts.progress(f.Path, info.Size())
			d.verified.Store(f.Path, info)
			return facts, info.Size(), nil, nil
		}
	}
	began := time.Now()
	h := &Hasher{whole: sha256.New()}
	if wantMap {
		h.blocks = blockmap.NewBuilder(blockmap.BlockSize(info.Size()))
	}
	if err := h.hashAll(ctx, file, func(n int64) { d.opts.progress(f.Path, n) }); err != nil {
		return stamp.Facts{}, 0, nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	facts, size, blocks = h.Sum()
	after, err := file.Stat()
	if err != nil || size != info.Size() || !unchanged(info, after) {
		return stamp.Facts{}, 0, nil, errors.Join(&ChangedError{f.Path}, err)
	}
	d.verified.Store(f.Path, after)
	if d.opts.Stamps != nil {
		d.opts.Stamps.Put(abs, after, began, facts)
	}
	return facts, size, blocks, nil
}

func (d *directory) verify(ctx context.Context, f File) error {
	facts, size, _, err := d.facts(ctx, f, false)
	if err != nil {
		return err
	}
	return match(f, facts, size)
}

// sound reports whether the content of a verified file was checked since it changed last.
func (d *directory) sound(path string) bool {
	_, facts, ok := d.known(path)
	return ok && facts.Sound
}

// markSound remembers that the content of a verified file was checked.
func (d *directory) markSound(path string) {
	if info, facts, ok := d.known(path); ok {
		facts.Sound = true
		d.opts.Stamps.Put(d.abs(path), info, time.Now(), facts)
	}
}

// known is what is remembered of a verified file.
func (d *directory) known(path string) (fs.FileInfo, stamp.Facts, bool) {
	info, ok := d.verified.Load(path)
	if !ok || d.opts.Stamps == nil {
		return nil, stamp.Facts{}, false
	}
	facts, ok := d.opts.Stamps.Lookup(d.abs(path), info.(fs.FileInfo))
	return info.(fs.FileInfo), facts, ok
}

func (d *directory) abs(path string) string { return filepath.Join(d.path, filepath.FromSlash(path)) }

func match(f File, facts stamp.Facts, size int64) error {
	if got := digest.Digest("sha256:" + facts.SHA256); got != f.Digest {
		return &MismatchError{Path: f.Path, Want: f.Digest, Got: got, Size: size}
	}
	return nil
}

func (d *directory) close() error { return d.root.Close() }

// extra returns the files in the directory that the manifest does not list, leaving out what begins with a dot.
func (d *directory) extra(m *Manifest) ([]string, error) {
	listed := map[string]bool{manifestName: true}
	for _, f := range m.Files() {
		listed[f.Path] = true
	}
	var list []string
	err := fs.WalkDir(d.root.FS(), ".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
		case !e.IsDir() && !listed[path]:
			list = append(list, path)
		}
		return nil
	})
	return list, err
}
