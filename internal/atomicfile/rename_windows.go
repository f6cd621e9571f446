package atomicfile

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// Rename moves a file over another one. Virus scanners and indexers open fresh files for a moment, during which
// Windows refuses; so it is tried again for up to two seconds.
func Rename(from, to string) error {
	deadline := time.Now().Add(2 * time.Second)
	for wait := time.Millisecond; ; wait *= 2 {
		err := os.Rename(from, to)
		busy := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !busy || time.Now().Add(wait).After(deadline) {
			return err
		}
		time.Sleep(wait)
	}
}
