package engine

import (
	"math"
	"strings"
)

func onFloat(f func(float64) float64) *function {
	return &function{min: 1, max: 1, args: asNumber, result: typDouble, run: strict(func(a []any) (any, error) {
		v, err := storeDouble(number(a[0]))
		if err != nil {
			return nil, nil
		}
		r := f(v.(float64))
		if math.IsNaN(r) || math.IsInf(r, 0) {
			return nil, failAt(atOpen, -400, "Unexpected error occurred: <ILLEGAL VALUE>")
		}
		return r, nil
	})}
}

// onDecimal is a function whose result is exact.
func onDecimal(f func(Decimal) Decimal) *function {
	return &function{min: 1, max: 1, args: []kind{kDecimal}, result: typDecimal, run: strict(func(a []any) (any, error) {
		d, _ := decimalOf(number(a[0]))
		return f(d).String(), nil
	})}
}

var numberFunctions = map[string]*function{
	"ABS": {min: 1, max: 1, args: asNumber, like: 1, run: strict(func(a []any) (any, error) {
		switch n := a[0].(type) {
		case int64:
			if n < 0 {
				return -n, nil
			}
			return n, nil
		case float64:
			return math.Abs(n), nil
		}
		return strings.TrimPrefix(text(held(number(a[0]), kDecimal)), "-"), nil
	})},
	"CEILING": onDecimal(func(d Decimal) Decimal { return stepped(d, 1) }),
	"FLOOR":   onDecimal(func(d Decimal) Decimal { return stepped(d, -1) }),
	"ROUND": {min: 1, max: 3, args: []kind{kDecimal, kUnknown}, result: typDecimal, run: strict(func(a []any) (any, error) {
		d, _ := decimalOf(number(a[0]))
		scale := 0
		if len(a) > 1 {
			scale = integer(a[1])
		}
		if len(a) > 2 && integer(a[2]) != 0 {
			return d.truncate(scale).String(), nil
		}
		return d.round(scale).String(), nil
	})},
	"TRUNCATE": {min: 2, max: 2, args: []kind{kDecimal, kUnknown}, result: typDecimal, run: strict(func(a []any) (any, error) {
		d, _ := decimalOf(number(a[0]))
		return d.truncate(integer(a[1])).String(), nil
	})},
	"MOD": {min: 2, max: 2, args: asNumber, result: typDecimal, run: strict(func(a []any) (any, error) {
		return irisArith([]any{"#", a[0], a[1], int64(kDecimal)})
	})},
	"SIGN": {min: 1, max: 1, args: asNumber, result: typInt, run: strict(func(a []any) (any, error) {
		d, _ := decimalOf(number(a[0]))
		return int64(d.compare(Decimal{})), nil
	})},
	"POWER": {min: 2, max: 2, args: asNumber, result: typDouble, run: strict(func(a []any) (any, error) {
		x, _ := storeDouble(number(a[0]))
		y, _ := storeDouble(number(a[1]))
		return math.Pow(x.(float64), y.(float64)), nil
	})},
	"SQRT": onFloat(math.Sqrt), "EXP": onFloat(math.Exp), "LOG": onFloat(math.Log), "LOG10": onFloat(math.Log10),
	"SIN": onFloat(math.Sin), "COS": onFloat(math.Cos), "TAN": onFloat(math.Tan), "ATAN": onFloat(math.Atan),
	"PI": {max: 0, args: asIs, result: typDouble, run: func(*Session, []any, []kind) (any, error) { return math.Pi, nil }},
	"TO_NUMBER": {min: 1, max: 1, args: asText, result: typDecimal, run: strict(func(a []any) (any, error) {
		return text(leadingNumber(text(a[0]))), nil
	})},
	"ISNUMERIC": {min: 1, max: 1, args: asText, result: typInt, run: func(_ *Session, a []any, _ []kind) (any, error) {
		if _, ok := decimalOf(a[0]); ok && text(a[0]) != "" {
			return int64(1), nil
		}
		return int64(0), nil
	}},
	"VECTOR_COSINE":      vectorFunction(vectorCosine),
	"VECTOR_DOT_PRODUCT": vectorFunction(vectorDot),
}

// stepped rounds up or down to a whole number.
func stepped(d Decimal, direction int) Decimal {
	whole := d.truncate(0)
	if c := d.compare(whole); c != 0 && c == direction {
		v, _ := arithmetic("+", whole, Decimal{Mantissa: int64(direction)})
		whole, _ = decimalOf(v)
	}
	return whole
}

func vectorFunction(f func(a, b []float64) float64) *function {
	return &function{min: 2, max: 2, args: asIs, kinds: true, result: typDouble, run: func(_ *Session, a []any, kinds []kind) (any, error) {
		if a[0] == nil || a[1] == nil {
			return nil, nil
		}
		if kinds[0] != kVector || kinds[1] != kVector {
			return nil, failAt(atOpen, -257, "")
		}
		x, y := vectorValues(text(a[0])), vectorValues(text(a[1]))
		if len(x) != len(y) {
			return nil, failAt(atOpen, -257, "Cannot perform vector operation on vectors of different lengths")
		}
		return f(x, y), nil
	}}
}

func vectorValues(s string) (list []float64) {
	for _, part := range strings.Split(s, ",") {
		v, err := storeDouble(part)
		if err != nil {
			v = 0.0
		}
		list = append(list, v.(float64))
	}
	return list
}

func vectorDot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func vectorCosine(a, b []float64) float64 {
	norm := math.Sqrt(vectorDot(a, a)) * math.Sqrt(vectorDot(b, b))
	if norm == 0 {
		return 0
	}
	return vectorDot(a, b) / norm
}
