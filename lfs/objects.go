package lfs

import (
	"context"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Object is an object of Git LFS.
type Object struct {
	Digest digest.Digest
	Size   int64
	Path   string // where a commit has it, with forward slashes; one of several
}

// descriptor is the object as a layer.
func (o Object) descriptor() ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: MediaObject, Digest: o.Digest, Size: o.Size}
}

// objectName is where an object lies in a store (git-lfs docs/spec.md, "Intercepting Git").
func objectName(d digest.Digest) string {
	hex := d.Encoded()
	return hex[:2] + "/" + hex[2:4] + "/" + hex
}

func (s Store) path(d digest.Digest) string {
	return filepath.Join(s.Objects, filepath.FromSlash(objectName(d)))
}

// Has reports whether an object is here. As for git-lfs, one of another size is not.
func (s Store) Has(o Object) bool {
	info, err := os.Stat(s.path(o.Digest))
	return err == nil && info.Mode().IsRegular() && info.Size() == o.Size
}

// Fetch opens an object. Whoever reads it compares the digest.
func (s Store) Fetch(_ context.Context, want ocispec.Descriptor) (io.ReadCloser, error) {
	return os.Open(s.path(want.Digest))
}

// Absent are those of the objects that are not here.
func (s Store) Absent(objects []Object) (absent []Object) {
	for _, o := range objects {
		if !s.Has(o) {
			absent = append(absent, o)
		}
	}
	return absent
}

// Bytes is the size of all of them, or the largest number if pointers lie so much that it does not fit.
func Bytes(objects []Object) (n int64) {
	for _, o := range objects {
		if o.Size > math.MaxInt64-n {
			return math.MaxInt64
		}
		n += o.Size
	}
	return n
}
