package dat

import (
	"fmt"
	"math/big"
	"unicode/utf8"
)

// checkValues returns the first of the rows from i up to j whose value the column cannot hold, with the reason.
func (c *Column) checkValues(v *Vector, i, j int) (row int, reason string) {
	if !c.Nullable && v.Null != nil {
		for k := i; k < j; k++ {
			if v.Null[k] {
				return k, "NULL in a column that is NOT NULL"
			}
		}
	}
	switch f := families[c.SQLType]; f {
	case famText:
		return checkText(v, i, j)
	case famDecimal:
		return c.checkDecimals(v, i, j)
	case famDouble, famBinary:
		return 0, ""
	default:
		low, high := c.bounds(f)
		for k, x := range v.Int[i:j] {
			if x < low || x > high {
				return i + k, fmt.Sprintf("%d is out of range for %s", x, c.SQLType)
			}
		}
	}
	return 0, ""
}

// bounds is the range of a type whose values are integers in memory. INTEGER is not limited to 32 bits: an IRIS class
// may declare more.
func (c *Column) bounds(f family) (low, high int64) {
	switch f {
	case famBit:
		return 0, 1
	case famSmall:
		if c.SQLType == "TINYINT" {
			return -1 << 7, 1<<7 - 1
		}
		return -1 << 15, 1<<15 - 1
	case famDate:
		return minDay, maxDay
	case famTime:
		return 0, daySeconds*int64(c.Unit()) - 1
	case famTimestamp:
		if c.Unit() == Micro {
			return minDay * daySeconds * int64(Micro), (maxDay+1)*daySeconds*int64(Micro) - 1
		}
	}
	return -1 << 63, 1<<63 - 1
}

// checkText demands UTF-8. All values are checked in one pass first, and one by one only to find the culprit or a
// character that is split between two values.
func checkText(v *Vector, i, j int) (int, string) {
	if i == j {
		return 0, ""
	}
	if data := v.Data[v.start(i):v.Ends[j-1]]; ascii(data) {
		return 0, ""
	}
	for k := i; k < j; k++ {
		if !utf8.Valid(v.Bytes(k)) {
			return k, "text that is not UTF-8"
		}
	}
	return 0, ""
}

func ascii(b []byte) bool {
	var or byte
	for _, c := range b {
		or |= c
	}
	return or < utf8.RuneSelf
}

func (c *Column) checkDecimals(v *Vector, i, j int) (int, string) {
	if v.Kind == Int {
		limit := pow10[*c.Precision]
		for k, x := range v.Int[i:j] {
			if x <= -limit || x >= limit {
				return i + k, fmt.Sprintf("more than %d digits", *c.Precision)
			}
		}
		return 0, ""
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(*c.Precision)), nil)
	for k := i; k < j; k++ {
		if v.IsNull(k) {
			continue
		}
		if b := v.Bytes(k); len(b) != decimalWidth(*c.Precision) || narrow(b).CmpAbs(limit) >= 0 {
			return k, fmt.Sprintf("more than %d digits", *c.Precision)
		}
	}
	return 0, ""
}
