package engine

import (
	"math"
	"strings"
)

func irisUpper(a []any) (any, error) {
	s, ok := textOf(a[0])
	if !ok {
		return nil, nil
	}
	return upper(strings.TrimRight(s, " ")), nil
}

func irisTrimmed(a []any) (any, error) {
	s, ok := textOf(a[0])
	if !ok {
		return nil, nil
	}
	return strings.TrimRight(s, " "), nil
}

// irisArith computes l op r; the result is held as the kind says.
func irisArith(a []any) (any, error) {
	if a[1] == nil || a[2] == nil {
		return nil, nil
	}
	op, want := a[0].(string), kind(a[3].(int64))
	l, r := number(a[1]), number(a[2])
	lf, lIsFloat := l.(float64)
	rf, rIsFloat := r.(float64)
	if lIsFloat || rIsFloat || want == kDouble {
		if !lIsFloat {
			d, _ := decimalOf(l)
			lf = d.float()
		}
		if !rIsFloat {
			d, _ := decimalOf(r)
			rf = d.float()
		}
		v, err := floatArithmetic(op, lf, rf)
		if err != nil || want == kDouble {
			return v, err
		}
		return held(v, want), nil
	}
	ld, _ := decimalOf(l)
	rd, _ := decimalOf(r)
	v, ok := arithmetic(op, ld, rd)
	if !ok {
		return nil, failAt(atOpen, -400, "Unexpected error occurred: <DIVIDE>")
	}
	return held(v, want), nil
}

func floatArithmetic(op string, l, r float64) (any, error) {
	switch op {
	case "+":
		return l + r, nil
	case "-":
		return l - r, nil
	case "*":
		return l * r, nil
	}
	if r == 0 {
		return nil, failAt(atOpen, -400, "Unexpected error occurred: <DIVIDE>")
	}
	switch op {
	case "/":
		return l / r, nil
	case "\\":
		return math.Trunc(l / r), nil
	}
	return math.Mod(l, r), nil
}

// number is what a value counts in arithmetic: text by the number that it begins with.
func number(v any) any {
	switch v := v.(type) {
	case int64, float64, Decimal:
		return v
	case string:
		return leadingNumber(v)
	case []byte:
		return leadingNumber(string(v))
	}
	return int64(0)
}

// held is a number as its kind is held in SQLite.
func held(v any, k kind) any {
	if k == kDecimal {
		s, _ := textOf(v)
		return s
	}
	return v
}

// irisTo converts between kinds where a comparison or a function needs it.
func irisTo(a []any) (any, error) {
	from, to := kind(a[1].(int64)), kind(a[2].(int64))
	return convert(a[0], from, to)
}

func irisExternal(a []any) (any, error) {
	v := external(kind(a[1].(int64)), a[0])
	return v, nil
}

// irisCount is the value of TOP, LIMIT and OFFSET.
func irisCount(a []any) (any, error) {
	d, ok := decimalOf(a[0])
	n, whole := d.integer()
	if a[0] == nil || !ok || !whole || n < 0 {
		return int64(0), nil
	}
	return n, nil
}

func (s *System) irisStream(a []any) (any, error) {
	handle, ok := a[0].(string)
	if !ok {
		return nil, nil
	}
	st, ok := s.streams[handle]
	if !ok {
		return nil, fail(-412, "no stream '%s'", clean(handle))
	}
	if st.binary {
		return st.data, nil
	}
	return string(st.data), nil
}
