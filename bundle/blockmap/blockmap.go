// Package blockmap builds and reads block maps: for each fixed-size block of a large file a short hash, so that a
// reader who has another version of the file can tell which blocks differ and fetch only those.
//
// A map is a header (the magic [Magic], the block size as 32 bits, the file's size as 64 bits, both little-endian) and
// for each block the first [EntrySize] bytes of its SHA-256. The last block is hashed as it is, unpadded. A block of
// zeros has an entry of zeros. A map is a hint: what is assembled with its help counts only once the digest of the whole
// file matches.
package blockmap

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/irisfix/irisfix/internal/parallel"
)

const (
	Magic      = "IRFXBM01"
	EntrySize  = 16 // bytes of SHA-256 kept: enough for a hint that is verified
	HeaderSize = len(Magic) + 4 + 8

	// MinFile is the smallest file that gets a map. Below it a second request costs more than the bytes.
	MinFile = 4 << 20
)

// ErrMalformed is matched by errors about a map that cannot be read.
var ErrMalformed = errors.New("malformed block map")

// BlockSize returns the size of the blocks of a file: the page of an IRIS database, or eight of them for files above
// 16 GiB, whose map would otherwise grow beyond 32 MiB.
func BlockSize(file int64) int {
	if file > 16<<30 {
		return 64 << 10
	}
	return 8 << 10
}

// Size returns the length of the map of a file, in bytes.
func Size(file int64) int64 {
	block := int64(BlockSize(file))
	return int64(HeaderSize) + (file+block-1)/block*EntrySize
}

// Builder makes the map of a file that is written to it from beginning to end. It is not safe for concurrent use.
type Builder struct {
	out     []byte
	block   int
	partial []byte
	written int64
}

// NewBuilder begins a map with blocks of the given size, see [BlockSize].
func NewBuilder(block int) *Builder {
	return &Builder{block: block, out: make([]byte, HeaderSize)}
}

// Write takes the next bytes of the file. It never fails.
func (b *Builder) Write(p []byte) (int, error) {
	n := len(p)
	b.written += int64(n)
	if len(b.partial) > 0 {
		k := min(b.block-len(b.partial), len(p))
		b.partial, p = append(b.partial, p[:k]...), p[k:]
		if len(b.partial) < b.block {
			return n, nil
		}
		b.add(b.partial)
		b.partial = b.partial[:0]
	}
	for ; len(p) >= b.block; p = p[b.block:] {
		b.add(p[:b.block])
	}
	b.partial = append(b.partial, p...)
	return n, nil
}

func (b *Builder) add(block []byte) {
	e := Entry(block)
	b.out = append(b.out, e[:]...)
}

// Bytes ends the map and returns it. It returns nil if the file came out so large that it needs other blocks.
func (b *Builder) Bytes() []byte {
	if BlockSize(b.written) != b.block {
		return nil
	}
	if len(b.partial) > 0 {
		b.add(b.partial)
		b.partial = nil
	}
	copy(b.out, Magic)
	binary.LittleEndian.PutUint32(b.out[len(Magic):], uint32(b.block))
	binary.LittleEndian.PutUint64(b.out[len(Magic)+4:], uint64(b.written))
	return b.out
}

// Of returns the map of a file that is at hand, computed by several workers. It stops with the context.
func Of(ctx context.Context, r io.ReaderAt, size int64, workers int) (*Map, error) {
	m := &Map{FileSize: size, BlockSize: BlockSize(size)}
	m.entries = make([]byte, Size(size)-int64(HeaderSize))
	const run = 128 // blocks that are read at once
	runs := (m.Blocks() + run - 1) / run
	buffers := sync.Pool{New: func() any { b := make([]byte, run*m.BlockSize); return &b }}
	err := parallel.ForEach(ctx, workers, runs, func(_ context.Context, i int) error {
		buf := buffers.Get().(*[]byte)
		defer buffers.Put(buf)
		at := int64(i) * int64(len(*buf))
		data := (*buf)[:min(int64(len(*buf)), size-at)]
		if n, err := r.ReadAt(data, at); n < len(data) {
			return err
		}
		for k := i * run; len(data) > 0; k++ {
			n := min(m.BlockSize, len(data))
			e := Entry(data[:n])
			copy(m.entries[k*EntrySize:], e[:])
			data = data[n:]
		}
		return nil
	})
	return m, err
}

// zeros is compared with, since looking is much faster than hashing.
var zeros [64 << 10]byte

// Entry returns the entry of a block.
func Entry(block []byte) (e [EntrySize]byte) {
	if bytes.Equal(block, zeros[:len(block)]) {
		return e
	}
	sum := sha256.Sum256(block)
	copy(e[:], sum[:])
	return e
}

// Map is a block map that was read.
type Map struct {
	FileSize  int64
	BlockSize int
	entries   []byte
}

// Parse reads the map of a file whose size is known from elsewhere. It keeps data.
func Parse(data []byte, file int64) (*Map, error) {
	if len(data) < HeaderSize || string(data[:len(Magic)]) != Magic {
		return nil, fmt.Errorf("no header: %w", ErrMalformed)
	}
	m := &Map{
		BlockSize: int(binary.LittleEndian.Uint32(data[len(Magic):])),
		FileSize:  int64(binary.LittleEndian.Uint64(data[len(Magic)+4:])),
		entries:   data[HeaderSize:],
	}
	if m.FileSize != file || m.BlockSize != BlockSize(file) || int64(len(data)) != Size(file) {
		return nil, fmt.Errorf("%d bytes, blocks of %d, for a file of %d bytes, not of %d: %w",
			len(data), m.BlockSize, m.FileSize, file, ErrMalformed)
	}
	return m, nil
}

// Blocks is the number of blocks.
func (m *Map) Blocks() int { return len(m.entries) / EntrySize }

// Entry returns the entry of block i.
func (m *Map) Entry(i int) (e [EntrySize]byte) {
	copy(e[:], m.entries[i*EntrySize:])
	return e
}
