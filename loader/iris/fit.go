package iris

import (
	"fmt"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
)

// kinds of values, as far as one column can stand in for another.
var kinds = map[string]string{
	"BIT": "number", "TINYINT": "number", "SMALLINT": "number", "INTEGER": "number", "BIGINT": "number", "SERIAL": "number",
	"NUMERIC": "number", "DECIMAL": "number", "MONEY": "number",
	"DOUBLE": "double", "FLOAT": "double", "REAL": "double",
	"CHAR": "text", "VARCHAR": "text", "LONGVARCHAR": "text", "UNIQUEIDENTIFIER": "guid", "VECTOR": "vector",
	"BINARY": "binary", "VARBINARY": "binary", "LONGVARBINARY": "binary",
	"DATE": "date", "TIME": "time", "TIMESTAMP": "timestamp", "POSIXTIME": "timestamp", "DATETIME": "timestamp",
}

// misfits are the reasons why an existing table cannot take the rows.
func misfits(want *dat.Table, found *table) (reasons []string) {
	stored := want.Stored()
	for i := range stored {
		c := &stored[i]
		f := found.column(c.Name)
		switch {
		case c.Name == rowIDColumn:
			if found.rowID == "" {
				reasons = append(reasons, "has no RowID that is a number")
			}
		case f == nil:
			reasons = append(reasons, "lacks the column "+c.Name)
		case f.Generated:
			reasons = append(reasons, "computes the column "+f.Name)
		case !holds(&f.Column, c):
			reasons = append(reasons, fmt.Sprintf("column %s is %s, the fixture has %s", f.Name, typeText(&f.Column), typeText(c)))
		}
	}
	for i := range found.columns {
		f := &found.columns[i]
		given := slices.ContainsFunc(stored, func(c dat.Column) bool { return fold(c.Name) == fold(f.Name) })
		if !given && !f.Nullable && f.Default == nil && !f.Generated && !f.Identity && f.SQLType != "SERIAL" {
			reasons = append(reasons, "needs a value for the column "+f.Name+", which the fixture does not have")
		}
	}
	return reasons
}

// column finds a column as IRIS does, without regard to case.
func (t *table) column(name string) *column {
	for i := range t.columns {
		if fold(t.columns[i].Name) == fold(name) {
			return &t.columns[i]
		}
	}
	return nil
}

// holds reports whether a column of type f can hold values of type c, as far as types tell. The rest is screened.
func holds(f, c *dat.Column) bool {
	a, b := kinds[f.SQLType], kinds[c.SQLType]
	switch {
	case a == "" || a != b && !(a == "text" && b == "guid"):
		return false
	case a == "number":
		return digitsAfter(f) >= digitsAfter(c)
	case a == "vector":
		return f.ElementType == c.ElementType && (f.Length == 0 || f.Length == c.Length)
	}
	return true
}

// digitsAfter is how many digits a number has after its point.
func digitsAfter(c *dat.Column) int {
	if c.Scale == nil {
		return 0
	}
	return *c.Scale
}

// typeText is a type as people write it.
func typeText(c *dat.Column) string {
	switch {
	case c.Precision != nil && c.Scale != nil:
		return fmt.Sprintf("%s(%d,%d)", c.SQLType, *c.Precision, *c.Scale)
	case c.SQLType == "VECTOR":
		return fmt.Sprintf("VECTOR(%s,%d)", c.ElementType, c.Length)
	case c.Precision != nil:
		return fmt.Sprintf("%s(%d)", c.SQLType, *c.Precision)
	case c.Length > 0:
		return fmt.Sprintf("%s(%d)", c.SQLType, c.Length)
	}
	return c.SQLType
}
