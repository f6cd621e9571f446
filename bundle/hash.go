package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"sync"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/parallel"
)

// chunks are the buffers that files are read through.
var chunks = sync.Pool{New: func() any { b := make([]byte, 1<<20); return &b }}

// sum reads r to its end and returns its SHA-256 in hex, its length, and its block map if a size is given that it
// is expected to have. Both hashes work on the same chunk at once, so that the second costs no time where a core is
// free.
func sum(ctx context.Context, r io.Reader, mapSize int64, progress func(int64)) (hexSum string, n int64, blocks []byte, err error) {
	buf := chunks.Get().(*[]byte)
	defer chunks.Put(buf)
	whole := sha256.New()
	var builder *blockmap.Builder
	if mapSize >= 0 {
		builder = blockmap.NewBuilder(mapSize)
	}
	for {
		k, readErr := io.ReadFull(r, *buf)
		chunk := (*buf)[:k]
		g, _ := parallel.NewGroup(ctx)
		if builder != nil {
			g.Go(func() error { _, err := builder.Write(chunk); return err })
		}
		whole.Write(chunk)
		if err := g.Wait(); err != nil {
			return "", 0, nil, err
		}
		n += int64(k)
		progress(int64(k))
		if readErr == io.EOF || readErr == io.ErrUnexpectedEOF {
			break
		} else if readErr != nil {
			return "", 0, nil, readErr
		}
		if err := context.Cause(ctx); err != nil {
			return "", 0, nil, err
		}
	}
	if builder != nil && n == mapSize {
		if blocks, err = builder.Bytes(); err != nil {
			return "", 0, nil, err
		}
	}
	return hex.EncodeToString(whole.Sum(nil)), n, blocks, nil
}
