package iris

import (
	"fmt"
	"math"
	"strconv"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// counts refuses numbers that IRIS replaces in a counter (RSQL:insert), and that a RowID does not take.
func (r room) counts() check {
	if !r.counter {
		return nil
	}
	return unlessNull(func(v *dat.Vector, i int) string {
		if v.Int[i] <= 0 {
			return strconv.FormatInt(v.Int[i], 10) + ", and a column that IRIS numbers takes numbers from 1"
		}
		return ""
	})
}

// ranges of the integer types (RSQL, Data Types). The lowest number of 64 bits is the one that ObjectScript cannot write.
var ranges = map[string][2]int64{
	"BIT": {0, 1}, "TINYINT": {math.MinInt8, math.MaxInt8}, "SMALLINT": {math.MinInt16, math.MaxInt16},
	"INTEGER": {math.MinInt32, math.MaxInt32}, "BIGINT": {-math.MaxInt64, math.MaxInt64}, "SERIAL": {-math.MaxInt64, math.MaxInt64},
}

// numbers refuses what is out of range. A decimal of IRIS is a 64-bit number with a point.
func (r room) numbers(c *dat.Column) check {
	if limits, ok := ranges[r.column.SQLType]; ok && c.Scale == nil {
		if own := ranges[c.SQLType]; own[0] >= limits[0] && own[1] <= limits[1] && c.SQLType != "INTEGER" && c.SQLType != "BIGINT" && c.SQLType != "SERIAL" {
			return nil
		}
		return unlessNull(func(v *dat.Vector, i int) string {
			if x := v.Int[i]; x < limits[0] || x > limits[1] {
				return fmt.Sprintf("%d, which is out of range for %s", x, r.column.SQLType)
			}
			return ""
		})
	}
	scale, whole := digitsAfter(c), maxWhole
	if r.column.Precision != nil {
		whole = min(whole, *r.column.Precision-digitsAfter(r.column))
	}
	var text []byte
	return unlessNull(func(v *dat.Vector, i int) string {
		n, ok := wire.Number{}, true
		if v.Kind == dat.Int {
			n = numberOf(v.Int[i], scale)
		} else {
			text = v.FormatDecimal(text[:0], c, i)
			n, ok = parseNumber(text)
		}
		if x, err := n.Scaled(scale); !ok || err != nil || x == math.MinInt64 || beyond(n, scale+whole) {
			return fmt.Sprintf("%s, which is out of range for %s", v.AppendText(nil, c, i), typeText(r.column))
		}
		return ""
	})
}

func parseNumber(text []byte) (wire.Number, bool) {
	n, err := wire.ParseNumber(string(text))
	return n, err == nil
}

// beyond reports a mantissa of more than so many digits.
func beyond(n wire.Number, digits int) bool {
	return len(strconv.FormatUint(n.Mantissa, 10)) > max(digits, 1) && n.Mantissa > 0
}

func doubles(v *dat.Vector, i int) string {
	if v.IsNull(i) {
		return ""
	}
	if name := isSpecial(v.Float[i]); name != "" {
		return name + ", which IRIS is not known to give back"
	}
	return ""
}

// days refuses days before the first that the column takes.
func (r room) days(c *dat.Column) check {
	if r.minimum == nil {
		return nil
	}
	perDay := int64(1)
	if kinds[c.SQLType] == "timestamp" {
		perDay = 86_400 * int64(c.Unit())
	}
	return unlessNull(func(v *dat.Vector, i int) string {
		if v.Int[i] < *r.minimum*perDay {
			return fmt.Sprintf("%s, and the column begins with %s", v.AppendText(nil, c, i), dat.AppendDate(nil, *r.minimum))
		}
		return ""
	})
}

// fractions refuses more digits of a second than the column keeps.
func (r room) fractions(c *dat.Column) check {
	step := int64(c.Unit())
	for range r.digits {
		step /= 10
	}
	if kinds[c.SQLType] == "date" || step <= 1 {
		return nil
	}
	return unlessNull(func(v *dat.Vector, i int) string {
		if v.Int[i]%step != 0 {
			return fmt.Sprintf("%s, and the column keeps %d digits of a second", v.AppendText(nil, c, i), r.digits)
		}
		return ""
	})
}
