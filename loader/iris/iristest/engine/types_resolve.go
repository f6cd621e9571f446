package engine

import (
	"math"
)

func integerType(class string, odbc, precision int, low, high int64) dataType {
	return dataType{kind: kInt, class: class, odbc: odbc, precision: precision, min: low, max: high, limits: true}
}

// resolveType is the type of a column that is declared so.
func (s *Session) resolveType(spec typeSpec) (dataType, error) {
	t, err := resolveType(spec)
	if t.kind == kDate && t.min == 0 && s.sys.options.EarlyDates {
		t.min = firstDay
	}
	return t, err
}

// resolveType finds what a declared type means.
func resolveType(s typeSpec) (dataType, error) {
	if s.class {
		return classType(s)
	}
	switch canonical := typeNames[s.name]; canonical {
	case "BIT":
		return dataType{kind: kBit, class: "%Library.Boolean", odbc: TypeBit, precision: 1}, nil
	case "TINYINT":
		return integerType("%Library.TinyInt", TypeTinyInt, 3, -128, 127), nil
	case "SMALLINT":
		return integerType("%Library.SmallInt", TypeSmallInt, 5, -32768, 32767), nil
	case "MEDIUMINT":
		t := integerType("%Library.Integer", TypeInteger, 10, -8388608, 8388607)
		t.params = map[string]string{"MAXVAL": "8388607", "MINVAL": "-8388608"}
		return t, nil
	case "INTEGER":
		return integerType("%Library.Integer", TypeInteger, 10, math.MinInt32, math.MaxInt32), nil
	case "BIGINT":
		return bigint("%Library.BigInt"), nil
	case "NUMERIC":
		return numericType(s)
	case "MONEY":
		return dataType{kind: kDecimal, class: "%Library.Currency", odbc: TypeNumeric, precision: 19, scale: 4}, nil
	case "DOUBLE":
		return dataType{kind: kDouble, class: "%Library.Double", odbc: TypeDouble, precision: 20}, nil
	case "VARCHAR", "VARBINARY":
		return stringType(s, canonical)
	case "SYSNAME":
		return stringOf(128), nil
	case "UNIQUEIDENTIFIER":
		return dataType{kind: kGUID, class: "%Library.UniqueIdentifier", odbc: TypeGUID, precision: 36, length: 36, collation: "EXACT"}, nil
	case "LONGVARCHAR":
		return dataType{kind: kCharStream, class: "%Stream.GlobalCharacter", odbc: TypeLongVarChar, precision: math.MaxInt32}, nil
	case "LONGVARBINARY":
		return dataType{kind: kBinStream, class: "%Stream.GlobalBinary", odbc: TypeLongVarBinary, precision: math.MaxInt32}, nil
	case "DATE":
		return dateType(0), nil
	case "TIME":
		return timeType(s)
	case "POSIXTIME":
		return dataType{kind: kPosix, class: "%Library.PosixTime", odbc: TypeTimestamp, precision: 26, scale: 6}, nil
	case "TIMESTAMP2":
		return dataType{kind: kStamp, class: "%Library.TimeStamp", odbc: TypeTimestamp, precision: 29, scale: 9, collation: "EXACT"}, nil
	case "DATETIME", "SMALLDATETIME":
		return dataType{kind: kStamp, class: "%Library.DateTime", odbc: TypeTimestamp, precision: 23, scale: 3, collation: "EXACT"}, nil
	case "ROWVERSION":
		t := bigint("%Library.RowVersion")
		t.version = true
		return t, nil
	case "SERIAL":
		t := bigint("%Library.Counter")
		t.serial = true
		return t, nil
	case "VECTOR":
		return vectorType(s)
	}
	return dataType{}, refuse(-1, " Unknown data type %s", clean(s.name))
}

// bigint has no -2^63: the number is not one of those that IRIS holds exactly.
func bigint(class string) dataType {
	return integerType(class, TypeBigInt, 19, -math.MaxInt64, math.MaxInt64)
}

func dateType(low int64) dataType {
	return dataType{kind: kDate, class: "%Library.Date", odbc: TypeDate, precision: 10, min: low, max: maxDay, limits: true}
}

func stringOf(length int) dataType {
	t := dataType{kind: kString, class: "%Library.String", odbc: TypeVarChar, precision: length, length: length}
	if length < 0 {
		t.precision = 4096 // what the drivers show for a string without a limit
	}
	return t
}
