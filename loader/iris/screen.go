package iris

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// check is why a column of the target does not hold value i of a vector, or nothing.
type check func(v *dat.Vector, i int) string

// room is what a column of the target takes, in so far as its values are to be looked at.
type room struct {
	column  *dat.Column // of the target
	stream  bool
	minimum *int64
	digits  int  // of a second
	counter bool // it replaces what is no positive number
	key     bool // of the primary key, which takes no NULL
}

// roomIn returns the room for a column of a fixture's table: in the table that was found, or in the one to be made.
func roomIn(want *dat.Table, c *dat.Column, found *table) room {
	if found == nil {
		made := made(c, keyed(want)[c.Name])
		r := room{column: &made, digits: fractionDigits(c), counter: c.SQLType == "SERIAL" || c.Identity || c.Name == rowIDColumn}
		for _, name := range want.PrimaryKey {
			r.key = r.key || name == c.Name
		}
		r.stream = isStream(made.SQLType)
		return r
	}
	f := found.column(c.Name)
	if f == nil { // the RowID, or a misfit
		return room{column: c, digits: fractionDigits(c), counter: c.Name == rowIDColumn}
	}
	return room{column: &f.Column, stream: isStream(f.SQLType), minimum: f.minimum, digits: f.digits(), counter: f.SQLType == "SERIAL" || f.Identity}
}

// digits is how many digits of a second a column keeps. Without a declared precision text is kept as it is given.
func (c *column) digits() int {
	switch {
	case c.SQLType == "TIME" && c.Precision != nil:
		return *c.Precision
	case c.SQLType == "TIME", c.isTimeStamp():
		return 9
	}
	return microDigits
}

// made is the column that a declaration makes.
func made(c *dat.Column, keyed bool) dat.Column {
	m := *c
	switch c.SQLType {
	case "INTEGER":
		m.SQLType = integerType(c)
	case "LONGVARCHAR", "LONGVARBINARY":
		if keyed {
			m.SQLType, m.Length = c.SQLType[len("LONG"):], 0
		}
	}
	if c.Identity && !isCounterType(c) {
		m.SQLType = "BIGINT"
	}
	return m
}

func isCounterType(c *dat.Column) bool { return kinds[c.SQLType] == "number" && c.Scale == nil }

// check returns what is to be looked at in values of a column; nil if every value has room.
func (r room) check(c *dat.Column) check {
	checks := []check{r.nulls(c)}
	switch kinds[c.SQLType] {
	case "number":
		checks = append(checks, r.numbers(c), r.counts())
	case "double":
		checks = append(checks, doubles)
	case "text", "binary":
		checks = append(checks, r.texts(c))
	case "guid":
		checks = append(checks, guids)
	case "vector":
		checks = append(checks, vectors(c))
	case "date", "timestamp":
		checks = append(checks, r.days(c), r.fractions(c))
	case "time":
		checks = append(checks, r.fractions(c))
	}
	return all(checks)
}

// all is one check of several.
func all(checks []check) check {
	n := 0
	for _, c := range checks {
		if c != nil {
			checks[n] = c
			n++
		}
	}
	checks = checks[:n]
	if n == 0 {
		return nil
	}
	return func(v *dat.Vector, i int) string {
		for _, c := range checks {
			if reason := c(v, i); reason != "" {
				return reason
			}
		}
		return ""
	}
}

// nulls refuses NULL where the target does not take it or puts something else in its place (RSQL:createtable, DEFAULT).
func (r room) nulls(c *dat.Column) check {
	reason := ""
	switch {
	case !c.Nullable:
		return nil
	case r.counter:
		reason = "NULL, which IRIS replaces with a number of its own"
	case r.key:
		reason = "NULL in the primary key, which IRIS does not take"
	case !r.column.Nullable:
		reason = "NULL, which the column does not take"
	default:
		return nil
	}
	return func(v *dat.Vector, i int) string {
		if v.IsNull(i) {
			return reason
		}
		return ""
	}
}

// unlessNull is a check of values that are not NULL.
func unlessNull(c check) check {
	return func(v *dat.Vector, i int) string {
		if v.IsNull(i) {
			return ""
		}
		return c(v, i)
	}
}

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

// texts refuses the one value that IRIS cannot tell from the empty one (GSQL 4.4.4), and what is too long. IRIS counts
// units of UTF-16.
func (r room) texts(c *dat.Column) check {
	longest := r.column.Length
	if longest == 0 || r.stream {
		longest = wire.MaxString
	}
	what := "text"
	if isBinary(c.SQLType) {
		what = "binary value"
	}
	return unlessNull(func(v *dat.Vector, i int) string {
		b := v.Bytes(i)
		switch {
		case len(b) == 1 && b[0] == 0:
			return "a " + what + " of one NUL, which IRIS does not tell from an empty one"
		case len(b) <= longest, r.stream:
			return ""
		case !isBinary(c.SQLType):
			if units := units(b); units > longest {
				return fmt.Sprintf("a text of %d characters, and the column takes %d", units, longest)
			}
			return ""
		}
		return fmt.Sprintf("a binary value of %d bytes, and the column takes %d", len(b), longest)
	})
}

// units is the length of a text as IRIS counts it.
func units(b []byte) (n int) {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r > 0xFFFF {
			n++
		}
		n++
		b = b[size:]
	}
	return n
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
