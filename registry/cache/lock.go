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

const (
	// lockPoll is how often a lock that another process holds is tried again. Waiting in the kernel could not be ended
	// by the context.
	lockPoll = 10 * time.Millisecond

	// lockPatience is how long is waited before it is worth a word.
	lockPatience = 100 * time.Millisecond

	// sharedLock is the size up to which blobs share lock files, one for each first byte of the digest. Making and
	// removing a file for each of two thousand small blobs took longer than fetching them (ext4 goes past the inodes
	// that were removed lately); and who waits for one small blob does not wait long.
	sharedLock = 64 << 10
)

// lockName is the lock file of a blob.
func lockName(hex string, size int64) (name string, shared bool) {
	if size <= sharedLock {
		return hex[:2], true
	}
	return hex, false
}

// lock takes the lock of a blob, waiting for another process if need be. The returned function gives it back; it is
// told whether the blob is in place now, because then nobody will want a lock file of its own again. The error is the
// end of ctx; where locks cannot be had the work goes on without.
func (c *Cache) lock(ctx context.Context, desc ocispec.Descriptor) (func(inPlace bool), error) {
	name, shared := lockName(desc.Digest.Encoded(), desc.Size)
	turn := c.turns[desc.Digest.Encoded()[:2]]
	if !shared {
		turn = nil
	}
	if turn != nil { // within the process there is no need to poll
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	l, err := c.flock(ctx, name, desc)
	if err != nil {
		if turn != nil {
			<-turn
		}
		return nil, err
	}
	return func(inPlace bool) {
		if l != nil && inPlace && !shared {
			os.Remove(l.Path())
		}
		if l != nil {
			l.Unlock()
		}
		if turn != nil {
			<-turn
		}
	}, nil
}

// flock returns the lock of this name, or nil where there is no locking.
func (c *Cache) flock(ctx context.Context, name string, desc ocispec.Descriptor) (*flock.Flock, error) {
	l := flock.New(c.path(locksDir, name), flock.SetPermissions(0o666))
	var held bool
	err := c.made(func() (err error) { held, err = l.TryLock(); return err })
	for waited := time.Duration(0); err == nil && !held; waited += lockPoll {
		if waited == lockPatience {
			c.notify(Event{Kind: Waiting, Descriptor: desc})
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(lockPoll):
		}
		held, err = l.TryLock()
	}
	if err != nil {
		return nil, nil
	}
	return l, nil
}

// tryLock takes the lock of a blob if nobody holds it. Without a lock file nobody does.
func (c *Cache) tryLock(b blob) (unlock func(), ok bool) {
	name, shared := lockName(b.name, b.size)
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
		if !shared {
			os.Remove(path)
		}
		l.Unlock()
	}, true
}
