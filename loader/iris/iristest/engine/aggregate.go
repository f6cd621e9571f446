package engine

import (
	"errors"
	"math"
	"math/big"

	"github.com/ncruces/go-sqlite3"
)

// registerAggregates makes the sums known to SQLite: _i of integers, _d of decimals, _f of doubles.
func (s *System) registerAggregates() error {
	var errs []error
	add := func(name string, make func() sqlite3.AggregateFunction) {
		errs = append(errs, s.conn.CreateWindowFunction(name, 1, sqlite3.DETERMINISTIC, make))
	}
	add("iris_sum_i", func() sqlite3.AggregateFunction { return &exactSum{sys: s, integer: true} })
	add("iris_sum_d", func() sqlite3.AggregateFunction { return &exactSum{sys: s} })
	add("iris_sum_f", func() sqlite3.AggregateFunction { return &floatSum{} })
	add("iris_avg_d", func() sqlite3.AggregateFunction { return &exactSum{sys: s, average: true} })
	add("iris_avg_f", func() sqlite3.AggregateFunction { return &floatSum{average: true} })
	for name, v := range map[string]variance{
		"iris_stddev": {root: true, sample: true}, "iris_stddev_samp": {root: true, sample: true}, "iris_stddev_pop": {root: true},
		"iris_variance": {sample: true}, "iris_var_samp": {sample: true}, "iris_var_pop": {},
	} {
		add(name, func() sqlite3.AggregateFunction { fresh := v; return &fresh })
	}
	return errors.Join(errs...)
}

// exactSum adds numbers without loss: the sum is an integer times 10^-sumScale.
type exactSum struct {
	sys              *System
	sum              big.Int
	n                int64
	integer, average bool
}

const sumScale = 128 // the smallest exponent of a decimal

func (e *exactSum) add(arg sqlite3.Value, sign int64) {
	v := read(arg)
	if v == nil {
		return
	}
	d, _ := decimalOf(number(v))
	term := d.bigAt(-sumScale)
	e.sum.Add(&e.sum, term.Mul(term, big.NewInt(sign)))
	e.n += sign
}

func (e *exactSum) Step(_ sqlite3.Context, arg ...sqlite3.Value)    { e.add(arg[0], 1) }
func (e *exactSum) Inverse(_ sqlite3.Context, arg ...sqlite3.Value) { e.add(arg[0], -1) }

func (e *exactSum) Value(ctx sqlite3.Context) {
	if e.n == 0 {
		ctx.ResultNull()
		return
	}
	m := &e.sum
	if e.average {
		m = new(big.Int).Quo(m, big.NewInt(e.n))
	}
	v := rounded(m, -sumScale)
	if !e.integer {
		v = held(v, kDecimal)
	}
	write(ctx, v)
}

type floatSum struct {
	sum     float64
	n       int64
	average bool
}

func (f *floatSum) add(arg sqlite3.Value, sign float64) {
	v := read(arg)
	if v == nil {
		return
	}
	if x, err := storeDouble(number(v)); err == nil {
		f.sum += sign * x.(float64)
		f.n += int64(sign)
	}
}

func (f *floatSum) Step(_ sqlite3.Context, arg ...sqlite3.Value)    { f.add(arg[0], 1) }
func (f *floatSum) Inverse(_ sqlite3.Context, arg ...sqlite3.Value) { f.add(arg[0], -1) }

func (f *floatSum) Value(ctx sqlite3.Context) {
	switch {
	case f.n == 0:
		ctx.ResultNull()
	case f.average:
		ctx.ResultFloat(f.sum / float64(f.n))
	default:
		ctx.ResultFloat(f.sum)
	}
}

type variance struct {
	values       []float64
	root, sample bool
}

func (v *variance) Step(_ sqlite3.Context, arg ...sqlite3.Value) {
	if a := read(arg[0]); a != nil {
		if x, err := storeDouble(number(a)); err == nil {
			v.values = append(v.values, x.(float64))
		}
	}
}

func (v *variance) Inverse(sqlite3.Context, ...sqlite3.Value) { v.values = v.values[1:] }

func (v *variance) Value(ctx sqlite3.Context) {
	n := float64(len(v.values))
	if n == 0 {
		ctx.ResultNull()
		return
	}
	mean, sum := 0.0, 0.0
	for _, x := range v.values {
		mean += x / n
	}
	for _, x := range v.values {
		sum += (x - mean) * (x - mean)
	}
	if v.sample && n > 1 {
		n--
	}
	if sum /= n; v.root {
		sum = math.Sqrt(sum)
	}
	ctx.ResultFloat(sum)
}
