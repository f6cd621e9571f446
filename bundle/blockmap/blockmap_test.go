package blockmap_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/irisfix/irisfix/bundle/blockmap"
)

func build(t *testing.T, file []byte, step int) []byte {
	t.Helper()
	b := blockmap.NewBuilder(8192)
	for rest := file; len(rest) > 0; {
		n := min(step, len(rest))
		if _, err := b.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	return b.Bytes()
}

func TestTheMapIsWhatTheFormatSays(t *testing.T) {
	file := make([]byte, 8192+8192+100) // text, zeros, a short last block
	copy(file, "first block")
	copy(file[16384:], "last")
	got := build(t, file, len(file))
	first, last := sha256.Sum256(file[:8192]), sha256.Sum256(file[16384:])
	want := "49524658424d3031" + "00200000" + "6440000000000000" +
		hex.EncodeToString(first[:16]) + "00000000000000000000000000000000" + hex.EncodeToString(last[:16])
	if hex.EncodeToString(got) != want {
		t.Errorf("got  %x\nwant %s", got, want)
	}
	if n := blockmap.Size(int64(len(file))); n != int64(len(got)) {
		t.Errorf("Size says %d, the map has %d bytes", n, len(got))
	}
}

func TestTheMapDoesNotDependOnTheWrites(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, size := range []int{0, 1, 8191, 8192, 8193, 100_000} {
		file := make([]byte, size)
		for i := range file {
			file[i] = byte(r.Uint32())
		}
		want := build(t, file, size+1)
		for _, step := range []int{1, 7, 4096, 8192, 10_000} {
			if got := build(t, file, step); !bytes.Equal(got, want) {
				t.Errorf("%d bytes in steps of %d: another map", size, step)
			}
		}
		m, err := blockmap.Parse(want, int64(size))
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Blocks() {
			if m.Entry(i) != blockmap.Entry(file[i*8192:min(size, (i+1)*8192)]) {
				t.Errorf("%d bytes: entry %d", size, i)
			}
		}
	}
}

func TestBlocksGrowWithTheFile(t *testing.T) {
	const limit = 16 << 30
	if a, b := blockmap.BlockSize(limit), blockmap.BlockSize(limit+1); a != 8<<10 || b != 64<<10 {
		t.Errorf("%d and %d", a, b)
	}
}

func TestOtherBlocksThanTheFormatHasGiveNoMap(t *testing.T) {
	b := blockmap.NewBuilder(64 << 10)
	b.Write([]byte("small"))
	if m := b.Bytes(); m != nil {
		t.Errorf("% x", m)
	}
}

func FuzzParse(f *testing.F) {
	b := blockmap.NewBuilder(8192)
	b.Write(make([]byte, 10_000))
	good := b.Bytes()
	f.Add(good, int64(10_000))
	f.Add(good[:20], int64(0))
	f.Add(good, int64(-1))
	f.Fuzz(func(t *testing.T, data []byte, size int64) {
		m, err := blockmap.Parse(data, size)
		if err != nil {
			if !errors.Is(err, blockmap.ErrMalformed) {
				t.Error(err)
			}
			return
		}
		for i := range m.Blocks() {
			m.Entry(i)
		}
	})
}
