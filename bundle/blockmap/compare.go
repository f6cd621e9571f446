package blockmap

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Where the bytes of a [Part] come from, if not from an offset of the old file.
const (
	Missing int64 = -1 // nowhere: they must be fetched
	Zeros   int64 = -2
)

// Part is a run of bytes of a new file.
type Part struct {
	At, Len int64
	From    int64 // offset in the old file, [Missing] or [Zeros]
}

// Compare finds the blocks of a new file in an old one, at the same place or elsewhere. The parts cover the new file in
// ascending order; neighbours that can be copied in one go are one part. What the maps say is a hint: two blocks with
// the same entry are the same with all probability that hashes give, and no more.
func Compare(want, have *Map) []Part {
	c := &comparison{want: want, have: have}
	moved := c.findMoved()
	for i := range want.Blocks() {
		e := want.Entry(i)
		switch {
		case e == [EntrySize]byte{}:
			c.add(i, Zeros)
		case c.same(i, i):
			c.add(i, int64(i)*int64(want.BlockSize))
		case moved[i] >= 0:
			c.add(i, int64(moved[i])*int64(want.BlockSize))
		default:
			c.add(i, Missing)
		}
	}
	return c.parts
}

type comparison struct {
	want, have *Map
	parts      []Part
}

// same reports whether block i of the new file is block k of the old one.
func (c *comparison) same(i, k int) bool {
	return c.want.BlockSize == c.have.BlockSize && k < c.have.Blocks() && c.want.length(i) == c.have.length(k) &&
		c.want.Entry(i) == c.have.Entry(k)
}

// findMoved tells for each block that is not in its place where else in the old file it is, or -1. Only such blocks are
// looked for, so that the time follows the difference and not the file.
func (c *comparison) findMoved() []int32 {
	type wanted struct {
		key   uint64 // of the entry
		block int32
	}
	var list []wanted
	moved := make([]int32, c.want.Blocks())
	for i := range moved {
		moved[i] = -1
		if e := c.want.Entry(i); e != [EntrySize]byte{} && !c.same(i, i) {
			list = append(list, wanted{binary.LittleEndian.Uint64(e[:]), int32(i)})
		}
	}
	slices.SortFunc(list, func(a, b wanted) int { return cmp.Compare(a.key, b.key) })
	for k := range c.have.Blocks() {
		e := c.have.Entry(k)
		key := binary.LittleEndian.Uint64(e[:])
		at, found := slices.BinarySearchFunc(list, key, func(w wanted, key uint64) int { return cmp.Compare(w.key, key) })
		if !found || moved[list[at].block] >= 0 { // the same page again
			continue
		}
		for ; at < len(list) && list[at].key == key; at++ {
			if c.same(int(list[at].block), k) {
				moved[list[at].block] = int32(k)
			}
		}
	}
	return moved
}

// add appends a block to the parts.
func (c *comparison) add(i int, from int64) {
	at, n := int64(i)*int64(c.want.BlockSize), c.want.length(i)
	if k := len(c.parts) - 1; k >= 0 {
		last := &c.parts[k]
		if from < 0 && last.From == from || from >= 0 && last.From >= 0 && last.From+last.Len == from {
			last.Len += n
			return
		}
	}
	c.parts = append(c.parts, Part{at, n, from})
}

// length is the number of bytes in block i.
func (m *Map) length(i int) int64 {
	return min(int64(m.BlockSize), m.FileSize-int64(i)*int64(m.BlockSize))
}
