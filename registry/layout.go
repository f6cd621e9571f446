package registry

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

// Layout is a directory in the form of the image-spec's "OCI Image Layout", for carrying bundles where no network
// goes. It may be used by several goroutines, and the directory by several processes: blobs are published by rename
// and the index is replaced under a lock.
type Layout struct{ dir string }

// LayoutError is a directory that is no OCI layout, or one that is damaged.
type LayoutError struct {
	Dir    string
	Reason string
}

func (e *LayoutError) Error() string { return fmt.Sprintf("%s: %s", e.Dir, e.Reason) }

// AbsentError says that a directory is no layout, or one without what was asked for. It is errdef.ErrNotFound.
type AbsentError struct {
	Dir    string
	Reason string
}

func (e *AbsentError) Error() string        { return fmt.Sprintf("%s: %s", e.Dir, e.Reason) }
func (e *AbsentError) Is(target error) bool { return target == errdef.ErrNotFound }

// maxIndex is how much of an index.json is read: tens of thousands of entries.
const maxIndex = 16 << 20

// OpenLayout returns the layout in dir, which need not exist: it is made by the first write.
func OpenLayout(dir string) *Layout { return &Layout{dir} }

func (l *Layout) blob(d digest.Digest) (string, error) {
	if d.Validate() != nil || d.Algorithm() != digest.SHA256 {
		return "", fmt.Errorf("%q: %w", d, digest.ErrDigestUnsupported)
	}
	return filepath.Join(l.dir, "blobs", "sha256", d.Encoded()), nil
}

// Fetch opens a blob. What is read is verified: its end comes only if size and digest are right, else there is a
// [*MismatchError].
func (l *Layout) Fetch(_ context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	path, err := l.blob(desc.Digest)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %s: %w", l.dir, desc.Digest, errdef.ErrNotFound)
	} else if err != nil {
		return nil, err
	}
	return &verified{ReadCloser: f, desc: desc, hash: sha256.New()}, nil
}

// push writes a blob unless it is there and good. The result says whether it was written.
func (l *Layout) push(ctx context.Context, desc ocispec.Descriptor, open func() (io.ReadCloser, error)) (bool, error) {
	path, err := l.blob(desc.Digest)
	if err != nil {
		return false, err
	}
	if r, err := l.Fetch(ctx, desc); err == nil {
		_, err := copyBuffered(io.Discard, r)
		r.Close()
		if err == nil {
			return false, nil
		}
	}
	r, err := open()
	if err != nil {
		return false, err
	}
	defer r.Close()
	f, err := atomicfile.Create(path, 0o644)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if _, err := copyBuffered(f, &verified{ReadCloser: r, desc: desc, hash: sha256.New()}); err != nil {
		return false, err
	}
	return true, f.Commit()
}

const layoutVersion = `{"imageLayoutVersion":"1.0.0"}`

// make makes the directory a layout. One that holds other things is not touched.
func (l *Layout) make() error {
	blobs := filepath.Join(l.dir, "blobs", "sha256")
	if err := l.check(); err == nil {
		return os.MkdirAll(blobs, 0o755)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(l.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	ours := func(e fs.DirEntry) bool { // of another process that is making it at this moment
		return strings.HasPrefix(e.Name(), atomicfile.TempPrefix) || slices.Contains([]string{"blobs", ocispec.ImageLayoutFile}, e.Name())
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !ours(e) }) {
		return &LayoutError{l.dir, "not an OCI layout, and not empty"}
	}
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(l.dir, ocispec.ImageLayoutFile), []byte(layoutVersion), 0o644)
}

// check reports what is no layout; fs.ErrNotExist if there is nothing that says it is one.
func (l *Layout) check() error {
	data, err := readFile(filepath.Join(l.dir, ocispec.ImageLayoutFile), 1<<10)
	if err != nil {
		return err
	}
	var v ocispec.ImageLayout
	if json.Unmarshal(data, &v) != nil || !strings.HasPrefix(v.Version, "1.") {
		return &LayoutError{l.dir, "not an OCI layout of version 1"}
	}
	return nil
}

func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: more than %d bytes: %w", path, limit, errdef.ErrSizeExceedsLimit)
	}
	return data, err
}
