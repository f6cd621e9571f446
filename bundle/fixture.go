package bundle

import (
	"context"
	"io"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/parallel"
)

// Fixture is a fixture that was opened: its manifest is valid, its files may not have been looked at yet. Its methods
// may be called from several goroutines.
type Fixture struct {
	Manifest *Manifest
	Raw      []byte // manifest.json, byte for byte
	Where    string // the directory or reference it was opened from, for messages

	store store
	opts  Options
}

// Options are what reading a fixture can be given.
type Options struct {
	Stamps   Stamps                         // remembers verified files of directories; nil: none
	Workers  int                            // files read at once; 0: one
	Progress func(file string, bytes int64) // called with bytes that were read, from several goroutines; nil: nobody
}

// Blob is an opened file of a fixture.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// store is where the files of a fixture are.
type store interface {
	// open returns a file. Its content may not have been verified.
	open(ctx context.Context, f File) (Blob, error)
	// verify reads a file in full, unless it is known to be right.
	verify(ctx context.Context, f File) error
	close() error
}

// Open returns a file of the fixture. Call [Fixture.Verify] first.
func (f *Fixture) Open(ctx context.Context, file File) (Blob, error) { return f.store.open(ctx, file) }

// Verify checks every file against the manifest and returns the first error: a [*MismatchError],
// [*MissingFileError] or [*InvalidError].
func (f *Fixture) Verify(ctx context.Context) error {
	files := f.Manifest.Files()
	return parallel.ForEach(ctx, f.opts.Workers, len(files), func(ctx context.Context, i int) error {
		if err := f.store.verify(ctx, files[i]); err != nil {
			return err
		}
		return f.checkKind(ctx, files[i])
	})
}

// checkKind refuses a database fixture whose file is none.
func (f *Fixture) checkKind(ctx context.Context, file File) error {
	if file.Table != "" {
		return nil
	}
	blob, err := f.Open(ctx, file)
	if err != nil {
		return err
	}
	defer blob.Close()
	return CheckDatabase(file.Path, blob)
}

// Identify checks every file like [Fixture.Verify] and returns the digest of the image manifest: for a directory the
// one that it packs to.
func (f *Fixture) Identify(ctx context.Context) (digest.Digest, error) {
	if p, ok := f.store.(*packed); ok {
		return p.root, f.Verify(ctx)
	}
	b, err := Pack(ctx, f)
	if err != nil {
		return "", err
	}
	return b.Descriptor.Digest, nil
}

// Close releases what the fixture holds open. Files that were opened stay open.
func (f *Fixture) Close() error { return f.store.close() }

func (o *Options) progress(file string, n int64) {
	if o.Progress != nil {
		o.Progress(file, n)
	}
}
