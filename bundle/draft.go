package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/stamp"
)

// OpenObjects opens a fixture whose files lie in dir under other names, as in the object store of Git LFS: at tells the
// name of each, with forward slashes. raw is its manifest.json. The errors are those of [OpenDir].
func OpenObjects(raw []byte, where, dir string, at func(File) string, o Options) (*Fixture, error) {
	m, err := ParseManifest(raw)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	return &Fixture{Manifest: m, Raw: raw, Where: where, store: &directory{path: abs, root: root, opts: o, at: at}, opts: o}, nil
}

// Draft is a bundle in the making, for who sends files whose digests are known already: what [Pack] has to read them
// for beforehand, their block maps, is learned while they are read to be sent. It is a content.Fetcher for the files. Its
// methods may be called from several goroutines.
type Draft struct {
	fixture *Fixture
	dir     *directory
	sizes   map[digest.Digest]int64
	files   map[digest.Digest]File

	mu      sync.Mutex
	learned map[digest.Digest]*lesson // by the digest of the file
}

// lesson is what was learned of a large file.
type lesson struct {
	id     digest.Digest // of its block map
	blocks []byte        // the map, if it was made now
	info   fs.FileInfo   // of the file, before it was read; nil if that was remembered
	began  time.Time
}

// NewDraft begins a bundle of the files of a directory. No file is read but for the beginning of a database file. The
// error is a [*MissingFileError], an [*InvalidError] or comes from the file system.
func NewDraft(ctx context.Context, f *Fixture) (*Draft, error) {
	d, ok := f.store.(*directory)
	if !ok {
		return nil, fmt.Errorf("%s: only a directory can be packed", f.Where)
	}
	t := &Draft{fixture: f, dir: d, sizes: map[digest.Digest]int64{}, files: map[digest.Digest]File{}, learned: map[digest.Digest]*lesson{}}
	for _, file := range f.Manifest.Files() {
		if err := f.checkKind(ctx, file); err != nil {
			return nil, err
		}
		if err := t.add(file); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// add notes the size of a file, and its block map if that is remembered.
func (t *Draft) add(f File) error {
	file, info, err := t.dir.openFile(t.dir.place(f))
	if errors.Is(err, fs.ErrNotExist) {
		return &MissingFileError{f.Path}
	} else if err != nil {
		return err
	}
	t.sizes[f.Digest], t.files[f.Digest] = info.Size(), f
	if s := t.dir.opts.Stamps; s != nil {
		facts, ok := s.Lookup(t.dir.abs(t.dir.place(f)), info)
		if ok && facts.BlockMap != "" && match(f, facts, info.Size()) == nil {
			t.learned[f.Digest] = &lesson{id: digest.Digest(facts.BlockMap)}
		}
	}
	return file.Close()
}

// Large are the files that have block maps. Each that is sent before [Draft.Bundle] is called is read only for that.
func (t *Draft) Large() (list []ocispec.Descriptor) {
	seen := map[digest.Digest]bool{}
	for _, f := range t.fixture.Manifest.Files() {
		if size := t.sizes[f.Digest]; size >= blockmap.MinFile && !seen[f.Digest] {
			seen[f.Digest] = true
			list = append(list, layerOf(f, size))
		}
	}
	return list
}

// Fetch opens a large file. Whoever reads it compares the digest, and uses the draft no further if that is wrong.
func (t *Draft) Fetch(_ context.Context, want ocispec.Descriptor) (io.ReadCloser, error) {
	f, ok := t.files[want.Digest]
	if !ok {
		return nil, fmt.Errorf("%s: %w", want.Digest, errdef.ErrNotFound)
	}
	file, info, err := t.dir.openFile(t.dir.place(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingFileError{f.Path}
	} else if err != nil {
		return nil, err
	}
	began := time.Now()
	return newMapper(file, info.Size(), func(blocks []byte) {
		t.learn(f.Digest, &lesson{digest.FromBytes(blocks), blocks, info, began})
	}), nil
}

// learn keeps what was learned, and the map itself while there is room: beyond, it is made again when it is sent.
func (t *Draft) learn(file digest.Digest, l *lesson) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := len(l.blocks)
	for _, other := range t.learned {
		kept += len(other.blocks)
	}
	if kept > keptMaps {
		l.blocks = nil
	}
	t.learned[file] = l
}

// Bundle completes the bundle. What it has to know of files and nobody has read is read now, with the errors of [Pack];
// what was read is remembered as right.
func (t *Draft) Bundle(ctx context.Context) (*Bundle, error) {
	return assemble(ctx, t.fixture, t.layers)
}

func (t *Draft) layers(ctx context.Context, b *Bundle, f File) ([]ocispec.Descriptor, error) {
	size := t.sizes[f.Digest]
	if size < blockmap.MinFile {
		return b.layers(f, size, "", nil), nil
	}
	t.mu.Lock()
	l := t.learned[f.Digest]
	t.mu.Unlock()
	switch {
	case l == nil:
		return b.describe(ctx, t.dir, f)
	case l.info != nil:
		if err := t.remember(f, l); err != nil {
			return nil, err
		}
	}
	return b.layers(f, size, l.id, l.blocks), nil
}

// remember keeps what was learned of a file, if that has not changed since.
func (t *Draft) remember(f File, l *lesson) error {
	file, info, err := t.dir.openFile(t.dir.place(f))
	if err != nil {
		return err
	}
	defer file.Close()
	if !unchanged(l.info, info) {
		return &ChangedError{f.Path}
	}
	t.dir.verified.Store(f.Path, info)
	if s := t.dir.opts.Stamps; s != nil {
		s.Put(t.dir.abs(t.dir.place(f)), info, l.began, stamp.Facts{SHA256: f.Digest.Encoded(), BlockMap: l.id.String()})
	}
	return nil
}
