package engine

import (
	"errors"
	"fmt"

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
