package dat

import (
	"bytes"
	"math/big"
)

// A DECIMAL of more than 18 digits is held in a vector as Parquet stores it: a signed big-endian integer of a fixed
// number of bytes, the value without its point.

// Decimal is an exact decimal number: a sign, digits and where the point stands.
type Decimal struct {
	Negative bool
	Digits   []byte // '0' to '9', no leading zero; empty for zero
	Scale    int    // digits after the point, >= 0
}

// ParseDecimal reads -12.50 and the like: an optional minus, digits, an optional point with digits. There is no
// exponent, no plus and no blank.
func ParseDecimal(s []byte) (d Decimal, ok bool) {
	if len(s) > 0 && s[0] == '-' {
		d.Negative, s = true, s[1:]
	}
	whole, fraction, point := bytes.Cut(s, []byte{'.'})
	if len(whole) == 0 || point && len(fraction) == 0 {
		return Decimal{}, false
	}
	d.Digits = append(append(make([]byte, 0, len(s)), whole...), fraction...)
	d.Scale = len(fraction)
	for _, c := range d.Digits {
		if c < '0' || c > '9' {
			return Decimal{}, false
		}
	}
	d.Digits = bytes.TrimLeft(d.Digits, "0")
	return d, true
}

// rescale returns the digits of d with the wanted scale, if that is the same number and it has no more digits than
// precision.
func (d Decimal) rescale(precision, scale int) (digits []byte, ok bool) {
	digits = d.Digits
	for s := d.Scale; s > scale && len(digits) > 0; s-- {
		if digits[len(digits)-1] != '0' {
			return nil, false
		}
		digits = digits[:len(digits)-1]
	}
	if len(digits) == 0 {
		return nil, true
	}
	digits = append(digits[:len(digits):len(digits)], bytes.Repeat([]byte{'0'}, max(0, scale-d.Scale))...)
	return digits, len(digits) <= precision
}

// AppendDecimal adds d to the values of a DECIMAL column if the column holds it exactly.
func (v *Vector) AppendDecimal(c *Column, d Decimal) bool {
	digits, ok := d.rescale(*c.Precision, *c.Scale)
	if !ok {
		return false
	}
	if v.Kind == Int {
		n, _ := number(append([]byte{'0'}, digits...)[min(1, len(digits)):])
		if d.Negative {
			n = -n
		}
		v.AppendInt(n)
		return true
	}
	n, _ := new(big.Int).SetString("0"+string(digits), 10)
	if d.Negative {
		n.Neg(n)
	}
	v.AppendBytes(wide(n, decimalWidth(*c.Precision)))
	return true
}

// FormatDecimal appends value i of a DECIMAL column as text with all digits of its scale.
func (v *Vector) FormatDecimal(dst []byte, c *Column, i int) []byte {
	if v.Kind == Int {
		return AppendDecimal(dst, v.Int[i], *c.Scale)
	}
	n := narrow(v.Bytes(i))
	if n.Sign() < 0 {
		dst = append(dst, '-')
	}
	return point(dst, n.Abs(n).Append(nil, 10), *c.Scale)
}

// wide encodes n as a two's complement of so many bytes, most significant first.
func wide(n *big.Int, width int) []byte {
	b := make([]byte, width)
	if n.Sign() >= 0 {
		return n.FillBytes(b)
	}
	modulus := new(big.Int).Lsh(big.NewInt(1), uint(8*width))
	return modulus.Add(modulus, n).FillBytes(b)
}

func narrow(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}
