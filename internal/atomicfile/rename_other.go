//go:build !windows

package atomicfile

import "os"

// Rename moves a file over another one.
func Rename(from, to string) error { return os.Rename(from, to) }
