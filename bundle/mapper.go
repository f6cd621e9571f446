package bundle

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/parallel"
)

// mapper builds the block map of a file while it is read, a chunk at a time beside the reader, who has a hash of its own to
// compute. It may be closed while it is read, as HTTP clients do, and more than once.
type mapper struct {
	size    int64
	learned func(blocks []byte) // called when all was read

	mu      sync.Mutex
	file    io.ReadCloser // nil: closed
	blocks  *blockmap.Builder
	chunk   *[]byte
	rest    []byte // of the chunk: what was not given away yet
	read    int64
	hashing *parallel.Group // the chunk; nil: nothing
}

func newMapper(file io.ReadCloser, size int64, learned func([]byte)) *mapper {
	return &mapper{size: size, learned: learned, file: file, chunk: chunks.Get().(*[]byte),
		blocks: blockmap.NewBuilder(blockmap.BlockSize(size))}
}

func (m *mapper) Read(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.file == nil {
		return 0, fs.ErrClosed
	}
	if len(m.rest) == 0 {
		if err := m.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	if len(m.rest) > 0 || m.read != m.size {
		return n, nil
	}
	if err := m.settle(); err != nil {
		return 0, err
	}
	if blocks := m.blocks.Bytes(); blocks != nil {
		m.learned(blocks)
	}
	return n, nil
}

// fill reads the next chunk.
func (m *mapper) fill() error {
	if err := m.settle(); err != nil {
		return err
	}
	n, err := io.ReadFull(m.file, *m.chunk)
	if n == 0 {
		return err
	}
	m.rest, m.read = (*m.chunk)[:n], m.read+int64(n)
	data := m.rest
	m.hashing, _ = parallel.NewGroup(context.Background())
	m.hashing.Go(func() error { _, err := m.blocks.Write(data); return err })
	return nil
}

// settle waits until the chunk is in the map.
func (m *mapper) settle() error {
	if m.hashing == nil {
		return nil
	}
	defer func() { m.hashing = nil }()
	return m.hashing.Wait()
}

func (m *mapper) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.file == nil {
		return nil
	}
	err := errors.Join(m.settle(), m.file.Close())
	chunks.Put(m.chunk)
	m.file, m.chunk = nil, nil
	return err
}
