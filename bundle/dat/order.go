package dat

import (
	"bytes"
	"cmp"
)

// The order of rows is that of their encoded key: NULL first, numbers by size, text and binary by bytes. It is never a
// database's collation, so it is the same everywhere.

// compareRows compares the key of row i of a with that of row j of b. Both are batches of tables whose key columns
// have the same types.
func compareRows(a *Batch, i int, b *Batch, j int, columns []Column, key []int) int {
	for _, k := range key {
		if c := compareValues(&a.Columns[k], i, &b.Columns[k], j, &columns[k]); c != 0 {
			return c
		}
	}
	return 0
}

func compareValues(a *Vector, i int, b *Vector, j int, c *Column) int {
	if x, y := a.IsNull(i), b.IsNull(j); x || y {
		switch {
		case x && y:
			return 0
		case x:
			return -1
		}
		return 1
	}
	switch a.Kind {
	case Int:
		return cmp.Compare(a.Int[i], b.Int[j])
	case Float:
		return cmp.Compare(a.Float[i], b.Float[j])
	}
	x, y := a.Bytes(i), b.Bytes(j)
	if families[c.SQLType] == famDecimal && len(x) > 0 && len(y) > 0 {
		// Two's complement: as bytes it is in order once the sign bit is turned.
		if sx, sy := x[0]^0x80, y[0]^0x80; sx != sy {
			return cmp.Compare(sx, sy)
		}
	}
	return bytes.Compare(x, y)
}

// unordered returns the first row of a batch that is less than the one before it, or 0.
func unordered(b *Batch, columns []Column, key []int) int {
	for i := 1; i < b.Rows; i++ {
		if compareRows(b, i-1, b, i, columns, key) > 0 {
			return i
		}
	}
	return 0
}
