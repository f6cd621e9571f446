package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/stamp"
)

// Fetch opens a verified blob. What it returns is an [*os.File], for callers that want to read at offsets or clone.
// A negative size in the descriptor means that the size is not known.
//
// Errors: errdef.ErrNotFound if it is not here, with a [*DamagedError] if it was and is no longer what it should be;
// a [*MismatchError] if the blob is good and the descriptor's size is wrong.
func (c *Cache) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	return c.open(ctx, desc, false)
}

// Exists reports whether a blob is here and good.
func (c *Cache) Exists(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	f, err := c.open(ctx, desc, false)
	if err != nil {
		if errors.Is(err, errdef.ErrNotFound) {
			return false, nil
		}
		return false, err
	}
	return true, f.Close()
}

// open is Fetch; reread distrusts stamps.
func (c *Cache) open(ctx context.Context, desc ocispec.Descriptor, reread bool) (*os.File, error) {
	name, err := hexOf(desc.Digest)
	if err == nil {
		err = c.unusable
	}
	if err != nil {
		return nil, err
	}
	path := c.path(blobsDir, name)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, absent(desc)
	} else if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, c.quarantine(path, info, &DamagedError{Descriptor: desc})
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // removed a moment ago
		return nil, absent(desc)
	} else if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = c.verify(ctx, f, info, desc, reread)
	}
	if err == nil {
		return f, nil
	}
	f.Close() // before anything else: Windows does not rename an open file
	var damage *DamagedError
	if errors.As(err, &damage) {
		return nil, c.quarantine(path, info, damage)
	}
	return nil, err
}

func absent(desc ocispec.Descriptor) error {
	return fmt.Errorf("%s: not in the cache: %w", desc.Digest, errdef.ErrNotFound)
}

// verify leaves f at its beginning.
func (c *Cache) verify(ctx context.Context, f *os.File, info fs.FileInfo, desc ocispec.Descriptor, reread bool) error {
	began, name := time.Now(), desc.Digest.Encoded()
	set := c.stampsOf(name)
	if facts, ok := set.Lookup(name, info); !ok || facts.SHA256 != name || reread {
		got, size, err := sum256(ctx, f)
		if err != nil {
			return err
		}
		if got != name {
			return &DamagedError{
				Descriptor: desc, GotDigest: digest.NewDigestFromEncoded(digest.SHA256, got), GotSize: size}
		}
		after, err := f.Stat()
		if err == nil && after.Size() == info.Size() && after.ModTime().Equal(info.ModTime()) {
			set.Put(name, after, began, stamp.Facts{SHA256: name})
		}
	}
	if desc.Size >= 0 && info.Size() != desc.Size {
		return &MismatchError{Descriptor: desc, GotDigest: desc.Digest, GotSize: info.Size()}
	}
	return nil
}

// quarantine puts the file that has this info aside, says so, and returns the error.
func (c *Cache) quarantine(path string, info fs.FileInfo, damage *DamagedError) error {
	name := damage.Descriptor.Digest.Encoded()
	c.stampsOf(name).Forget(name)
	// Another process may have put a good copy in its place meanwhile.
	if now, err := os.Stat(path); err == nil && os.SameFile(now, info) {
		to := c.path(quarantineDir, fmt.Sprintf("%s.%d", name, time.Now().UnixNano()))
		err := os.MkdirAll(filepath.Dir(to), 0o755)
		if err == nil && atomicfile.Rename(path, to) == nil {
			damage.Quarantine = to
		}
	}
	c.notify(Event{Kind: Damaged, Descriptor: damage.Descriptor, Damage: damage})
	return damage
}

// bufferSize is large enough that system calls do not count and small enough for any number of workers.
const bufferSize = 256 << 10

var buffers = sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}

// sum256 returns the SHA-256 and the length of a file, and leaves it at its beginning.
func sum256(ctx context.Context, f *os.File) (string, int64, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	h, n := sha256.New(), int64(0)
	for {
		if err := context.Cause(ctx); err != nil {
			return "", 0, err
		}
		k, err := f.Read(*buf)
		h.Write((*buf)[:k])
		n += int64(k)
		if err == io.EOF {
			_, err := f.Seek(0, io.SeekStart)
			return hex.EncodeToString(h.Sum(nil)), n, err
		} else if err != nil {
			return "", 0, err
		}
	}
}
