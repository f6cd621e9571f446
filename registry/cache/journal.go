package cache

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// A journal says which spans of an unfinished blob are on the disk: a record of two numbers for each write, its offset
// and its length, 64 bits each, little-endian. A record is appended after its bytes were written, so a process that is
// killed leaves at worst bytes that nothing tells of. What a power cut makes of the two files is found out by the
// digest.
const (
	recordSize = 16

	// maxJournal limits what is read. A blob of 1 TiB that came in pieces of 256 KiB has a journal of this size.
	maxJournal = 64 << 20
)

// readJournal returns the spans that a journal tells of. One that cannot be right tells of none.
func readJournal(f *os.File, size int64) (spans, error) {
	data, err := io.ReadAll(io.LimitReader(f, maxJournal+1))
	if err != nil || len(data) > maxJournal {
		return nil, err
	}
	var have spans
	for ; len(data) >= recordSize; data = data[recordSize:] {
		start, n := binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint64(data[8:])
		if n == 0 || start > uint64(size) || n > uint64(size)-start {
			return nil, nil
		}
		have.add(Span{int64(start), int64(start + n)})
	}
	return have, nil
}

// appendJournal adds a record with one write, so that those of several goroutines do not mix.
func appendJournal(f *os.File, s Span) error {
	var record [recordSize]byte
	binary.LittleEndian.PutUint64(record[:], uint64(s.Start))
	binary.LittleEndian.PutUint64(record[8:], uint64(s.Len()))
	_, err := f.Write(record[:])
	return err
}

// rewriteJournal makes a journal tell of exactly these spans.
func rewriteJournal(f *os.File, have spans) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	var errs error
	for _, s := range have {
		errs = errors.Join(errs, appendJournal(f, s))
	}
	return errs
}
