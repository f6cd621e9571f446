package sqlite

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// typeForm is a declared type: words, and perhaps one or two numbers or names in parentheses.
var typeForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*(?: +[A-Za-z][A-Za-z0-9_]*)*) *(?:\( *([A-Za-z0-9]+) *(?:, *([0-9]+) *)?\))?$`)

// names are the declared names that stand for an IRIS type: that type's own name and what its SQL takes for the same.
var names = map[string]string{
	"BIT": "BIT", "BOOLEAN": "BIT", "BOOL": "BIT",
	"TINYINT": "TINYINT", "SMALLINT": "SMALLINT", "INTEGER": "INTEGER", "INT": "INTEGER", "MEDIUMINT": "INTEGER",
	"BIGINT": "BIGINT", "SERIAL": "SERIAL",
	"NUMERIC": "NUMERIC", "DECIMAL": "DECIMAL", "DEC": "DECIMAL", "MONEY": "MONEY",
	"DOUBLE": "DOUBLE", "DOUBLE PRECISION": "DOUBLE", "FLOAT": "FLOAT", "REAL": "REAL",
	"CHAR": "CHAR", "CHARACTER": "CHAR", "NCHAR": "CHAR",
	"VARCHAR": "VARCHAR", "NVARCHAR": "VARCHAR", "CHARACTER VARYING": "VARCHAR", "VARYING CHARACTER": "VARCHAR",
	"LONGVARCHAR": "LONGVARCHAR",
	"BINARY":      "BINARY", "VARBINARY": "VARBINARY", "LONGVARBINARY": "LONGVARBINARY",
	"DATE": "DATE", "TIME": "TIME", "TIMESTAMP": "TIMESTAMP", "POSIXTIME": "POSIXTIME", "DATETIME": "DATETIME",
	"UNIQUEIDENTIFIER": "UNIQUEIDENTIFIER", "VECTOR": "VECTOR",
}

// parseType returns the IRIS type that a declared type names, if it names one.
func parseType(declared string) (c dat.Column, ok bool) {
	m := typeForm.FindStringSubmatch(strings.TrimSpace(declared))
	if m == nil {
		return c, false
	}
	c.SQLType, ok = names[strings.Join(strings.Fields(strings.ToUpper(m[1])), " ")]
	if !ok {
		return c, false
	}
	if c.SQLType == "VECTOR" {
		c.ElementType = strings.ToUpper(m[2])
		c.Length, _ = strconv.Atoi(m[3])
		return c, c.ElementType != "" && c.Length > 0
	}
	first, errFirst := strconv.Atoi(m[2])
	second, errSecond := strconv.Atoi(m[3])
	if m[2] != "" && errFirst != nil || m[3] != "" && errSecond != nil {
		return c, false
	}
	return c, arguments(&c, first, second, m[2] != "")
}

// arguments puts what stands in the parentheses where it belongs to the type.
func arguments(c *dat.Column, first, second int, given bool) bool {
	switch c.SQLType {
	case "NUMERIC", "DECIMAL":
		if !given {
			first, second = 15, 0 // as IRIS takes them
		}
		c.Precision, c.Scale = &first, &second
		return first >= 1 && first <= dat.MaxPrecision && second <= first
	case "MONEY":
		precision, scale := 19, 4
		c.Precision, c.Scale = &precision, &scale
	case "CHAR", "VARCHAR", "BINARY", "VARBINARY":
		c.Length = first
	case "TIME", "TIMESTAMP", "POSIXTIME", "DATETIME":
		if given {
			c.Precision = &first
		}
		return first <= 9
	}
	return true
}

// affinity is how a column treats what is put into it, https://www.sqlite.org/datatype3.html section 3.1.
type affinity string

const (
	affInteger affinity = "INTEGER"
	affText    affinity = "TEXT"
	affNone    affinity = "BLOB"
	affReal    affinity = "REAL"
	affNumeric affinity = "NUMERIC"
)

func affinityOf(declared string, strict bool) affinity {
	d := strings.ToUpper(declared)
	switch {
	case strict && d == "ANY":
		return affNone
	case strings.Contains(d, "INT"):
		return affInteger
	case strings.Contains(d, "CHAR"), strings.Contains(d, "CLOB"), strings.Contains(d, "TEXT"):
		return affText
	case strings.Contains(d, "BLOB"), d == "":
		return affNone
	case strings.Contains(d, "REAL"), strings.Contains(d, "FLOA"), strings.Contains(d, "DOUB"):
		return affReal
	}
	return affNumeric
}
