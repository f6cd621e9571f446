package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// begin opens a target and begins a transaction in it.
func begin(t *testing.T, path string) (*sqlite.Target, loader.Tx) {
	t.Helper()
	target, err := sqlite.OpenTarget(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := target.Begin(t.Context(), loader.Work{})
	if err != nil {
		t.Fatal(err)
	}
	return target, tx
}

// A load that failed made the file; meanwhile another has committed to it.
func TestAFileThatAnotherHasFilledIsNotRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.db")
	first, tx := begin(t, path)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	run(t, path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("the other one's work is gone: %v", err)
	}
}

// A load that opened a file which its maker then removed does not write into the void: it is told, and begins anew.
func TestWhoOpenedARemovedFileBeginsAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.db")
	first, tx := begin(t, path)
	second, err := sqlite.OpenTarget(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tx.Rollback(), first.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Skip("an open file cannot be removed here")
	}
	if _, err := second.Begin(t.Context(), loader.Work{}); !errors.Is(err, loader.ErrMeanwhile) {
		t.Fatalf("got %v", err)
	}
	tx, err = second.Begin(t.Context(), loader.Work{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tx.Rollback(), second.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file that was made anew is left")
	}
}
