package wire

import (
	"math"
	"math/bits"
)

// Number is the exact value ±Mantissa × 10^Exponent. Trailing zeros of the mantissa are kept as they were written.
type Number struct {
	Negative bool
	Mantissa uint64
	Exponent int
}

// Int gives an integer, or a decimal that is integral. What does not fit an int64, or has a fraction, is a
// [RangeError]; nothing is rounded.
func (it Item) Int() (int64, error) {
	n, err := it.Number()
	if err != nil {
		if _, ok := err.(*TypeError); ok {
			return 0, &TypeError{it.Type, "an integer"}
		}
		return 0, err
	}
	return n.Scaled(0)
}

// Number gives an integer or a decimal exactly. Doubles are no decimals: see [Item.Float].
func (it Item) Number() (Number, error) {
	data, n := it.Data, Number{}
	switch it.Type {
	case Positive, Negative:
	case Decimal, NegativeDecimal:
		if len(data) == 0 {
			return Number{}, &PayloadError{it.Type, 0}
		}
		n.Exponent = int(int8(data[0]))
		data = data[1:]
	default:
		return Number{}, &TypeError{it.Type, "a number"}
	}
	if len(data) > 8 {
		return Number{}, &PayloadError{it.Type, len(it.Data)}
	}
	for i, b := range data {
		n.Mantissa |= uint64(b) << (8 * i)
	}
	if it.Type == Positive || it.Type == Decimal {
		return n, nil
	}
	// Two's complement with the sign bytes cut off: value = bytes - 256^len.
	if len(data) == 8 && n.Mantissa == 0 {
		return Number{}, &RangeError{"-18446744073709551616", "a mantissa of 64 bits"}
	}
	n.Negative = true
	if len(data) < 8 {
		n.Mantissa = 1<<(8*len(data)) - n.Mantissa
	} else {
		n.Mantissa = -n.Mantissa
	}
	return n, nil
}

// AppendInt appends an integer.
func AppendInt(dst []byte, v int64) []byte {
	t, magnitude := Positive, uint64(v)
	if v < 0 {
		t, magnitude = Negative, uint64(^v)
	}
	n := (bits.Len64(magnitude) + 7) / 8
	return appendLow(append(dst, byte(n+2), byte(t)), uint64(v), n)
}

// AppendNumber appends a decimal. The mantissa must fit a signed 64-bit integer and the exponent a signed byte;
// otherwise nothing is appended and the second result is false. Such a number is to be sent as text.
func AppendNumber(dst []byte, n Number) ([]byte, bool) {
	limit := uint64(math.MaxInt64)
	if n.Negative {
		limit++
	}
	if n.Mantissa > limit || n.Exponent != int(int8(n.Exponent)) {
		return dst, false
	}
	t, magnitude, value := Decimal, n.Mantissa, n.Mantissa
	if n.Negative && n.Mantissa > 0 {
		t, magnitude, value = NegativeDecimal, n.Mantissa-1, -n.Mantissa
	}
	size := (bits.Len64(magnitude) + 7) / 8
	return appendLow(append(dst, byte(size+3), byte(t), byte(int8(n.Exponent))), value, size), true
}

// appendLow appends the n low bytes of v, the lowest first.
func appendLow(dst []byte, v uint64, n int) []byte {
	for range n {
		dst = append(dst, byte(v))
		v >>= 8
	}
	return dst
}
