package dat

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func ptr[T any](v T) *T { return &v }

// randomTable makes a table of up to eight columns of any type.
func randomTable(r *rand.Rand) *Table {
	t := &Table{Format: FormatVersion, Name: "Random.Table"}
	names := SQLTypes()
	for i := range 1 + r.IntN(8) {
		c := Column{Name: fmt.Sprintf("c%d", i), SQLType: names[r.IntN(len(names))], Nullable: r.IntN(2) == 0}
		switch families[c.SQLType] {
		case famDecimal:
			p := 1 + r.IntN(MaxPrecision)
			c.Precision, c.Scale = ptr(p), ptr(r.IntN(p+1))
		case famTime, famTimestamp:
			if r.IntN(2) == 0 {
				c.Precision = ptr(r.IntN(10))
			}
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

// appendRandom adds a value that the column can hold, the extremes among them.
func appendRandom(r *rand.Rand, c *Column, v *Vector) {
	if c.Nullable && r.IntN(4) == 0 {
		v.AppendNull()
		return
	}
	f := families[c.SQLType]
	switch {
	case v.Kind == Float:
		v.AppendFloat([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64,
			math.SmallestNonzeroFloat64, r.NormFloat64()}[r.IntN(8)])
	case f == famDecimal:
		digits := make([]byte, r.IntN(*c.Precision+1))
		for i := range digits {
			digits[i] = byte('0' + r.IntN(10))
		}
		d := Decimal{Negative: r.IntN(2) == 0, Digits: bytes.TrimLeft(digits, "0"), Scale: *c.Scale}
		if !v.AppendDecimal(c, d) {
			panic("a decimal within its precision was refused")
		}
	case v.Kind == Int:
		low, high := c.bounds(f)
		switch r.IntN(4) {
		case 0:
			v.AppendInt(low)
		case 1:
			v.AppendInt(high)
		default:
			v.AppendInt(low + int64(r.Uint64N(uint64(high-low))))
		}
	case f == famText:
		v.AppendBytes([]byte([]string{"", "plain", "Ünïcödé", "日本語", "🎉", "a\x00b", "\n\"',", strings.Repeat("x", r.IntN(300))}[r.IntN(8)]))
	default:
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		v.AppendBytes(b)
	}
}

func randomBatch(r *rand.Rand, t *Table, rows int) *Batch {
	b := NewBatch(t)
	stored := t.Stored()
	for range rows {
		for i := range stored {
			appendRandom(r, &stored[i], &b.Columns[i])
		}
		b.Rows++
	}
	return b
}

// write returns the bytes of a file with the rows of all batches.
func write(tb testing.TB, t *Table, o WriterOptions, batches ...*Batch) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, t, o)
	if err != nil {
		tb.Fatal(err)
	}
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// read returns all rows of a file as one batch.
func read(data []byte) (*Reader, *Batch, error) {
	r, err := NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	all, b := NewBatch(r.Table()), NewBatch(r.Table())
	for i := range r.Groups() {
		if err := r.ReadGroup(i, b); err != nil {
			return r, nil, err
		}
		all.Append(b, 0, b.Rows)
	}
	return r, all, nil
}

// same compares two batches bit by bit.
func same(a, b *Batch) error {
	if a.Rows != b.Rows || len(a.Columns) != len(b.Columns) {
		return fmt.Errorf("%d rows of %d columns against %d of %d", a.Rows, len(a.Columns), b.Rows, len(b.Columns))
	}
	for k := range a.Columns {
		x, y := &a.Columns[k], &b.Columns[k]
		for i := range a.Rows {
			if x.IsNull(i) != y.IsNull(i) || !slices.Equal(bits(x, i), bits(y, i)) {
				return fmt.Errorf("column %d row %d: % x (null %v) against % x (null %v)", k, i, bits(x, i), x.IsNull(i), bits(y, i), y.IsNull(i))
			}
		}
	}
	return nil
}

func bits(v *Vector, i int) []byte {
	switch {
	case v.IsNull(i):
		return nil
	case v.Kind == Int:
		return fmt.Append(nil, v.Int[i])
	case v.Kind == Float:
		return fmt.Appendf(nil, "%x", math.Float64bits(v.Float[i]))
	}
	return v.Bytes(i)
}
