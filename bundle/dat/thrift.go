package dat

import (
	"encoding/binary"
	"math"
)

// The compact protocol of Apache Thrift, as far as Parquet's metadata needs it
// (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md). The decoder reads from memory,
// allocates nothing by a declared size and bounds its recursion.

const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12

	thriftDepth = 16 // Parquet's metadata nests 7 deep
)

// thriftWriter appends one struct. Fields must come in ascending order of id.
type thriftWriter struct {
	b    []byte
	last []int // id of the last field, for each open struct
}

func (w *thriftWriter) begin() { w.last = append(w.last, 0) }

func (w *thriftWriter) end() {
	w.b = append(w.b, 0)
	w.last = w.last[:len(w.last)-1]
}

func (w *thriftWriter) field(id, typ int) {
	top := &w.last[len(w.last)-1]
	if delta := id - *top; delta <= 15 {
		w.b = append(w.b, byte(delta<<4|typ))
	} else {
		w.b = binary.AppendVarint(append(w.b, byte(typ)), int64(id))
	}
	*top = id
}

func (w *thriftWriter) i32(id, v int) {
	w.field(id, thriftI32)
	w.b = binary.AppendVarint(w.b, int64(v))
}

func (w *thriftWriter) i64(id int, v int64) {
	w.field(id, thriftI64)
	w.b = binary.AppendVarint(w.b, v)
}

func (w *thriftWriter) bool(id int, v bool) {
	if v {
		w.field(id, thriftTrue)
	} else {
		w.field(id, thriftFalse)
	}
}

func (w *thriftWriter) text(id int, s string) {
	w.field(id, thriftBinary)
	w.raw(s)
}

func (w *thriftWriter) raw(s string) {
	w.b = append(binary.AppendUvarint(w.b, uint64(len(s))), s...)
}

func (w *thriftWriter) list(id, elem, n int) {
	w.field(id, thriftList)
	if n < 15 {
		w.b = append(w.b, byte(n<<4|elem))
	} else {
		w.b = binary.AppendUvarint(append(w.b, byte(0xf0|elem)), uint64(n))
	}
}

func (w *thriftWriter) structure(id int, fields func()) {
	w.field(id, thriftStruct)
	w.element(fields)
}

// element writes a struct that is an item of a list.
func (w *thriftWriter) element(fields func()) {
	w.begin()
	fields()
	w.end()
}

// thriftReader reads structs from memory. The first violation is kept in err and ends all loops.
type thriftReader struct {
	b     []byte
	err   error
	depth int
}

// fields calls fn for each field of a struct with its id and type. fn returns whether it read the value.
func (r *thriftReader) fields(fn func(id, typ int) bool) {
	if r.depth++; r.depth > thriftDepth {
		r.fail("metadata nested deeper than %d", thriftDepth)
	}
	for id := 0; r.err == nil; {
		head := r.byte()
		if head == 0 {
			break
		}
		if delta := int(head >> 4); delta != 0 {
			id += delta
		} else {
			id = int(r.varint())
		}
		if typ := int(head & 15); r.err == nil && !fn(id, typ) {
			r.skip(typ)
		}
	}
	r.depth--
}

// list reads a list's head and calls fn for each item.
func (r *thriftReader) list(fn func(i, elem int)) {
	head := r.byte()
	n := uint64(head >> 4)
	if n == 15 {
		n = r.uvarint()
	}
	// The smallest item takes a byte, so a longer list is a lie.
	if n > uint64(len(r.b)) {
		r.fail("metadata with a list of %d items in %d bytes", n, len(r.b))
	}
	for i := 0; i < int(n) && r.err == nil; i++ {
		fn(i, int(head&15))
	}
}

func (r *thriftReader) skip(typ int) {
	switch typ {
	case thriftTrue, thriftFalse:
	case thriftByte:
		r.byte()
	case thriftI16, thriftI32, thriftI64:
		r.uvarint()
	case thriftDouble:
		r.take(8)
	case thriftBinary:
		r.bytes()
	case thriftStruct:
		r.fields(func(int, int) bool { return false })
	case thriftList, thriftSet:
		if r.depth++; r.depth > thriftDepth {
			r.fail("metadata nested deeper than %d", thriftDepth)
		}
		r.list(func(_, elem int) { r.skipItem(elem) })
		r.depth--
	default: // a map: no field of Parquet is one
		r.fail("metadata with an unknown type %d", typ)
	}
}

// skipItem differs from skip in that a boolean in a list takes a byte.
func (r *thriftReader) skipItem(typ int) {
	if typ == thriftTrue || typ == thriftFalse {
		r.byte()
		return
	}
	r.skip(typ)
}

func (r *thriftReader) int(typ int) int64 {
	if typ != thriftI16 && typ != thriftI32 && typ != thriftI64 {
		r.fail("metadata with type %d for a number", typ)
		return 0
	}
	return r.varint()
}

// i32 reads a number that must fit into 32 bits.
func (r *thriftReader) i32(typ int) int {
	n := r.int(typ)
	if n < math.MinInt32 || n > math.MaxInt32 {
		r.fail("metadata with %d for a 32-bit number", n)
		return 0
	}
	return int(n)
}

func (r *thriftReader) text(typ int) string {
	if typ != thriftBinary {
		r.fail("metadata with type %d for a text", typ)
		return ""
	}
	return string(r.bytes())
}

func (r *thriftReader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail("metadata with a text of %d bytes in %d", n, len(r.b))
		return nil
	}
	return r.take(int(n))
}

func (r *thriftReader) take(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n > len(r.b) {
		r.fail("metadata that ends too early")
		return nil
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func (r *thriftReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *thriftReader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (r *thriftReader) uvarint() uint64 {
	if r.err != nil {
		return 0
	}
	u, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("metadata that ends in a number")
		return 0
	}
	r.b = r.b[n:]
	return u
}

func (r *thriftReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = corrupt(format, args...)
	}
}
