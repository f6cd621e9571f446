package blockmap_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/irisfix/irisfix/bundle/blockmap"
)

func mapOf(t *testing.T, data []byte) *blockmap.Map {
	t.Helper()
	b := blockmap.NewBuilder(blockmap.BlockSize(int64(len(data))))
	b.Write(data)
	m, err := blockmap.Parse(b.Bytes(), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheMapOfAFileAtHandIsTheOneThatTheBuilderMakes(t *testing.T) {
	for _, size := range []int{0, 1, block, 128 * block, 300*block + 5} {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(i / 1000)
		}
		want := mapOf(t, data)
		for _, workers := range []int{1, 3} {
			got, err := blockmap.Of(t.Context(), bytes.NewReader(data), int64(size), workers)
			if err != nil || !reflect.DeepEqual(got, want) && want.Blocks() > 0 {
				t.Errorf("%d bytes, %d workers: another map, %v", size, workers, err)
			}
		}
		if _, err := blockmap.Of(t.Context(), bytes.NewReader(data), int64(size)+1, 2); err == nil {
			t.Errorf("%d bytes: a file that is shorter than it should be has a map", size)
		}
	}
}

// assemble makes the new file of the old one and what is missing.
func assemble(t *testing.T, parts []blockmap.Part, old, want []byte) (out []byte, missing int64) {
	t.Helper()
	for _, p := range parts {
		if p.At != int64(len(out)) || p.Len <= 0 {
			t.Fatalf("part %+v at %d", p, len(out))
		}
		switch p.From {
		case blockmap.Zeros:
			out = append(out, make([]byte, p.Len)...)
		case blockmap.Missing:
			missing += p.Len
			out = append(out, want[p.At:p.At+p.Len]...)
		default:
			out = append(out, old[p.From:p.From+p.Len]...)
		}
	}
	return out, missing
}

const block = 8 << 10

func TestCompareFindsWhatIsThere(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(g.Uint32())
		}
		return b
	}
	old := random(40*block + 100)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	changed := bytes.Clone(old)
	changed[5*block+17]++
	changed[20*block]++
	cases := map[string]struct {
		new     []byte
		missing int64
		parts   int
	}{
		"the same":                  {old, 0, 1},
		"two pages changed":         {changed, 2 * block, 5},
		"appended":                  {join(old[:40*block], random(3*block)), 3 * block, 2},
		"the end changed":           {join(old[:40*block], random(50)), 50, 2},
		"cut":                       {old[:10*block], 0, 1},
		"a page moved":              {join(old[:3*block], old[30*block:31*block], old[4*block:]), 0, 3},
		"zeros":                     {join(old[:block], make([]byte, 4*block), old[5*block:]), 0, 3},
		"nothing in common":         {random(40*block + 100), 40*block + 100, 1},
		"the same page many times":  {bytes.Repeat(old[:block], 30), 0, 30},
		"shifted by half a page":    {join(old[:100], old), 41*block - block + 200, 1},
		"empty":                     {nil, 0, 0},
		"a last page of zeros, cut": {join(old[:40*block], make([]byte, 10)), 0, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			parts := blockmap.Compare(mapOf(t, c.new), mapOf(t, old))
			got, missing := assemble(t, parts, old, c.new)
			if !bytes.Equal(got, c.new) {
				t.Error("other bytes")
			}
			if missing != c.missing || len(parts) != c.parts {
				t.Errorf("%d bytes missing in %d parts, want %d in %d", missing, len(parts), c.missing, c.parts)
			}
		})
	}
}

// Whatever two files there are, the parts make the new one.
func TestComparePropertyAnyTwoFiles(t *testing.T) {
	seed := rand.Uint64()
	g := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		pages := make([][]byte, 6) // few different pages, so that they come again
		for i := range pages {
			pages[i] = bytes.Repeat([]byte{byte(i)}, block)
		}
		file := func() (data []byte) {
			for range g.IntN(12) {
				data = append(data, pages[g.IntN(len(pages))]...)
			}
			return append(data, bytes.Repeat([]byte{byte(g.IntN(3))}, g.IntN(3))...)
		}
		old, want := file(), file()
		got, _ := assemble(t, blockmap.Compare(mapOf(t, want), mapOf(t, old)), old, want)
		if !bytes.Equal(got, want) {
			t.Fatalf("seed %d: other bytes", seed)
		}
	}
}

// Whatever is in two maps, the parts cover the new file in order, and what they want of the old one is in it.
func FuzzCompare(f *testing.F) {
	good := func(data []byte) []byte {
		b := blockmap.NewBuilder(block)
		b.Write(data)
		return b.Bytes()
	}
	file := bytes.Repeat([]byte("0123456789abcdef"), 2*block/16)
	f.Add(good(file), good(append([]byte{1}, file...)), int64(len(file)), int64(len(file)+1))
	f.Add(good(nil), good(file), int64(0), int64(len(file)))
	f.Add(good(make([]byte, 3*block)), good(make([]byte, 100)), int64(3*block), int64(100))
	f.Fuzz(func(t *testing.T, newMap, oldMap []byte, newSize, oldSize int64) {
		want, err := blockmap.Parse(newMap, newSize)
		if err != nil {
			return
		}
		have, err := blockmap.Parse(oldMap, oldSize)
		if err != nil {
			return
		}
		var at int64
		for _, p := range blockmap.Compare(want, have) {
			if p.At != at || p.Len <= 0 || p.From < blockmap.Zeros || p.From >= 0 && p.From+p.Len > oldSize {
				t.Fatalf("part %+v at %d of files of %d and %d bytes", p, at, newSize, oldSize)
			}
			at += p.Len
		}
		if at != newSize {
			t.Fatalf("the parts are %d bytes of %d", at, newSize)
		}
	})
}
