package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// MaxImageManifest is the largest image manifest that is read, in bytes. Registries need not take larger ones
// (distribution-spec, "Pushing Manifests": at least 4 megabytes).
const MaxImageManifest = 4 << 20

// errTooLarge is a file beyond its limit.
var errTooLarge = fmt.Errorf("larger than its limit: %w", errdef.ErrUnsupported)

func readLimited(path string, limit int64) ([]byte, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f, limit)
}

func readAtMost(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, errTooLarge
	}
	return data, err
}

// Bytes reads a verified blob of at most [MaxImageManifest] bytes into memory: an image manifest or a config.
func (c *Cache) Bytes(ctx context.Context, desc ocispec.Descriptor) ([]byte, error) {
	f, err := c.Fetch(ctx, desc)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readAtMost(f, MaxImageManifest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", desc.Digest, err)
	}
	return data, nil
}

// members is bundle with nothing for what is missing or is no image manifest. An error means that it cannot be told.
func (c *Cache) members(ctx context.Context, manifest ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	members, err := c.bundle(ctx, manifest)
	var mismatch *MismatchError
	if errors.Is(err, errdef.ErrNotFound) || errors.Is(err, errdef.ErrUnsupported) || errors.As(err, &mismatch) {
		return nil, nil
	}
	return members, err
}

// bundle returns the blobs that an image manifest in the cache is made of, itself first, without repetitions.
func (c *Cache) bundle(ctx context.Context, manifest ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	data, err := c.Bytes(ctx, manifest)
	if err != nil {
		return nil, err
	}
	var m struct {
		Config *ocispec.Descriptor  `json:"config"`
		Layers []ocispec.Descriptor `json:"layers"`
	}
	if strictjson.Decode(data, &m) != nil || m.Config == nil {
		return nil, fmt.Errorf("%s: not an image manifest: %w", manifest.Digest, errdef.ErrUnsupported)
	}
	manifest.Size = int64(len(data))
	all := append([]ocispec.Descriptor{manifest, *m.Config}, m.Layers...)
	seen := map[string]bool{}
	var blobs []ocispec.Descriptor
	for _, d := range all {
		if name, err := hexOf(d.Digest); err == nil && !seen[name] {
			seen[name] = true
			blobs = append(blobs, d)
		}
	}
	return blobs, nil
}
