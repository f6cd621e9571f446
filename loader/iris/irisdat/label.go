package irisdat

import (
	"bytes"
	"encoding/binary"
)

// Fields of the label, which begins the first block.
const (
	atDirectoryBlock = 0x40c // number of the block with the global directory, always 3
	atFlags          = 0x420
	atCollation      = 0x438
	atFirstMap       = 0x44c // number of the first map, always 2
	atBlocks         = 0x458 // and once more behind it
	atMark           = 0x5f4
	atDirectory      = 0x5fc // length in two bytes, then the name
	atResource       = 0x700
	labelSize        = 0x800 // of the part that has fields

	directoryBlock, firstMap = 3, 2
	flagIRIS                 = 0x10 // in the highest byte of the flags
)

// mark is in every label, of IRIS too.
const mark = "Cache DB"

// blockSizes that a database can have: the parameter DBSizesAllowed of the CPF.
var blockSizes = []int{8192, 16384, 32768, 65536}

// label is the first part of a file.
type label []byte

// marked reports whether it is one: nothing for a KiB, and then the mark in its place.
func (l label) marked() bool {
	return bytes.Equal(l[:0x400], make([]byte, 0x400)) && string(l[atMark:atMark+len(mark)]) == mark
}

// order is found by two numbers that are the same in every database.
func (l label) order() Order {
	for _, o := range []Order{LittleEndian, BigEndian} {
		read := o.byteOrder().Uint32
		if read(l[atDirectoryBlock:]) == directoryBlock && read(l[atFirstMap:]) == firstMap {
			return o
		}
	}
	return ""
}

func (l label) describe(d *Database) {
	d.Order = l.order()
	if d.Order == "" {
		return
	}
	order := d.Order.byteOrder()
	d.Blocks = int64(order.Uint32(l[atBlocks:]))
	d.Collation = int(order.Uint32(l[atCollation:]))
	d.Directory = text(order, l[atDirectory:atResource])
	d.Resource = text(order, l[atResource:])
	switch flags := order.Uint32(l[atFlags:]) >> 24; {
	case flags&flagIRIS != 0:
		d.Family = IRIS
	case flags == 0:
		d.Family = Cache
	}
}

// blockSize is the one with which the label's number of blocks makes the file, 0 if there is none. It serves where the
// blocks cannot be read.
func (l label) blockSize(size int64) int {
	blocks := int64(l.order().byteOrder().Uint32(l[atBlocks:]))
	for _, bs := range blockSizes {
		if blocks*int64(bs) == size {
			return bs
		}
	}
	return 0
}

// text is a field with its length in front. One whose length cannot be is empty.
func text(order binary.ByteOrder, field []byte) string {
	n := int(order.Uint16(field))
	if n > len(field)-2 {
		return ""
	}
	return string(field[2 : 2+n])
}
