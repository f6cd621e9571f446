// Package irisdattest makes small database files for tests: the label, the map and the head of the directory as package
// irisdat knows them, and nothing in them. No server would mount one. It is imported by tests only.
package irisdattest

import (
	"encoding/binary"
	"math/rand/v2"
)

// Shape is what a file is to be. The zero value is one of IRIS with blocks of 8 KiB, as on Linux.
type Shape struct {
	BlockSize int // 8192 if 0
	Blocks    int // at least 3; 16 if 0
	BigEndian bool
	Encrypted bool
	Cache     bool   // written by Caché
	Directory string // "/srv/iris/test/" if empty
	Resource  string // "%DB_%DEFAULT" if empty
}

// File is a database file.
func File(s Shape) []byte {
	bs, blocks := or(s.BlockSize, 8192), or(s.Blocks, 16)
	var order binary.ByteOrder = binary.LittleEndian
	if s.BigEndian {
		order = binary.BigEndian
	}
	b := make([]byte, bs*blocks)
	for at, n := range map[int]uint32{
		0x40c: 3, 0x410: 16, 0x41c: 50, 0x420: 0x10800140, 0x428: 1, 0x438: 5, 0x44c: 2,
		0x458: uint32(blocks), 0x45c: uint32(blocks), 0x464: 1,
	} {
		order.PutUint32(b[at:], n)
	}
	if s.Cache {
		order.PutUint32(b[0x420:], 0x00800140)
	}
	copy(b[0x5f4:], "Cache DB")
	put(order, b[0x5fc:], or(s.Directory, "/srv/iris/test/"))
	put(order, b[0x700:], or(s.Resource, "%DB_%DEFAULT"))
	b[bs+4], b[2*bs+4] = 16, 9
	copy(b[bs+0x20:], "CacheMapm")
	if s.Encrypted {
		noise := rand.NewChaCha8([32]byte{1}) // the same in every run
		noise.Read(b[bs:])
	}
	return b
}

func put(order binary.ByteOrder, field []byte, text string) {
	order.PutUint16(field, uint16(len(text)))
	copy(field[2:], text)
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
