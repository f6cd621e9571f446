package cache

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/stamp"
)

// Partial is a blob on its way into the cache. It is not safe for concurrent use.
type Partial struct {
	file *atomicfile.File
	hash hash.Hash
	size int64
	desc ocispec.Descriptor
}

// Write appends to the blob. It refuses with a [*MismatchError] what goes beyond the descriptor's size, so that a
// server that never stops cannot fill the disk.
func (p *Partial) Write(b []byte) (int, error) {
	if p.size+int64(len(b)) > p.desc.Size {
		return 0, &MismatchError{Descriptor: p.desc, GotSize: p.size + int64(len(b))}
	}
	n, err := p.file.Write(b)
	p.hash.Write(b[:n])
	p.size += int64(n)
	return n, err
}

// Size is the number of bytes written so far.
func (p *Partial) Size() int64 { return p.size }

// Reset throws away what was written.
func (p *Partial) Reset() error {
	if p.size == 0 {
		return nil
	}
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	_, err := p.file.Seek(0, io.SeekStart)
	p.hash.Reset()
	p.size = 0
	return err
}

// Check compares what was written with the descriptor; the error is a [*MismatchError].
func (p *Partial) Check() error {
	got := digest.NewDigest(digest.SHA256, p.hash)
	if got == p.desc.Digest && p.size == p.desc.Size {
		return nil
	}
	return &MismatchError{Descriptor: p.desc, GotDigest: got, GotSize: p.size}
}

// Store brings a blob into the cache unless it is there: fill writes its bytes. Of several processes that store one
// blob at the same time one calls fill where locks work; it is reported once that another one is waited for. The blob
// is published only if size and digest are those of the descriptor, else it is thrown away and the error is a
// [*MismatchError]. The result says whether fill was called with success.
func (c *Cache) Store(ctx context.Context, desc ocispec.Descriptor, fill func(context.Context, *Partial) error) (bool, error) {
	name, err := hexOf(desc.Digest)
	if err != nil {
		return false, err
	}
	if desc.Size < 0 {
		return false, fmt.Errorf("%s: size %d: %w", desc.Digest, desc.Size, errdef.ErrInvalidDigest)
	}
	if there, err := c.Exists(ctx, desc); there || err != nil {
		return false, err
	}
	unlock, err := c.lock(ctx, desc)
	if err != nil {
		return false, err
	}
	inPlace := false
	defer func() { unlock(inPlace) }()
	if inPlace, err = c.Exists(ctx, desc); inPlace || err != nil { // the one we waited for has brought it
		return false, err
	}
	p := &Partial{hash: sha256.New(), desc: desc}
	err = c.made(func() (err error) {
		p.file, err = atomicfile.CreateIn(c.path(partialDir), c.path(blobsDir, name), 0o444)
		return err
	})
	if err != nil {
		return false, err
	}
	defer p.file.Close()
	if err := fill(ctx, p); err != nil {
		return false, err
	}
	if err := p.Check(); err != nil {
		return false, err
	}
	err = c.publish(p, name)
	inPlace = err == nil
	return inPlace, err
}

// publish gives a checked blob its name and remembers that it is good.
func (c *Cache) publish(p *Partial, name string) error {
	began, past := time.Now(), stamp.Past(time.Now())
	if err := os.Chtimes(p.file.Name(), past, past); err != nil {
		return err
	}
	// A restart of the machine ends all stamps, so what a power cut left of this file is found then.
	p.file.NoSync = true
	if err := p.file.Commit(); err != nil {
		return err
	}
	info, err := os.Lstat(c.path(blobsDir, name))
	if err == nil && info.Size() == p.size && info.ModTime().Equal(past) {
		c.stampsOf(name).Put(name, info, began, stamp.Facts{SHA256: name})
	}
	return nil
}

// StoreBytes brings a small blob that is in memory into the cache.
func (c *Cache) StoreBytes(ctx context.Context, desc ocispec.Descriptor, data []byte) error {
	_, err := c.Store(ctx, desc, func(_ context.Context, p *Partial) error {
		_, err := p.Write(data)
		return err
	})
	return err
}
