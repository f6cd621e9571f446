package lfs

import (
	"fmt"
	"os"
	"testing"
)

// Each file is read once. What this process reads (proc(5), rchar) is the files, for the client, and the same bytes
// again from a socket, for the registry, which is in this process too; a second reading would be half as much more.
func TestEachFileIsReadOnce(t *testing.T) {
	c, w := shop(t), newWorld(t)
	p := c.plan()
	bytes := Bytes(p.History)
	before := read64(t)
	if _, err := p.Import(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	if got := read64(t) - before; got < 2*bytes || got > 2*bytes+bytes/4 {
		t.Errorf("%d bytes read for %d", got, bytes)
	}
	// With everything there, a file with a block map is read for that on another machine, and no other.
	w.stamps = nil
	before = read64(t)
	o := w.options()
	o.Bundle.Stamps = nil
	if _, err := c.plan().Import(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := read64(t) - before; got > bytes/3+bytes/4 {
		t.Errorf("%d bytes read where one file of %d was to be", got, len(large("two")))
	}
}

// Where its block map is remembered, it is not read either.
func TestNothingIsReadWhereNothingIsNew(t *testing.T) {
	c, w := shop(t), newWorld(t)
	if _, err := c.plan().Import(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	p := c.plan()
	before := read64(t)
	if _, err := p.Import(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	if got := read64(t) - before; got > 1<<20 {
		t.Errorf("%d bytes read", got)
	}
}

func read64(t *testing.T) (n int64) {
	t.Helper()
	data, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(data), "rchar: %d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}
