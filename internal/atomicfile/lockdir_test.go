//go:build unix

package atomicfile_test

import (
	"context"
	"errors"
	"testing"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

func TestALockedDirectoryIsWaitedForUntilTheContextEnds(t *testing.T) {
	dir := t.TempDir()
	unlock, err := atomicfile.LockDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	if _, err := atomicfile.LockDir(ctx, dir); !errors.Is(err, enough) {
		t.Errorf("while it is locked: %v", err)
	}
	unlock()
	unlock, err = atomicfile.LockDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if unlock, err = atomicfile.LockDir(t.Context(), dir+"/none"); err != nil {
		t.Errorf("a directory that is not there: %v", err)
	}
	unlock()
}
