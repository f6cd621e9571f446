//go:build unix

package atomicfile

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lockPoll is how often the lock of a directory is tried again. Waiting in the kernel could not be ended by a context.
const lockPoll = 10 * time.Millisecond

// LockDir waits until no other process changes the files of a directory together, and keeps others out until unlock is
// called. The lock is on the directory itself, so nothing is left behind. Where it cannot be had, everything goes on
// without: what it guards against is found out by checksums. The error is the end of ctx.
func LockDir(ctx context.Context, dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return func() {}, nil
	}
	for {
		err := unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err != unix.EWOULDBLOCK && err != unix.EINTR {
			return func() { d.Close() }, nil
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			d.Close()
			return nil, context.Cause(ctx)
		}
	}
}
