package loader

import (
	"bytes"
	"context"
	"encoding/json"
	"math/big"
	"strconv"

	"github.com/irisfix/irisfix/bundle"
)

// checkQueries runs the known queries that have an expectation and returns their number.
func checkQueries(ctx context.Context, tx Tx, queries []bundle.KnownQuery) (n int, err error) {
	for _, q := range queries {
		if q.ExpectRows == nil && q.ExpectValue == nil {
			continue
		}
		n++
		got, err := tx.Query(ctx, q.SQL)
		if err != nil {
			return n, &QueryError{Name: q.Name, SQL: q.SQL, Err: err}
		}
		if q.ExpectRows != nil && *q.ExpectRows != got.Rows {
			return n, &QueryError{Name: q.Name, SQL: q.SQL, Want: strconv.FormatInt(*q.ExpectRows, 10) + " rows", Got: strconv.FormatInt(got.Rows, 10) + " rows"}
		}
		if q.ExpectValue != nil && !sameScalar(q.ExpectValue, got.Value) {
			have := "no row"
			if got.Value != nil {
				have = string(got.Value)
			}
			return n, &QueryError{Name: q.Name, SQL: q.SQL, Want: string(q.ExpectValue), Got: have}
		}
	}
	return n, nil
}

// sameScalar compares two JSON scalars: numbers by value, so that 2.5 is 2.50, and true and false as the 1 and 0 that
// SQL has for them.
func sameScalar(want, got []byte) bool {
	if got == nil {
		return false
	}
	x, okX := number(want)
	y, okY := number(got)
	if okX || okY {
		return okX && okY && x.Cmp(y) == 0
	}
	var a, b any
	if json.Unmarshal(want, &a) != nil || json.Unmarshal(got, &b) != nil {
		return false
	}
	return a == b
}

func number(v []byte) (*big.Rat, bool) {
	switch string(bytes.TrimSpace(v)) {
	case "true":
		return big.NewRat(1, 1), true
	case "false":
		return new(big.Rat), true
	}
	var n json.Number
	if len(v) == 0 || v[0] == '"' || json.Unmarshal(v, &n) != nil || n == "" {
		return nil, false
	}
	const longest = 400 // digits and exponent of any float64; more would let a number of a few bytes fill the memory
	if f, err := n.Float64(); len(n) > longest || err != nil || f != f {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}
