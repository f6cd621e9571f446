package cache

import (
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
)

// MismatchError says that bytes are not the ones that were asked for. GotDigest is empty when the bytes were given up
// on before their end because there were more of them than wanted.
type MismatchError struct {
	Descriptor ocispec.Descriptor // what was wanted; its size is negative if only the digest was known
	GotDigest  digest.Digest
	GotSize    int64
}

func (e *MismatchError) Error() string {
	if e.Descriptor.Size < 0 {
		return fmt.Sprintf("%s: content mismatch: got %s with %d bytes", e.Descriptor.Digest, e.GotDigest, e.GotSize)
	}
	if e.GotDigest == "" {
		return fmt.Sprintf("%s: content mismatch: want %d bytes, got more", e.Descriptor.Digest, e.Descriptor.Size)
	}
	if e.GotDigest == e.Descriptor.Digest {
		return fmt.Sprintf("%s: size mismatch: want %d bytes, got %d", e.Descriptor.Digest, e.Descriptor.Size, e.GotSize)
	}
	return fmt.Sprintf("%s: content mismatch: want %d bytes, got %s with %d bytes",
		e.Descriptor.Digest, e.Descriptor.Size, e.GotDigest, e.GotSize)
}

// DamagedError says that a blob was in the cache and no longer has its digest. It is treated as absent: the error
// wraps errdef.ErrNotFound.
type DamagedError struct {
	Descriptor ocispec.Descriptor // its size is negative if it was not known
	GotDigest  digest.Digest      // empty if it is not a file
	GotSize    int64
	Quarantine string // where the bad copy is now; empty if it could not be moved
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s: damaged in the cache: %v", e.Descriptor.Digest, errdef.ErrNotFound)
}

func (e *DamagedError) Unwrap() error { return errdef.ErrNotFound }

// Kind tells what an [Event] is about.
type Kind int

const (
	Waiting Kind = iota + 1 // another process is fetching the blob; said once for each wait
	Damaged                 // a blob was found damaged and put into quarantine
)

// Event is something that users want to know and that is no failure.
type Event struct {
	Kind       Kind
	Descriptor ocispec.Descriptor
	Damage     *DamagedError // for Damaged
}
