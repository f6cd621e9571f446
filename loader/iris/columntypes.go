package iris

import (
	"strconv"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// classify finds what a fixture says in another way, or cannot say.
func (c *column) classify(f field, counts bool) {
	class := shortClass(f.class)
	switch {
	case class == "RowVersion":
		c.SQLType, c.Generated = "ROWVERSION", true
	case class == "AutoIncrement", counts && !c.Identity && c.SQLType != "SERIAL":
		c.Identity = true // AUTO_INCREMENT beside a RowID
	case f.collection != "" || class == "List" || class == "ListOfBinary":
		c.lost = "is a list, which SQL gives as text that cannot be put back"
	}
	if c.SQLType == "" && !c.Generated {
		c.lost = "has the type " + f.class + ", which a fixture does not hold"
	}
}

// shortClass is a class of the library without its package.
func shortClass(class string) string {
	return strings.TrimPrefix(strings.TrimPrefix(class, "%Library."), "%")
}

// sqlType is the name of a type in a fixture: the ODBC name that the catalog gives (RSQL, Data Types, Exposed by ODBC),
// told apart by the class.
func sqlType(odbc, class string) string {
	switch shortClass(class) {
	case "Counter":
		return "SERIAL"
	case "Currency":
		return "MONEY"
	case "DateTime":
		return "DATETIME"
	case "Vector":
		return "VECTOR"
	}
	switch odbc = strings.ToUpper(odbc); odbc {
	case "BIT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "NUMERIC", "DOUBLE", "VARCHAR", "LONGVARCHAR", "VARBINARY", "LONGVARBINARY", "DATE", "TIME", "TIMESTAMP":
		return odbc
	case "POSIXTIME":
		return "TIMESTAMP"
	case "GUID", "UNIQUEIDENTIFIER":
		return "UNIQUEIDENTIFIER"
	case "CHAR", "WVARCHAR":
		return "VARCHAR"
	case "BINARY":
		return "VARBINARY"
	case "DECIMAL":
		return "NUMERIC"
	}
	return ""
}

// isTimeStamp reports a timestamp that is stored as text of up to nine digits; others are stored as microseconds.
func (c *column) isTimeStamp() bool {
	return c.SQLType == "DATETIME" || c.SQLType == "TIMESTAMP" && shortClass(c.class) == "TimeStamp"
}

// firstDay is 1840-12-31, where DATE and TIMESTAMP2 begin unless MINVAL says otherwise, in days since 1970.
const firstDay = -47_117

// minimum is the first day that a column takes; nil if that is the first of all.
func minimum(c *column, minval string) *int64 {
	day := int64(firstDay)
	switch {
	case c.SQLType == "TIMESTAMP" && !c.isTimeStamp():
		return nil
	case minval == "":
	case c.SQLType == "DATE":
		n, err := strconv.ParseInt(minval, 10, 32)
		if err != nil {
			return &day
		}
		day += n
	default:
		n, ok := dat.ParseDate([]byte(minval[:min(10, len(minval))]))
		if ok {
			day = n
		}
	}
	return &day
}

// numeric makes the digits of a decimal what a fixture holds, and every number of IRIS, which has 64 bits.
func numeric(precision, scale int) (p, s *int) {
	scale = min(max(scale, 0), maxScale)
	if precision <= 0 { // not said
		precision = maxWhole + scale
	}
	precision = min(max(precision, scale, 1), maxWhole+scale)
	return &precision, &scale
}
