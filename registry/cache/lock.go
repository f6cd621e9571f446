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

// blobLock is the right to bring one blob into the cache.
type blobLock struct {
	file   *flock.Flock  // nil where there is no locking
	turn   chan struct{} // nil for a blob with a lock file of its own
	shared bool
}

// lock takes the lock of a blob, waiting for another process if need be. The error is the end of ctx; where locks cannot
// be had the work goes on without.
func (c *Cache) lock(ctx context.Context, desc ocispec.Descriptor) (*blobLock, error) {
	name, shared := lockName(desc.Digest.Encoded(), desc.Size)
	l := &blobLock{shared: shared}
	if shared { // within the process there is no need to poll
		l.turn = c.turns[name]
		select {
		case l.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	var err error
	wait := func() { c.notify(Event{Kind: Waiting, Descriptor: desc}) }
	if l.file, err = c.flock(ctx, name, wait); err != nil && shared {
		<-l.turn
	}
	return l, err
}

// held reports whether nobody else can have the lock.
func (l *blobLock) held() bool { return l.file != nil }

// unlock gives the lock back. If the blob is in place now, nobody will want a lock file of its own again.
func (l *blobLock) unlock(inPlace bool) {
	if l.file != nil && inPlace && !l.shared {
		os.Remove(l.file.Path())
	}
	if l.file != nil {
		l.file.Unlock()
	}
	if l.shared {
		<-l.turn
	}
}

// flock returns the lock of this name, or nil where there is no locking. wait is called when it takes a while.
func (c *Cache) flock(ctx context.Context, name string, wait func()) (*flock.Flock, error) {
	l := flock.New(c.path(locksDir, name), flock.SetPermissions(0o666))
	var held bool
	err := c.made(func() (err error) { held, err = l.TryLock(); return err })
	for waited := time.Duration(0); err == nil && !held; waited += lockPoll {
		if waited == lockPatience {
			wait()
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
	return c.tryLockFile(name, shared)
}

func (c *Cache) tryLockFile(name string, shared bool) (unlock func(), ok bool) {
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
