// Package irisdat tells from its first pages what a database file of InterSystems IRIS is: byte order, block size,
// size, encryption, and what its label says of where it came from.
//
// The vendor does not publish the format. What is known of it was read from files of 1 MiB with blocks of 8 KiB, written
// by Caché, GlobalsDB and IRIS up to 2020.4 on Windows and Linux, all little-endian and unencrypted. Other block sizes,
// big-endian files and encrypted ones follow from that and from what the vendor's manuals say of them; none was seen.
// So there are three answers: a database whose blocks are as expected, none at all, and one that is not understood.
package irisdat

import (
	"encoding/binary"
	"errors"
	"io"
)

// Order is the order of bytes in a number, which is that of the platform. The vendor's cvendian converts one into the
// other.
type Order string

// Orders. A big-endian file has not been seen.
const (
	LittleEndian Order = "little-endian"
	BigEndian    Order = "big-endian"
)

// Family is the product that wrote a file, as far as one flag of the label tells. There is no version in the file.
type Family string

// Families.
const (
	IRIS  Family = "IRIS"
	Cache Family = "Caché" // or GlobalsDB, or Ensemble
)

// Encryption is what can be seen of it.
type Encryption string

const (
	// Plain blocks can be read.
	Plain Encryption = "not encrypted"
	// Scrambled blocks look like random bytes behind a label that can be read. That is how the vendor describes a
	// database that is encrypted: all of it "except for the single label block" (Security Administration Guide, Managed
	// Key Encryption). It is an inference; no flag for it is known.
	Scrambled Encryption = "encrypted"
	// Illegible blocks are neither. The file may be damaged, or of a generation that is not known.
	Illegible Encryption = ""
)

// Database is what the first pages of a file say. What is zero could not be told.
type Database struct {
	Size       int64 // of the file in bytes
	Order      Order
	BlockSize  int   // in bytes: 8192, 16384, 32768 or 65536
	Blocks     int64 // as the label counts them
	Family     Family
	Encryption Encryption
	Directory  string // where it was when it was last mounted, in the spelling of its platform
	Resource   string // that protects it, such as %DB_%DEFAULT
	Collation  int    // of new globals: 5 is the standard
}

// NotDatabaseError reports a file that has no label of a database.
type NotDatabaseError struct{ Reason string }

func (e *NotDatabaseError) Error() string { return "not a database file: " + e.Reason }

// SizeError reports a file that is shorter or longer than its label says. It may have been cut, or copied while a server
// made it larger.
type SizeError struct {
	Have, Want int64 // bytes
}

func (e *SizeError) Error() string {
	if e.Have < e.Want {
		return "the file is shorter than its label says"
	}
	return "the file is longer than its label says"
}

// Read reads the label of a database and the heads of the blocks behind it, less than 16 KiB whatever the size of the
// file. The error is a [*NotDatabaseError], a [*SizeError] together with what the label says, or one of reading.
func Read(r io.ReaderAt, size int64) (*Database, error) {
	if size < labelSize {
		return nil, &NotDatabaseError{"too short for a label"}
	}
	l := make(label, labelSize)
	if _, err := r.ReadAt(l, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !l.marked() {
		return nil, &NotDatabaseError{"no label at its beginning"}
	}
	d := &Database{Size: size}
	l.describe(d)
	if d.Order == "" {
		return d, nil
	}
	pages := &pages{r: r, size: size}
	d.BlockSize = pages.blockSize()
	switch {
	case d.BlockSize != 0:
		d.Encryption = Plain
	default:
		d.BlockSize = l.blockSize(size)
		if pages.random(d.BlockSize) {
			d.Encryption = Scrambled
		}
	}
	if pages.err != nil {
		return nil, pages.err
	}
	if want := d.Blocks * int64(d.BlockSize); want != size && d.BlockSize != 0 {
		return d, &SizeError{size, want}
	}
	return d, nil
}

// byteOrder reads numbers in an order.
func (o Order) byteOrder() binary.ByteOrder {
	if o == BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}
