package dat

import (
	"bytes"
	"encoding/hex"
	"math"
	"strconv"
)

// AppendText appends value i of a column, which is not NULL, as people write it: dates and decimals as text, binary as
// X'0123'.
func (v *Vector) AppendText(dst []byte, c *Column, i int) []byte {
	switch families[c.SQLType] {
	case famDecimal:
		return v.FormatDecimal(dst, c, i)
	case famDouble:
		return strconv.AppendFloat(dst, v.Float[i], 'g', -1, 64)
	case famDate:
		return AppendDate(dst, v.Int[i])
	case famTime:
		return AppendTime(dst, v.Int[i], c.Unit())
	case famTimestamp:
		return AppendTimestamp(dst, v.Int[i], c.Unit())
	case famText:
		return append(dst, v.Bytes(i)...)
	case famBinary:
		dst = append(dst, "X'"...)
		return append(hex.AppendEncode(dst, v.Bytes(i)), '\'')
	}
	return strconv.AppendInt(dst, v.Int[i], 10)
}

// Compare compares the key of row i of a with that of row j of b: NULL first, numbers by size, text and binary by
// bytes. Both batches have the given columns; key has positions among them.
func Compare(a *Batch, i int, b *Batch, j int, columns []Column, key []int) int {
	return compareRows(a, i, b, j, columns, key)
}

// SameValue reports whether value i of a and value j of b, of one kind, are the same bit by bit.
func SameValue(a *Vector, i int, b *Vector, j int) bool {
	if a.IsNull(i) || b.IsNull(j) {
		return a.IsNull(i) && b.IsNull(j)
	}
	switch a.Kind {
	case Int:
		return a.Int[i] == b.Int[j]
	case Float:
		return math.Float64bits(a.Float[i]) == math.Float64bits(b.Float[j])
	}
	return bytes.Equal(a.Bytes(i), b.Bytes(j))
}
