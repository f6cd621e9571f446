package engine

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"
)

// read makes a value of SQLite a Go value: nil, int64, float64, string, []byte.
func read(v sqlite3.Value) any {
	switch v.Type() {
	case sqlite3.INTEGER:
		return v.Int64()
	case sqlite3.FLOAT:
		return v.Float()
	case sqlite3.TEXT:
		return string(v.RawText())
	case sqlite3.BLOB:
		return v.Blob(nil)
	}
	return nil
}

// write gives a Go value to SQLite; decimals as their text.
func write(ctx sqlite3.Context, v any) {
	switch v := v.(type) {
	case nil:
		ctx.ResultNull()
	case bool:
		ctx.ResultBool(v)
	case int:
		ctx.ResultInt64(int64(v))
	case int64:
		ctx.ResultInt64(v)
	case float64:
		ctx.ResultFloat(v)
	case Decimal:
		ctx.ResultText(v.String())
	case string:
		ctx.ResultText(v)
	case []byte:
		if v == nil {
			v = []byte{}
		}
		ctx.ResultBlob(v)
	default:
		ctx.ResultError(fmt.Errorf("unexpected value %T", v))
	}
}

// failed keeps an error with its SQLCODE, since SQLite only hands on text.
func (s *System) failed(ctx sqlite3.Context, err error) {
	var e *Error
	if s.pending == nil && errors.As(err, &e) {
		s.pending = e
	}
	ctx.ResultError(err)
}

type scalar func(a []any) (any, error)

// register makes the functions and collations known to SQLite.
func (s *System) register() error {
	var errs []error
	for name, f := range map[string]scalar{
		"iris_to": irisTo, "iris_arith": irisArith, "iris_upper": irisUpper, "iris_trimmed": irisTrimmed,
		"iris_like": irisLike, "iris_starts": irisStarts, "iris_contains": irisContains, "iris_vector": irisVector,
		"iris_external": irisExternal, "iris_count": irisCount, "iris_stream": s.irisStream, "iris_cast": s.irisCast,
	} {
		errs = append(errs, s.function(name, sqlite3.DETERMINISTIC, f))
	}
	for name, f := range functions {
		flags := sqlite3.DETERMINISTIC
		if f.changes {
			flags = 0
		}
		errs = append(errs, s.function(sqliteName(name), flags, func(a []any) (any, error) {
			var kinds []kind
			if f.kinds {
				half := len(a) / 2
				for _, k := range a[half:] {
					kinds = append(kinds, kind(k.(int64)))
				}
				a = a[:half]
			}
			return f.run(s.current, a, kinds)
		}))
	}
	for name, less := range map[string]sqlite3.CollatingFunction{"IRISNUM": compareNumbers, "SQLUPPER": compareUpper, "SQLSTRING": compareTrimmed} {
		errs = append(errs, s.conn.CreateCollation(name, less))
	}
	return errors.Join(append(errs, s.registerAggregates())...)
}

func (s *System) function(name string, flags sqlite3.FunctionFlag, f scalar) error {
	return s.conn.CreateFunction(name, -1, flags, func(ctx sqlite3.Context, arg ...sqlite3.Value) {
		a := make([]any, len(arg))
		for i, v := range arg {
			a[i] = read(v)
		}
		v, err := f(a)
		if err != nil {
			s.failed(ctx, err)
			return
		}
		write(ctx, v)
	})
}

// compareNumbers orders texts of numbers by value.
func compareNumbers(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, xerr := parseDecimal(string(a))
	y, yerr := parseDecimal(string(b))
	if xerr != nil || yerr != nil {
		return bytes.Compare(a, b)
	}
	return x.compare(y)
}

// compareUpper is the collation SQLUPPER: without case and trailing blanks.
func compareUpper(a, b []byte) int {
	a, b = bytes.TrimRight(a, " "), bytes.TrimRight(b, " ")
	n := min(len(a), len(b))
	for i := range n {
		x, y := a[i], b[i]
		if x >= utf8.RuneSelf || y >= utf8.RuneSelf {
			return bytes.Compare([]byte(upper(string(a[i:]))), []byte(upper(string(b[i:]))))
		}
		if 'a' <= x && x <= 'z' {
			x -= 32
		}
		if 'a' <= y && y <= 'z' {
			y -= 32
		}
		if x != y {
			if x < y {
				return -1
			}
			return 1
		}
	}
	return len(a) - len(b)
}

func compareTrimmed(a, b []byte) int {
	return bytes.Compare(bytes.TrimRight(a, " "), bytes.TrimRight(b, " "))
}

// upper is the upper case of ObjectScript, character by character: ß stays ß.
func upper(s string) string {
	if !utf8.ValidString(s) {
		return strings.Map(toUpperASCII, s)
	}
	return strings.ToUpper(s)
}

func toUpperASCII(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - 32
	}
	return r
}

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
