package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"sync"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/internal/stamp"
)

// Hasher is a writer that learns the facts of a file while it is written or read: its digest and, if it is large
// enough to have one, its block map. It is not safe for concurrent use.
type Hasher struct {
	whole  hash.Hash
	blocks *blockmap.Builder // nil: no map is wanted
	size   int64
}

// NewHasher returns a hasher for a file of unknown size.
func NewHasher() *Hasher {
	return &Hasher{sha256.New(), blockmap.NewBuilder(blockmap.BlockSize(0)), 0}
}

// Write takes the next bytes. Both hashes work on them at once, so that the second costs no time where a core is free.
// It never fails.
func (h *Hasher) Write(p []byte) (int, error) {
	h.size += int64(len(p))
	if h.blocks == nil || len(p) < 64<<10 { // too little for a goroutine
		if h.blocks != nil {
			h.blocks.Write(p)
		}
		return h.whole.Write(p)
	}
	g, _ := parallel.NewGroup(context.Background())
	g.Go(func() error { _, err := h.blocks.Write(p); return err })
	h.whole.Write(p)
	return len(p), g.Wait()
}

// Sum ends the hashing. The block map itself is nil where there is none.
func (h *Hasher) Sum() (facts stamp.Facts, size int64, blocks []byte) {
	facts.SHA256 = hex.EncodeToString(h.whole.Sum(nil))
	if h.blocks != nil && h.size >= blockmap.MinFile {
		if blocks = h.blocks.Bytes(); blocks != nil {
			facts.BlockMap = digest.FromBytes(blocks).String()
		}
	}
	return facts, h.size, blocks
}

// chunks are the buffers that files are read through.
var chunks = sync.Pool{New: func() any { b := make([]byte, 1<<20); return &b }}

// hashAll reads r to its end.
func (h *Hasher) hashAll(ctx context.Context, r io.Reader, progress func(int64)) error {
	buf := chunks.Get().(*[]byte)
	defer chunks.Put(buf)
	for {
		n, err := io.ReadFull(r, *buf)
		if _, err := h.Write((*buf)[:n]); err != nil {
			return err
		}
		progress(int64(n))
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
}
