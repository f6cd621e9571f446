package engine

import (
	"math"
	"strings"
)

// numberOf reads a number: an int64, a Decimal or a float64. Text must be a number from end to end.
func numberOf(v any) (any, bool) {
	switch v := v.(type) {
	case int64, Decimal, float64:
		return v, true
	case []byte:
		return numberOf(string(v))
	case string:
		n := roundDecimal(strings.TrimSpace(v))
		return n, n != nil
	}
	return nil, false
}

func decimalOf(v any) (Decimal, bool) {
	n, ok := numberOf(v)
	if !ok {
		return Decimal{}, false
	}
	switch n := n.(type) {
	case int64:
		return Decimal{Mantissa: n}, true
	case Decimal:
		return n, true
	case float64:
		return decimalOfFloat(n)
	}
	return Decimal{}, false
}

func decimalOfFloat(f float64) (Decimal, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Decimal{}, false
	}
	m, exponent, ok := parseBig(formatScientific(f))
	if !ok {
		return Decimal{}, false
	}
	d, _ := fit(m, exponent)
	return d, d.Mantissa != 0 || f == 0
}

func (t *dataType) storeInteger(v any) (any, error) {
	d, ok := decimalOf(v)
	if !ok {
		return nil, errValue
	}
	n, ok := d.round(0).integer()
	if !ok || t.kind == kBit && (n != 0 && n != 1) || t.limits && (n < t.min || n > t.max) {
		return nil, errValue
	}
	return n, nil
}

// storeDecimal rounds to the scale and holds the value within the precision.
func (t *dataType) storeDecimal(v any) (any, error) {
	d, ok := decimalOf(v)
	if !ok {
		return nil, errValue
	}
	d = d.round(t.scale)
	size := Decimal{Mantissa: d.Mantissa, Exponent: d.Exponent}
	if size.Mantissa < 0 {
		size.Mantissa = -size.Mantissa
	}
	if t.limits {
		if d.compare(Decimal{Mantissa: t.min}) < 0 || d.compare(Decimal{Mantissa: t.max}) > 0 {
			return nil, errValue
		}
	} else if size.compare(Decimal{Mantissa: math.MaxInt64}) > 0 {
		return nil, errValue
	} else if whole := t.precision - t.scale; whole < 19 && size.compare(Decimal{1, int8(whole)}) >= 0 {
		return nil, errValue
	}
	return d.String(), nil
}

func storeDouble(v any) (any, error) {
	n, ok := numberOf(v)
	if !ok {
		return nil, errValue
	}
	switch n := n.(type) {
	case int64:
		return float64(n), nil
	case Decimal:
		if s, ok := v.(string); ok {
			return floatOf(strings.TrimSpace(s))
		}
		return n.float(), nil
	case float64:
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, errValue
		}
		return n, nil
	}
	return nil, errValue
}
