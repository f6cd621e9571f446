package engine

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// errRange is a number that a mantissa of 64 bits and an exponent of -128 to 127 do not hold.
var errRange = errors.New("number out of range")

// maxDigits bounds the text of a number.
const maxDigits = 1000

var ten = big.NewInt(10)

// splitNumber takes the text of a number apart: value = digits × 10^exponent.
func splitNumber(text string) (negative bool, digits string, exponent int, ok bool) {
	s := text
	for len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			negative = !negative
		}
		s = s[1:]
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > maxDigits || e < -maxDigits {
			return false, "", 0, false
		}
		s, exponent = s[:i], e
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits = whole + fraction
	exponent -= len(fraction)
	if digits == "" || len(digits) > maxDigits {
		return false, "", 0, false
	}
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return false, "", 0, false
		}
	}
	return negative, digits, exponent, true
}

// parseDecimal reads a number exactly.
func parseDecimal(text string) (Decimal, error) {
	big, exponent, ok := parseBig(text)
	if !ok {
		return Decimal{}, strconv.ErrSyntax
	}
	d, exact := fit(big, exponent)
	if !exact {
		return Decimal{}, errRange
	}
	return d, nil
}

func parseBig(text string) (*big.Int, int, bool) {
	negative, digits, exponent, ok := splitNumber(text)
	if !ok {
		return nil, 0, false
	}
	m, _ := new(big.Int).SetString(digits, 10)
	if negative {
		m.Neg(m)
	}
	return m, exponent, true
}

// roundDecimal reads a number with as many digits as a mantissa holds; beyond that it is a double.
func roundDecimal(text string) any {
	m, exponent, ok := parseBig(text)
	if !ok {
		return nil
	}
	return rounded(m, exponent)
}

func rounded(m *big.Int, exponent int) any {
	d, _ := fit(m, exponent)
	if d.Mantissa == 0 && m.Sign() != 0 {
		f, _ := new(big.Float).SetInt(m).Float64()
		return f * math.Pow10(exponent)
	}
	return d.value()
}

// fit rounds half up to a mantissa of 64 bits and says whether that was exact. What does not fit at all gives zero.
func fit(m *big.Int, exponent int) (Decimal, bool) {
	m = new(big.Int).Set(m)
	exact := true
	if m.Sign() == 0 {
		return Decimal{}, true
	}
	rest := new(big.Int)
	for {
		q, r := new(big.Int).QuoRem(m, ten, rest)
		if r.Sign() != 0 || exponent >= 127 && m.IsInt64() {
			break
		}
		m, exponent = q, exponent+1
	}
	if digits := len(new(big.Int).Abs(m).String()); !m.IsInt64() || m.Int64() == math.MinInt64 {
		exact = false
		drop := max(digits-19, 1)
		m = quoRound(m, new(big.Int).Exp(ten, big.NewInt(int64(drop)), nil))
		if exponent += drop; !m.IsInt64() {
			m, exponent = quoRound(m, ten), exponent+1
		}
		d, _ := fit(m, exponent)
		return d, false
	}
	for exponent > 127 {
		m, exponent = m.Mul(m, ten), exponent-1
		if !m.IsInt64() {
			return Decimal{}, false
		}
	}
	if exponent < -128 {
		return Decimal{}, false
	}
	return Decimal{m.Int64(), int8(exponent)}, exact
}

// quoRound divides and rounds half away from zero.
func quoRound(m, by *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(m, by, new(big.Int))
	r.Abs(r).Lsh(r, 1)
	if r.Cmp(by) >= 0 {
		q.Add(q, big.NewInt(int64(m.Sign())))
	}
	return q
}

// value is the number as an int64 if it is one.
func (d Decimal) value() any {
	if n, ok := d.integer(); ok {
		return n
	}
	return d
}

func (d Decimal) integer() (int64, bool) {
	n := d.Mantissa
	if n == 0 {
		return 0, true
	}
	e := d.Exponent
	for ; e < 0 && n%10 == 0; e++ {
		n /= 10
	}
	for ; e > 0; e-- {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return 0, false
		}
		n *= 10
	}
	return n, e == 0
}

// String is the canonical text of a number: no leading zero, no trailing zeros, no exponent.
func (d Decimal) String() string {
	if d.Mantissa == 0 {
		return "0"
	}
	digits := strconv.FormatInt(d.Mantissa, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	if d.Exponent >= 0 {
		return sign + digits + strings.Repeat("0", int(d.Exponent))
	}
	point := len(digits) + int(d.Exponent)
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	text := strings.TrimRight(digits[:point]+"."+digits[point:], "0")
	return sign + strings.TrimSuffix(text, ".")
}
