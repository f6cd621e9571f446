package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// lockPoll is how often a lock that another process holds is tried again. Waiting in the kernel could not be ended by
// the context.
const lockPoll = 25 * time.Millisecond

// lock takes the lock of a blob, waiting for another process if need be. The returned function gives it back; it is
// told whether the blob is in place now, because then nobody will want the lock file again. The error is the end of
// ctx; where locks cannot be had the work goes on without.
func (c *Cache) lock(ctx context.Context, desc ocispec.Descriptor) (func(published bool), error) {
	l := flock.New(c.path(locksDir, desc.Digest.Encoded()), flock.SetPermissions(0o666))
	none := func(bool) {}
	var held bool
	err := c.made(func() (err error) { held, err = l.TryLock(); return err })
	if err == nil && !held {
		c.notify(Event{Kind: Waiting, Descriptor: desc})
		held, err = l.TryLockContext(ctx, lockPoll)
	}
	if ctx.Err() != nil {
		l.Unlock()
		return none, context.Cause(ctx)
	}
	if err != nil || !held {
		return none, nil
	}
	return func(published bool) {
		if published {
			os.Remove(l.Path())
		}
		l.Unlock()
	}, nil
}

// tryLock takes the lock of a blob if nobody holds it. Without a lock file nobody does.
func (c *Cache) tryLock(name string) (unlock func(), ok bool) {
	path := c.path(locksDir, name)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return func() {}, true
	}
	l := flock.New(path, flock.SetPermissions(0o666))
	held, err := l.TryLock()
	if err != nil || !held {
		return nil, false
	}
	return func() {
		os.Remove(path)
		l.Unlock()
	}, true
}
