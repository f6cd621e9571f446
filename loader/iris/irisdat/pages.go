package irisdat

import (
	"errors"
	"io"
)

// The second block is a map of free blocks, the third the directory of globals.
const (
	mapMark       = "CacheMapm"
	atMapMark     = 0x20
	sampleSize    = 4096
	farthestBlock = 65536 // no label is longer
)

// pages reads what is behind the label. The first error of reading stays.
type pages struct {
	r    io.ReaderAt
	size int64
	err  error
}

// at reads n bytes, or fewer at the end of the file.
func (p *pages) at(offset int64, n int) []byte {
	if p.err != nil || offset >= p.size {
		return nil
	}
	b := make([]byte, min(int64(n), p.size-offset))
	got, err := p.r.ReadAt(b, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		p.err = err
	}
	return b[:got]
}

// blockSize is the one with which the map is where it belongs, 0 if there is none.
func (p *pages) blockSize() int {
	for _, bs := range blockSizes {
		if string(p.at(int64(bs)+atMapMark, len(mapMark))) == mapMark {
			return bs
		}
	}
	return 0
}

// random reports whether the block behind the label looks like random bytes, as encrypted ones do: of 4,096 such bytes
// each of the 256 values makes 16, and more than 64 of one do not happen. Every block of a database that can be read has
// more zeros than that, unless it is full.
func (p *pages) random(blockSize int) bool {
	if blockSize == 0 {
		blockSize = farthestBlock
	}
	sample := p.at(int64(blockSize), sampleSize)
	var count [256]int
	for _, b := range sample {
		count[b]++
		if count[b] > sampleSize/64 {
			return false
		}
	}
	return len(sample) == sampleSize
}
