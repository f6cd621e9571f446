package cache

import (
	"os"

	"golang.org/x/sys/unix"
)

// clone puts a clone of src at the name of the empty file dst, clonefile(2). The call insists on making the file
// itself, so the clone is made aside and renamed over dst; what is open as dst has no name from then on.
func clone(dst, src *os.File) error {
	aside := dst.Name() + ".clone"
	if err := unix.Clonefile(src.Name(), aside, 0); err != nil {
		return err
	}
	if err := os.Chmod(aside, 0o644); err != nil {
		os.Remove(aside)
		return err
	}
	return os.Rename(aside, dst.Name())
}
