package iris

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// The limits of IRIS's types (RSQL, Data Types).
const (
	maxScale   = 18
	maxColumns = 1000
	// maxWhole is how many digits a NUMERIC may have before the point: NUMERIC(p,s) takes p up to 19+s.
	maxWhole = 19
	// microDigits are the digits of a second that %PosixTime holds.
	microDigits = 6
)

// The classes that hold what the types of DDL do not: DATE and TIMESTAMP2 begin in 1840 unless MINVAL says otherwise
// (RSQL, Data Types, Dates Prior to December 31, 1840).
const (
	dateClass      = "%Library.Date(MINVAL=-672045)"
	timeStampClass = "%Library.TimeStamp(MINVAL='0001-01-01 00:00:00')"
	dateTimeClass  = "%Library.DateTime(MINVAL='0001-01-01 00:00:00')"
)

// declaration is the type that a column is created with. A keyed one is part of a key or index, which a stream cannot be.
func declaration(c *dat.Column, keyed bool) string {
	switch c.SQLType {
	case "INTEGER":
		return integerType(c)
	case "NUMERIC", "DECIMAL":
		return fmt.Sprintf("%s(%d,%d)", c.SQLType, *c.Precision, *c.Scale)
	case "CHAR", "VARCHAR", "BINARY", "VARBINARY":
		return sized(c)
	case "LONGVARCHAR", "LONGVARBINARY":
		if keyed {
			return strings.TrimPrefix(c.SQLType, "LONG") + "('')"
		}
	case "DATE":
		return dateClass
	case "TIME":
		return fmt.Sprintf("TIME(%d)", fractionDigits(c))
	case "TIMESTAMP", "POSIXTIME":
		if fractionDigits(c) > microDigits {
			return timeStampClass
		}
	case "DATETIME":
		return dateTimeClass
	case "VECTOR":
		if c.Length > 0 {
			return fmt.Sprintf("VECTOR(%s,%d)", c.ElementType, c.Length)
		}
		return fmt.Sprintf("VECTOR(%s)", c.ElementType)
	}
	return c.SQLType
}

// integerType: the INTEGER of other engines has 64 bits, that of IRIS has 32.
func integerType(c *dat.Column) string {
	if c.Declared != "" {
		return "BIGINT"
	}
	return "INTEGER"
}

// sized is a type with its length. Without a declared one it is the longest string: VARCHAR alone would be VARCHAR(1).
func sized(c *dat.Column) string {
	if c.Length > 0 {
		return fmt.Sprintf("%s(%d)", c.SQLType, c.Length)
	}
	if strings.HasSuffix(c.SQLType, "BINARY") {
		return "VARBINARY('')"
	}
	return "VARCHAR('')"
}

// fractionDigits is how many digits of a second values of a TIME or timestamp may have.
func fractionDigits(c *dat.Column) int {
	switch {
	case c.Precision != nil:
		return *c.Precision
	case c.Unit() == dat.Nano:
		return 9
	}
	return microDigits
}

// isText reports a type that is compared by a collation.
func isText(sqlType string) bool {
	return slices.Contains([]string{"CHAR", "VARCHAR", "LONGVARCHAR"}, sqlType)
}

func isStream(sqlType string) bool { return sqlType == "LONGVARCHAR" || sqlType == "LONGVARBINARY" }

// collationForm is a collation of IRIS, with its length if it has one (RSQL:createtable, sqlCollation).
var collationForm = regexp.MustCompile(`^(EXACT|MINUS|PLUS|SPACE|SQLSTRING|SQLUPPER|TRUNCATE|MVR|STRING|UPPER|ALPHAUP)(\([0-9]+\))?$`)

// collation is the collation that a text column is created with; empty is the default, SQLUPPER. Keys of other engines
// hold texts that SQLUPPER would take for one.
func collation(c *dat.Column, keyed bool) string {
	switch name := strings.TrimPrefix(strings.ToUpper(c.Collation), "%"); {
	case !isText(c.SQLType) || isStream(c.SQLType) && !keyed:
		return ""
	case collationForm.MatchString(name):
		return name
	case keyed:
		return "EXACT"
	}
	return ""
}

// elementTypes are those of a VECTOR (class reference, %Library.Vector).
var elementTypes = []string{"DOUBLE", "DECIMAL", "FLOAT", "INT", "INTEGER", "TIMESTAMP", "VARCHAR"}

// limits are the reasons why IRIS cannot hold such a table.
func limits(t *dat.Table) (reasons []string) {
	if reason := parseName(t.Name).fault(); reason != "" {
		reasons = append(reasons, reason)
	}
	stored := t.Stored()
	if len(stored) > maxColumns {
		reasons = append(reasons, fmt.Sprintf("has %d columns, IRIS takes %d", len(stored), maxColumns))
	}
	names, identities := map[string]string{}, 0
	for i := range stored {
		c := &stored[i]
		reason := columnLimit(t, c, i)
		if other, twice := names[fold(c.Name)]; twice {
			reason = "differs from " + other + " only in case, which IRIS does not tell apart"
		}
		names[fold(c.Name)] = c.Name
		if c.Identity {
			identities++
		}
		if reason != "" {
			reasons = append(reasons, "column "+c.Name+": "+reason)
		}
	}
	if identities > 1 {
		reasons = append(reasons, "has more than one column that the database numbers")
	}
	for _, x := range t.Indexes {
		if reason := nameFault(x.Name); reason != "" {
			reasons = append(reasons, "index "+x.Name+": "+reason)
		}
	}
	return reasons
}

// columnLimit is why IRIS cannot have a column, or nothing.
func columnLimit(t *dat.Table, c *dat.Column, position int) string {
	if c.Name == rowIDColumn {
		if position == 0 && c.SQLType == "BIGINT" && !keyed(t)[rowIDColumn] {
			return ""
		}
		return "the name is that of the RowID, which is the first column, BIGINT and in no key"
	}
	if reason := nameFault(c.Name); reason != "" {
		return reason
	}
	switch c.SQLType {
	case "NUMERIC", "DECIMAL":
		if *c.Scale > maxScale || *c.Precision-*c.Scale > maxWhole {
			return fmt.Sprintf("%s(%d,%d) is beyond IRIS, which has %d digits before the point and %d after it", c.SQLType, *c.Precision, *c.Scale, maxWhole, maxScale)
		}
	case "MONEY":
		if *c.Scale != 4 {
			return "MONEY has 4 digits after the point"
		}
	case "VECTOR":
		if !slices.Contains(elementTypes, c.ElementType) {
			return "no VECTOR has elements of " + c.ElementType
		}
	}
	return ""
}

// keyed are the names of the columns that are in a key or index.
func keyed(t *dat.Table) map[string]bool {
	names := map[string]bool{}
	lists := append([][]string{t.PrimaryKey}, t.Unique...)
	for _, k := range t.ForeignKeys {
		lists = append(lists, k.Columns)
	}
	for _, x := range t.Indexes {
		lists = append(lists, x.Columns)
	}
	for _, list := range lists {
		for _, name := range list {
			names[name] = true
		}
	}
	return names
}
