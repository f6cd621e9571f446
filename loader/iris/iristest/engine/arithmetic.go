package engine

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// bigAt is the mantissa at a smaller exponent.
func (d Decimal) bigAt(exponent int) *big.Int {
	m := big.NewInt(d.Mantissa)
	return m.Mul(m, new(big.Int).Exp(ten, big.NewInt(int64(int(d.Exponent)-exponent)), nil))
}

func (d Decimal) compare(o Decimal) int {
	if d.Exponent == o.Exponent {
		switch {
		case d.Mantissa < o.Mantissa:
			return -1
		case d.Mantissa > o.Mantissa:
			return 1
		}
		return 0
	}
	e := int(min(d.Exponent, o.Exponent))
	return d.bigAt(e).Cmp(o.bigAt(e))
}

func (d Decimal) float() float64 {
	f, _ := strconv.ParseFloat(strconv.FormatInt(d.Mantissa, 10)+"e"+strconv.Itoa(int(d.Exponent)), 64)
	return f
}

// round rounds half away from zero to a number of fraction digits.
func (d Decimal) round(scale int) Decimal {
	drop := -int(d.Exponent) - scale
	if drop <= 0 {
		return d
	}
	m := quoRound(big.NewInt(d.Mantissa), new(big.Int).Exp(ten, big.NewInt(int64(drop)), nil))
	r, _ := fit(m, -scale)
	return r
}

// truncate cuts off fraction digits.
func (d Decimal) truncate(scale int) Decimal {
	drop := -int(d.Exponent) - scale
	if drop <= 0 {
		return d
	}
	m := new(big.Int).Quo(big.NewInt(d.Mantissa), new(big.Int).Exp(ten, big.NewInt(int64(drop)), nil))
	r, _ := fit(m, -scale)
	return r
}

// arithmetic is + - * / and the modulus #.
func arithmetic(op string, a, b Decimal) (any, bool) {
	e := int(min(a.Exponent, b.Exponent))
	switch op {
	case "+":
		return rounded(new(big.Int).Add(a.bigAt(e), b.bigAt(e)), e), true
	case "-":
		return rounded(new(big.Int).Sub(a.bigAt(e), b.bigAt(e)), e), true
	case "*":
		return rounded(new(big.Int).Mul(big.NewInt(a.Mantissa), big.NewInt(b.Mantissa)), int(a.Exponent)+int(b.Exponent)), true
	}
	if b.Mantissa == 0 {
		return nil, false
	}
	switch op {
	case "/":
		const more = 40 // digits, far more than a mantissa has
		m := new(big.Int).Mul(big.NewInt(a.Mantissa), new(big.Int).Exp(ten, big.NewInt(more), nil))
		return rounded(m.Quo(m, big.NewInt(b.Mantissa)), int(a.Exponent)-int(b.Exponent)-more), true
	case "\\":
		return rounded(new(big.Int).Quo(a.bigAt(e), b.bigAt(e)), 0), true
	}
	return rounded(new(big.Int).Rem(a.bigAt(e), b.bigAt(e)), e), true
}

// formatDouble is the text of a double: up to 17 digits, without a leading zero, as IRIS shows it.
func formatDouble(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if a := math.Abs(f); a != 0 && (a >= 1e21 || a < 1e-21) {
		text = strconv.FormatFloat(f, 'E', -1, 64)
	}
	if rest, ok := strings.CutPrefix(text, "0."); ok {
		return "." + rest
	}
	if rest, ok := strings.CutPrefix(text, "-0."); ok {
		return "-." + rest
	}
	return text
}

// leadingNumber reads the number that a text begins with, as IRIS does in arithmetic: "3 apples" is 3, "x" is 0.
func leadingNumber(text string) any {
	text = strings.TrimLeft(text, " ")
	end, point, digits := 0, false, false
	for ; end < len(text); end++ {
		c := text[end]
		switch {
		case isDigit(c):
			digits = true
		case (c == '+' || c == '-') && !digits && !point:
		case c == '.' && !point:
			point = true
		default:
			goto done
		}
	}
done:
	if !digits {
		return int64(0)
	}
	if end+1 < len(text) && (text[end] == 'e' || text[end] == 'E') {
		e := end + 1
		if text[e] == '+' || text[e] == '-' {
			e++
		}
		from := e
		for e < len(text) && isDigit(text[e]) {
			e++
		}
		if e > from {
			if v := roundDecimal(text[:e]); v != nil {
				return v
			}
		}
	}
	return roundDecimal(text[:min(end, maxDigits)])
}
