//go:build unix

package atomicfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// LockDir waits until no other process changes the files of a directory together, and keeps others out until unlock is
// called. The lock is on the directory itself, so nothing is left behind. Where it cannot be had, everything goes on
// without: what it guards against is found out by checksums.
func LockDir(dir string) (unlock func()) {
	d, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	for {
		if err := unix.Flock(int(d.Fd()), unix.LOCK_EX); err != unix.EINTR {
			return func() { d.Close() }
		}
	}
}
