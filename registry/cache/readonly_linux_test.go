package cache_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// A cache in a read-only image, used by somebody who owns nothing in it. Root may write everywhere, so its thread takes
// the rights of nobody for the files.
func TestACacheInAReadOnlyImageWorks(t *testing.T) {
	dir := warmCache(t)
	for up := filepath.Dir(dir); up != filepath.Dir(os.TempDir()) && up != os.TempDir(); up = filepath.Dir(up) {
		if err := os.Chmod(up, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	chmod := func(mode fs.FileMode) {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				err = os.Chmod(path, mode)
			}
			return err
		})
	}
	chmod(0o555)
	t.Cleanup(func() { chmod(0o755) })
	free := t.TempDir()
	if err := os.Chmod(free, 0o777); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if os.Getuid() == 0 {
			const nobody = 65534
			unix.SetfsuidRetUid(nobody)
			if now, _ := unix.SetfsuidRetUid(nobody); now != nobody {
				t.Error("the thread is still root")
				return
			}
		}
		c, _ := open(t, dir)
		useReadOnly(t, c, free)
	}()
	<-done
}
