package cache

import (
	"encoding/binary"
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

// trimJournal removes what is left of a record that a full disk cut, so that the next one is read where it is. The
// others stay as they are: a process that is killed now must not lose what earlier ones brought.
func trimJournal(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Size()%recordSize == 0 {
		return err
	}
	return f.Truncate(info.Size() / recordSize * recordSize)
}
