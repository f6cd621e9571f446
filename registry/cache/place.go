package cache

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

// Place makes a private, writable copy of a verified blob at target, whose directory must exist, and sets its
// modification time unless that is zero. The copy shares storage with the blob where the file system can clone, and
// is never a hard link: whoever writes to it does not write to the cache. A file that stands at target is replaced in
// one step. It is not flushed to stable storage.
func (c *Cache) Place(ctx context.Context, desc ocispec.Descriptor, target string, modified time.Time) error {
	src, err := c.open(ctx, desc, false)
	if err != nil {
		return err
	}
	defer src.Close()
	return replicate(ctx, src, target, modified)
}

// replicate makes a private, writable copy of an open file at target.
func replicate(ctx context.Context, src *os.File, target string, modified time.Time) error {
	dst, err := atomicfile.Create(target, 0o644)
	if err != nil {
		return err
	}
	defer dst.Close()
	if err := clone(dst.File, src); err != nil {
		if err := copyFile(ctx, dst.File, src); err != nil {
			return err
		}
	}
	if !modified.IsZero() {
		if err := os.Chtimes(dst.Name(), modified, modified); err != nil {
			return err
		}
	}
	dst.NoSync = true // a file of a fixture is verified against the manifest before each use, a test's own ends with it
	return dst.Commit()
}

// copyStep is how much is copied between two looks at the context.
const copyStep = 64 << 20

// copyFile lets the kernel copy where it can; [os.File.ReadFrom] does that on Linux.
func copyFile(ctx context.Context, dst io.Writer, src *os.File) error {
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		_, err := io.CopyN(dst, src, copyStep)
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
