package cache

import (
	"os"
	"path/filepath"
	"testing"
)

// Whatever is in a journal, it tells of spans within the blob, in order, that do not touch; and what was appended to a
// good one is read back.
func FuzzJournal(f *testing.F) {
	f.Add([]byte{}, int64(100))
	f.Add([]byte{10, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1}, int64(100))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 0, 0, 0}, int64(1<<40))
	path := filepath.Join(f.TempDir(), "journal")
	f.Fuzz(func(t *testing.T, data []byte, size int64) {
		if size < 1 {
			return
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		have, err := readJournal(file, size)
		if err != nil {
			t.Fatal(err)
		}
		end := int64(-1)
		for _, s := range have {
			if s.Start <= end || s.End <= s.Start || s.End > size {
				t.Fatalf("spans %v of %d bytes", have, size)
			}
			end = s.End
		}
		gaps := have.within(Span{0, size})
		for _, g := range gaps {
			have.add(g)
		}
		if len(have) != 1 || have[0] != (Span{0, size}) || have.prefix() != size {
			t.Fatalf("%v is not all of %d bytes after %v", have, size, gaps)
		}
	})
}
