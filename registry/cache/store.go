package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/stamp"
)

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
	l, err := c.lock(ctx, desc)
	if err != nil {
		return false, err
	}
	inPlace := false
	defer func() { l.unlock(inPlace) }()
	if inPlace, err = c.Exists(ctx, desc); inPlace || err != nil { // the one we waited for has brought it
		return false, err
	}
	var p *Partial
	err = c.made(func() (err error) {
		p, err = c.openPartial(name, desc, l.held())
		return err
	})
	if err != nil {
		return false, err
	}
	defer p.close()
	if err := fill(ctx, p); err != nil {
		if _, mismatch := errors.AsType[*MismatchError](err); mismatch {
			p.spoil()
		}
		return false, err
	}
	if err := p.Check(ctx); err != nil {
		p.spoil()
		return false, err
	}
	err = c.publish(p, name)
	inPlace = err == nil
	return inPlace, err
}

// publish gives a checked blob its name and remembers that it is good. It is not flushed: a restart of the machine ends
// all stamps, so what a power cut left of the file is found then.
func (c *Cache) publish(p *Partial, name string) error {
	began, past := time.Now(), stamp.Past(time.Now())
	if err := os.Chtimes(p.file.Name(), past, past); err != nil {
		return err
	}
	if err := p.rename(c.path(blobsDir, name)); err != nil {
		return err
	}
	info, err := os.Lstat(c.path(blobsDir, name))
	if err == nil && info.Size() == p.desc.Size && info.ModTime().Equal(past) {
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
