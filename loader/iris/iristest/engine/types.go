package engine

import (
	"strconv"
	"strings"
)

// kind is how values of a type are held and compared.
type kind uint8

const (
	kUnknown kind = iota // NULL, or a parameter that nothing is known of
	kInt
	kBit
	kDecimal // text in SQLite, canonical
	kDouble
	kString
	kBinary
	kDate  // days since 1840-12-31
	kTime  // seconds since midnight, as a decimal
	kPosix // the encoded integer of %PosixTime
	kStamp // text YYYY-MM-DD HH:MM:SS.f
	kCharStream
	kBinStream
	kVector
	kGUID
)

// dataType is a data type with its limits (InterSystems SQL Reference, Data Types).
type dataType struct {
	kind             kind
	class            string // %Library.String
	odbc             int
	precision, scale int
	length           int // greatest length of text, in UTF-16 units, or of binary data; -1: none; of a vector: elements
	min, max         int64
	limits           bool   // min and max apply
	element          string // of a vector
	collation        string // upper case: EXACT, SQLUPPER …; empty: that of the namespace
	params           map[string]string
	serial, version  bool
	anyScale         bool // of a time: that of the data
}

// typeNames are the names of the data types, each with the one that it stands for.
var typeNames = map[string]string{
	"BIT": "BIT", "TINYINT": "TINYINT", "SMALLINT": "SMALLINT", "MEDIUMINT": "MEDIUMINT", "INT": "INTEGER",
	"INTEGER": "INTEGER", "BIGINT": "BIGINT", "DEC": "NUMERIC", "DECIMAL": "NUMERIC", "NUMERIC": "NUMERIC",
	"NUMBER": "NUMERIC", "MONEY": "MONEY", "SMALLMONEY": "MONEY", "DOUBLE": "DOUBLE", "DOUBLE PRECISION": "DOUBLE",
	"FLOAT": "DOUBLE", "REAL": "DOUBLE", "CHAR": "VARCHAR", "CHARACTER": "VARCHAR", "VARCHAR": "VARCHAR",
	"VARCHAR2": "VARCHAR", "CHAR VARYING": "VARCHAR", "CHARACTER VARYING": "VARCHAR", "NCHAR": "VARCHAR",
	"NVARCHAR": "VARCHAR", "NATIONAL CHAR": "VARCHAR", "NATIONAL CHARACTER": "VARCHAR", "NATIONAL VARCHAR": "VARCHAR",
	"NATIONAL CHAR VARYING": "VARCHAR", "NATIONAL CHARACTER VARYING": "VARCHAR", "SYSNAME": "SYSNAME",
	"UNIQUEIDENTIFIER": "UNIQUEIDENTIFIER", "GUID": "UNIQUEIDENTIFIER",
	"TEXT": "LONGVARCHAR", "NTEXT": "LONGVARCHAR", "CLOB": "LONGVARCHAR", "LONG": "LONGVARCHAR", "LONGTEXT": "LONGVARCHAR",
	"LONGVARCHAR": "LONGVARCHAR", "LONG VARCHAR": "LONGVARCHAR", "MEDIUMTEXT": "LONGVARCHAR",
	"BINARY": "VARBINARY", "VARBINARY": "VARBINARY", "BINARY VARYING": "VARBINARY", "RAW": "VARBINARY",
	"BLOB": "LONGVARBINARY", "IMAGE": "LONGVARBINARY", "LONGVARBINARY": "LONGVARBINARY", "LONG RAW": "LONGVARBINARY",
	"LONG BINARY": "LONGVARBINARY", "LONG VARBINARY": "LONGVARBINARY",
	"DATE": "DATE", "TIME": "TIME", "TIMESTAMP": "POSIXTIME", "POSIXTIME": "POSIXTIME", "TIMESTAMP2": "TIMESTAMP2",
	"DATETIME": "DATETIME", "DATETIME2": "DATETIME", "SMALLDATETIME": "SMALLDATETIME",
	"ROWVERSION": "ROWVERSION", "SERIAL": "SERIAL", "VECTOR": "VECTOR", "ID": "",
}

// maxString is the longest string value, in characters (InterSystems SQL Reference, Data Types).
const maxString = 3641144

func numericType(s typeSpec) (dataType, error) {
	t := dataType{kind: kDecimal, class: "%Library.Numeric", odbc: TypeNumeric, precision: 15}
	if len(s.args) == 0 {
		t.min, t.max, t.limits = -999999999999999, 999999999999999, true
		return t, nil
	}
	p, err := strconv.Atoi(s.args[0])
	if err != nil || p < 1 {
		return t, refuse(-1, " Invalid precision %s", clean(s.args[0]))
	}
	t.precision = p
	if len(s.args) > 1 {
		if t.scale, err = strconv.Atoi(s.args[1]); err != nil || t.scale < 0 {
			return t, refuse(-1, " Invalid scale %s", clean(s.args[1]))
		}
	}
	if len(s.args) > 2 {
		return t, refuse(-1, " Too many arguments of %s", clean(s.name))
	}
	// What is too large counts as the largest; a scale that is not below the precision leaves a fraction only.
	t.scale = min(t.scale, 18)
	t.precision = max(min(t.precision, 19+t.scale), t.scale)
	return t, nil
}

func stringType(s typeSpec, canonical string) (dataType, error) {
	length := 1
	switch {
	case len(s.args) == 0:
	case s.args[0] == "MAX":
		if canonical == "VARCHAR" {
			return resolveType(typeSpec{name: "LONGVARCHAR"})
		}
		return resolveType(typeSpec{name: "LONGVARBINARY"})
	case s.args[0] == "'":
		length = -1
	default:
		n, err := strconv.Atoi(s.args[0])
		if err != nil || n < 1 || len(s.args) > 1 && canonical == "VARBINARY" {
			return dataType{}, refuse(-1, " Invalid length %s", clean(s.args[0]))
		}
		length = n
	}
	t := stringOf(length)
	if canonical == "VARBINARY" {
		t.kind, t.class, t.odbc, t.collation = kBinary, "%Library.Binary", TypeVarBinary, "EXACT"
	}
	return t, nil
}

func timeType(s typeSpec) (dataType, error) {
	t := anyTime()
	if len(s.args) > 0 {
		n, err := strconv.Atoi(s.args[0])
		if err != nil || n < 0 || n > 9 {
			return t, refuse(-1, " Invalid precision %s", clean(s.args[0]))
		}
		t.setTimeScale(n)
	}
	return t, nil
}

// anyTime is TIME without a precision: it keeps the fraction that the data has, and says a precision of 18.
func anyTime() dataType {
	return dataType{kind: kTime, class: "%Library.Time", odbc: TypeTime, precision: 18, anyScale: true}
}

func (t *dataType) setTimeScale(n int) {
	t.scale, t.anyScale = n, false
	if t.precision = 8; n > 0 {
		t.precision = 9 + n
	}
	t.params = map[string]string{"PRECISION": strconv.Itoa(n)}
}

func vectorType(s typeSpec) (dataType, error) {
	t := dataType{kind: kVector, class: "%Library.Vector", odbc: TypeVarChar, precision: 4096, element: "FLOAT", length: -1, collation: "EXACT"}
	if len(s.args) > 0 {
		t.element = strings.TrimPrefix(s.args[0], "'")
	}
	switch t.element {
	case "DOUBLE", "FLOAT", "DECIMAL", "INTEGER", "TIMESTAMP", "VARCHAR", "STRING":
	case "INT":
		t.element = "INTEGER"
	default:
		return t, refuse(-1, " Invalid element type of VECTOR: %s", clean(t.element))
	}
	if len(s.args) > 1 {
		n, err := strconv.Atoi(s.args[1])
		if err != nil || n < 1 || len(s.args) > 2 {
			return t, refuse(-1, " Invalid length of VECTOR: %s", clean(s.args[1]))
		}
		t.length = n
	}
	t.params = map[string]string{"DATATYPE": t.element}
	if t.length > 0 {
		t.params["LEN"] = strconv.Itoa(t.length)
	}
	return t, nil
}
