//go:build unix

package registry_test

import (
	"syscall"
	"testing"
)

// diskUsage is the room that a file takes on the disk.
func diskUsage(t *testing.T, path string) int64 {
	t.Helper()
	var s syscall.Stat_t
	if err := syscall.Stat(path, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Blocks) * 512
}
