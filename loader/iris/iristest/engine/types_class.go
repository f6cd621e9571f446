package engine

import (
	"math"
	"strconv"
	"strings"
)

// classBase is the type that a class gives without parameters. Its limits are the class's own: MAXLEN of %String is 50.
func classBase(class string) (dataType, bool) {
	switch class {
	case "BOOLEAN":
		return dataType{kind: kBit, class: "%Library.Boolean", odbc: TypeBit, precision: 1}, true
	case "TINYINT":
		return integerType("%Library.TinyInt", TypeTinyInt, 3, -128, 127), true
	case "SMALLINT":
		return integerType("%Library.SmallInt", TypeSmallInt, 5, -32768, 32767), true
	case "INTEGER":
		return integerType("%Library.Integer", TypeInteger, 10, -math.MaxInt64, math.MaxInt64), true
	case "BIGINT":
		return bigint("%Library.BigInt"), true
	case "NUMERIC":
		return dataType{kind: kDecimal, class: "%Library.Numeric", odbc: TypeNumeric, precision: 15, scale: 2}, true
	case "DECIMAL":
		return dataType{kind: kDecimal, class: "%Library.Decimal", odbc: TypeNumeric, precision: 18}, true
	case "CURRENCY":
		return dataType{kind: kDecimal, class: "%Library.Currency", odbc: TypeNumeric, precision: 19, scale: 4}, true
	case "DOUBLE":
		return dataType{kind: kDouble, class: "%Library.Double", odbc: TypeDouble, precision: 20}, true
	case "STRING":
		return stringOf(50), true
	case "RAWSTRING":
		return stringOf(-1), true
	case "BINARY":
		return stringLike(kBinary, "%Library.Binary", TypeVarBinary), true
	case "DATE":
		return dateType(0), true
	case "TIME":
		return anyTime(), true
	case "POSIXTIME":
		return mustType("POSIXTIME"), true
	case "TIMESTAMP":
		return mustType("TIMESTAMP2"), true
	case "DATETIME":
		return mustType("DATETIME"), true
	case "UNIQUEIDENTIFIER":
		return mustType("UNIQUEIDENTIFIER"), true
	case "COUNTER":
		return mustType("SERIAL"), true
	case "ROWVERSION":
		return mustType("ROWVERSION"), true
	case "VECTOR":
		return mustType("VECTOR"), true
	case "GLOBALCHARACTERSTREAM":
		return mustType("LONGVARCHAR"), true
	case "GLOBALBINARYSTREAM":
		return mustType("LONGVARBINARY"), true
	case "GLOBALCHARACTER":
		return mustType("LONGVARCHAR"), true
	case "GLOBALBINARY":
		return mustType("LONGVARBINARY"), true
	}
	return dataType{}, false
}

func mustType(sql string) dataType {
	t, _ := resolveType(typeSpec{name: sql})
	return t
}

func stringLike(k kind, class string, odbc int) dataType {
	t := stringOf(50)
	t.kind, t.class, t.odbc, t.collation = k, class, odbc, "EXACT"
	return t
}

// classType finds the type that a class gives, with its parameters.
func classType(s typeSpec) (dataType, error) {
	class := strings.TrimPrefix(s.name, "%")
	for _, p := range []string{"Library.", "Stream."} {
		if len(class) > len(p) && strings.EqualFold(class[:len(p)], p) {
			class = class[len(p):]
		}
	}
	t, ok := classBase(strings.ToUpper(class))
	if !ok || !strings.HasPrefix(s.name, "%") {
		return dataType{}, refuse(-400, "ERROR #5373: Class '%s', used by property type, does not exist", clean(s.name))
	}
	params := map[string]string{}
	for key, value := range t.params {
		params[key] = value
	}
	t.params = params
	for key, value := range s.params {
		if err := t.parameter(key, value); err != nil {
			return t, err
		}
		t.params[key] = value
	}
	return t, nil
}

// parameter applies a parameter of a data type class.
func (t *dataType) parameter(key, value string) error {
	n, err := strconv.ParseInt(value, 10, 64)
	number := err == nil
	switch key {
	case "MAXLEN":
		if !number {
			n = -1
		}
		if t.length = int(n); n < 1 {
			t.length, t.precision = -1, 4096
		} else {
			t.precision = int(n)
		}
	case "MINVAL", "MAXVAL":
		if value == "" {
			return nil
		}
		if day, isDay := parseDay(value[:min(10, len(value))]); isDay && t.kind == kStamp {
			n, number = day, true
		}
		if !number {
			return refuse(-400, "%s=%s is not a number", key, clean(value))
		}
		if !t.limits {
			t.min, t.max, t.limits = -math.MaxInt64, math.MaxInt64, true
		}
		if key == "MINVAL" {
			t.min = n
		} else {
			t.max = n
		}
	case "SCALE":
		if !number || n < 0 || n > 18 {
			return refuse(-400, "SCALE=%s is not a scale", clean(value))
		}
		t.scale = int(n)
	case "PRECISION":
		if !number || n < 0 || n > 19+int64(t.scale) {
			return refuse(-400, "PRECISION=%s is not a precision", clean(value))
		}
		if t.kind == kTime {
			t.setTimeScale(int(n))
		}
	case "COLLATION":
		t.collation = strings.ToUpper(strings.TrimPrefix(value, "%"))
	case "MINLEN", "TRUNCATE", "CAPTION", "EXTERNALSQLNAME", "DATATYPE", "LEN", "STORAGEDEFAULT":
	default:
		return refuse(-400, "ERROR #5659: Property parameter '%s' is not known", clean(key))
	}
	if key == "DATATYPE" {
		t.element = strings.ToUpper(value)
	}
	if key == "LEN" && number {
		t.length = int(n)
	}
	return nil
}
