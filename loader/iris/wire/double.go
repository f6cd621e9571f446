package wire

import (
	"encoding/binary"
	"math"
)

// Float gives a double, in any of its forms. It is exact, a NaN keeps its bits.
func (it Item) Float() (float64, error) {
	n := len(it.Data)
	switch {
	case it.Type != Double && it.Type != CompactDouble:
		return 0, &TypeError{it.Type, "a double"}
	case n == 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(it.Data)), nil
	case n > 8 || it.Type == Double && n > 4:
		return 0, &PayloadError{it.Type, n}
	}
	width := 8
	if it.Type == Double {
		width = 4
	}
	var v uint64
	for i, b := range it.Data {
		v |= uint64(b) << (8 * (width - n + i))
	}
	if width == 8 {
		return math.Float64frombits(v), nil
	}
	return widen(uint32(v)), nil
}

// widen is float64(float32) that leaves the bits of a NaN alone: the processor would set its quiet bit.
func widen(v uint32) float64 {
	f := math.Float32frombits(v)
	if f == f {
		return float64(f)
	}
	return math.Float64frombits(uint64(v>>31)<<63 | 0x7FF<<52 | uint64(v&0x7FFFFF)<<29)
}

// AppendDouble appends a double in its plain form of 8 bytes, which every server accepts.
func AppendDouble(dst []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, 10, byte(Double)), math.Float64bits(f))
}

// AppendCompactDouble appends a double in the fewest bytes: 32 bits if they hold the value exactly, else 64, without
// the low zero bytes. Only where the handshake granted it ([HandshakeReply]).
func AppendCompactDouble(dst []byte, f float64) []byte {
	t, width, v := CompactDouble, 8, math.Float64bits(f)
	if single := float32(f); float64(single) == f {
		t, width, v = Double, 4, uint64(math.Float32bits(single))
	}
	for ; width > 0 && v&0xFF == 0; width-- {
		v >>= 8
	}
	return appendLow(append(dst, byte(width+2), byte(t)), v, width)
}
