package sqlite

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle/dat"
)

// maxVARCHAR is the longest text of IRIS that is not a stream, in characters
// (https://docs.intersystems.com, "Long Strings").
const maxVARCHAR = 3_641_144

// convert adds value i of a row to a vector if the column holds it exactly and SQLite would give the same value back.
// Otherwise the vector is as before and the value is a misfit. An integer goes into a DOUBLE only where both occur.
func convert(c *dat.Column, mixed bool, v *dat.Vector, st *sqlite3.Stmt, i int) bool {
	switch st.ColumnType(i) {
	case sqlite3.NULL:
		v.AppendNull()
		return true
	case sqlite3.INTEGER:
		x := st.ColumnInt64(i)
		if c.Kind() != dat.Float {
			return convertInt(c, v, x)
		}
		if mixed = mixed && exactFloat(x); mixed {
			v.AppendFloat(float64(x))
		}
		return mixed
	case sqlite3.FLOAT:
		return convertFloat(c, v, st.ColumnFloat(i))
	case sqlite3.TEXT:
		text := st.ColumnRawText(i)
		return utf8.Valid(text) && convertText(c, v, text)
	}
	return convertBlob(c, v, st.ColumnRawBlob(i))
}

func convertInt(c *dat.Column, v *dat.Vector, x int64) bool {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch c.SQLType {
	case "BIT":
		low, high = 0, 1
	case "TINYINT":
		low, high = math.MinInt8, math.MaxInt8
	case "SMALLINT":
		low, high = math.MinInt16, math.MaxInt16
	case "INTEGER":
		low, high = math.MinInt32, math.MaxInt32
	case "BIGINT", "SERIAL":
	case "NUMERIC", "DECIMAL", "MONEY":
		d, _ := dat.ParseDecimal(strconv.AppendInt(nil, x, 10))
		return v.AppendDecimal(c, d)
	default:
		return false
	}
	if x < low || x > high {
		return false
	}
	v.AppendInt(x)
	return true
}

// exactFloat reports whether a float64 holds the integer.
func exactFloat(x int64) bool { return int64(float64(x)) == x && x != math.MaxInt64 }

func convertFloat(c *dat.Column, v *dat.Vector, x float64) bool {
	switch c.SQLType {
	case "DOUBLE", "FLOAT", "REAL":
		v.AppendFloat(x)
		return true
	case "NUMERIC", "DECIMAL", "MONEY":
		// The shortest text that gives this number back is what was meant by it.
		text := strconv.AppendFloat(nil, x, 'f', -1, 64)
		d, ok := dat.ParseDecimal(text)
		return ok && v.AppendDecimal(c, d)
	}
	return false
}

var (
	guid   = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	vector = regexp.MustCompile(`^[-+0-9.eE]+(,[-+0-9.eE]+)*$`)
)

func convertText(c *dat.Column, v *dat.Vector, text []byte) bool {
	switch c.SQLType {
	case "CHAR", "VARCHAR":
		if n := characters(text); c.Length > 0 && n > c.Length || n > maxVARCHAR {
			return false
		}
	case "LONGVARCHAR":
	case "NUMERIC", "DECIMAL", "MONEY":
		return convertDecimal(c, v, text)
	case "UNIQUEIDENTIFIER":
		if !guid.Match(text) {
			return false
		}
	case "VECTOR":
		if !vector.Match(text) || strings.Count(string(text), ",") != c.Length-1 {
			return false
		}
	case "DATE":
		day, ok := dat.ParseDate(text)
		return ok && appendInt(v, day)
	case "TIME":
		x, ok := dat.ParseTime(text, c.Unit())
		return ok && withinPrecision(c, text) && appendInt(v, x)
	case "TIMESTAMP", "POSIXTIME", "DATETIME":
		x, ok := dat.ParseTimestamp(text, c.Unit())
		return ok && withinPrecision(c, text) && appendInt(v, x)
	default:
		return false
	}
	v.AppendBytes(text)
	return true
}

// convertDecimal takes a decimal that is kept as text, in the form in which it was put there.
func convertDecimal(c *dat.Column, v *dat.Vector, text []byte) bool {
	d, ok := dat.ParseDecimal(text)
	if !ok || d.Scale != *c.Scale || !v.AppendDecimal(c, d) {
		return false
	}
	if last := v.Len() - 1; string(v.FormatDecimal(nil, c, last)) != string(text) {
		v.Truncate(last)
		return false
	}
	return true
}

func appendInt(v *dat.Vector, x int64) bool {
	v.AppendInt(x)
	return true
}

// withinPrecision holds the digits of a second against those that are declared.
func withinPrecision(c *dat.Column, text []byte) bool {
	dot := strings.LastIndexByte(string(text), '.')
	return c.Precision == nil || dot < 0 || len(text)-dot-1 <= *c.Precision
}

// characters counts as IRIS does: in UTF-16 units.
func characters(text []byte) int {
	n := len(text)
	if n <= 3*maxVARCHAR {
		n = 0
		for _, r := range string(text) {
			n++
			if r > 0xffff {
				n++
			}
		}
	}
	return n
}

func convertBlob(c *dat.Column, v *dat.Vector, data []byte) bool {
	switch c.SQLType {
	case "BINARY", "VARBINARY":
		if c.Length > 0 && len(data) > c.Length {
			return false
		}
	case "LONGVARBINARY":
	default:
		return false
	}
	v.AppendBytes(data)
	return true
}
