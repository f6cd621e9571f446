//go:build !windows

package cache

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// A pipe in place of what is written down of a template is not opened, which would wait for whoever writes to it.
func TestAFIFOInPlaceOfARecordIsReplaced(t *testing.T) {
	c, of := openCache(t), templateOf("kind", "a")
	instance(t, c, of, "first")
	path := c.path(templatesDir, of.name()+templateSuffix)
	if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	if origin, got := instance(t, c, of, "second"); origin != Kept || got != "second" {
		t.Errorf("%v, %q", origin, got)
	}
}
