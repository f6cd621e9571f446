package wire

import (
	"math"
	"strconv"
	"strings"
)

// maxNumberText bounds the digits that [ParseNumber] looks at: 20 significant ones and the zeros of any exponent that
// an item can have.
const maxNumberText = 512

// Scaled gives the value times 10^digits, or a [RangeError] if that is no integer or does not fit an int64. A number of
// seconds, say, is Scaled(9) nanoseconds.
func (n Number) Scaled(digits int) (int64, error) {
	m, e := n.Mantissa, n.Exponent+digits
	for ; e < 0 && m > 0 && m%10 == 0; e++ {
		m /= 10
	}
	for ; e > 0 && m > 0 && m <= math.MaxUint64/10; e-- {
		m *= 10
	}
	limit := uint64(math.MaxInt64)
	if n.Negative {
		limit++
	}
	if m > limit || m > 0 && e != 0 {
		return 0, &RangeError{n.String(), "a 64-bit integer with " + strconv.Itoa(digits) + " decimals"}
	}
	if n.Negative {
		return -int64(m), nil
	}
	return int64(m), nil
}

// String writes the number in decimal digits, with as many decimals as the exponent says: 1.50, -0.01, 100. Numbers
// that no item can have (exponents outside a signed byte) are written as 12E-200.
func (n Number) String() string {
	s := strconv.FormatUint(n.Mantissa, 10)
	switch e := n.Exponent; {
	case e != int(int8(e)):
		s += "E" + strconv.Itoa(e)
	case e > 0 && n.Mantissa > 0:
		s += strings.Repeat("0", e)
	case e < 0:
		if -e >= len(s) {
			s = strings.Repeat("0", -e-len(s)+1) + s
		}
		s = s[:len(s)+e] + "." + s[len(s)+e:]
	}
	if n.Negative && n.Mantissa > 0 {
		return "-" + s
	}
	return s
}

// Canonical writes the number as IRIS itself turns numbers into text: no trailing zeros after the point and no zero
// before it: 1.5, -.01, 100 (vendor documentation, "Canonical Numbers", GCOS_types).
func (n Number) Canonical() string {
	s := n.String()
	if n.Exponent != int(int8(n.Exponent)) || n.Exponent >= 0 {
		return s
	}
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	sign := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "0")
	switch {
	case s == "":
		return "0"
	case sign:
		return "-" + s
	}
	return s
}

// ParseNumber reads an optional sign, digits with at most one point, and an optional exponent (E and an integer). What
// is no such number, or has a mantissa above 64 bits, is a [RangeError]. Trailing zeros are kept as far as the mantissa
// has room for them; the value is exact.
func ParseNumber(s string) (Number, error) {
	refused := &RangeError{strconv.Quote(s[:min(len(s), 64)]), "a decimal number"}
	if len(s) > maxNumberText {
		return Number{}, refused
	}
	var n Number
	if s != "" && (s[0] == '-' || s[0] == '+') {
		n.Negative, s = s[0] == '-', s[1:]
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.ParseInt(s[i+1:], 10, 16)
		if err != nil {
			return Number{}, refused
		}
		n.Exponent, s = int(e), s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole+fraction == "" || !n.digits(whole+fraction) {
		return Number{}, refused
	}
	n.Exponent -= len(fraction)
	n.Negative = n.Negative && n.Mantissa > 0
	return n, nil
}

// digits sets the mantissa, and raises the exponent by the trailing zeros that do not fit.
func (n *Number) digits(s string) bool {
	significant := strings.TrimRight(s, "0")
	for i := range len(s) {
		d := uint64(s[i]) - '0'
		switch {
		case n.Mantissa <= (math.MaxUint64-d)/10 && d <= 9:
			n.Mantissa = n.Mantissa*10 + d
		case i >= len(significant):
			n.Exponent += len(s) - i
			return true
		default:
			return false
		}
	}
	return true
}
