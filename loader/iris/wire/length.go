package wire

import (
	"encoding/binary"
	"math"
)

// Form is one of the three ways to write the length of an item. Writers use the shortest that fits, readers accept all
// of them.
type Form int

// The forms. Each holds lengths that would fit the form before it, too.
const (
	Short  Form = iota // one byte: payloads of 0 to 253 bytes
	Medium             // 00 and 16 bits: 0 to 65,534
	Long               // 00 00 00 and 32 bits: 0 to 4,294,967,294
)

// The longest payloads of the forms. A short length counts itself and the type, the others count the type.
const (
	maxShort  = 0xFF - 2
	maxMedium = 0xFFFF - 1
)

// AppendItem appends an item in the shortest form. An item of type [Undefined] is the single byte 01; what else it
// holds is ignored.
func AppendItem(dst []byte, it Item) []byte { return AppendItemForm(dst, it, Short) }

// AppendItemForm appends an item in the given form, or in the next that is long enough for it.
func AppendItemForm(dst []byte, it Item, f Form) []byte {
	if it.Type == Undefined {
		return AppendUndefined(dst)
	}
	t := byte(it.Type)
	if it.ByRef {
		t += byRef
	}
	return append(appendForm(dst, t, len(it.Data), f), it.Data...)
}

// appendHead appends length and type of a payload of n bytes in the shortest form.
func appendHead(dst []byte, t byte, n int) []byte { return appendForm(dst, t, n, Short) }

func appendForm(dst []byte, t byte, n int, f Form) []byte {
	switch {
	case n <= maxShort && f == Short:
		return append(dst, byte(n+2), t)
	case n <= maxMedium && f <= Medium:
		return append(dst, 0, byte(n+1), byte((n+1)>>8), t)
	}
	dst = binary.LittleEndian.AppendUint32(append(dst, 0, 0, 0), length32(n+1))
	return append(dst, t)
}

// lengthOf reads the length field at the start of b, which is not empty: the size of the field, and the bytes of type
// and payload after it. Without enough bytes for the field itself, field is what it needs and more than b has.
func lengthOf(b []byte) (field int, n uint64) {
	switch {
	case b[0] != 0:
		return 1, uint64(b[0]) - 1
	case len(b) < 3:
		return 3, 0
	case b[1] != 0 || b[2] != 0:
		return 3, uint64(binary.LittleEndian.Uint16(b[1:]))
	case len(b) < 7:
		return 7, 0
	}
	return 7, uint64(binary.LittleEndian.Uint32(b[3:]))
}

// length32 is for lengths that fit 32 bits because callers bound what they send. One that does not would break every
// message behind it, so it goes no further.
func length32(n int) uint32 {
	if uint64(n) > math.MaxUint32 {
		panic("wire: length above 4 GiB")
	}
	return uint32(n)
}
