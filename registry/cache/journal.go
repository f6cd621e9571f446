package cache

import (
	"bufio"
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

	// maxSpans limits what is kept of a journal. A blob is fetched in a few thousand pieces at most, however large.
	maxSpans = 1 << 16
)

// readJournal returns the spans that a journal tells of. One that cannot be right tells of none.
func readJournal(f *os.File, size int64) (spans, error) {
	r := bufio.NewReaderSize(f, bufferSize)
	var have spans
	for {
		var record [recordSize]byte
		if _, err := io.ReadFull(r, record[:]); err == io.EOF || err == io.ErrUnexpectedEOF {
			return have, nil
		} else if err != nil {
			return nil, err
		}
		start, n := binary.LittleEndian.Uint64(record[:]), binary.LittleEndian.Uint64(record[8:])
		if n == 0 || start > uint64(size) || n > uint64(size)-start || len(have) > maxSpans {
			return nil, nil
		}
		have.add(Span{int64(start), int64(start + n)})
	}
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
