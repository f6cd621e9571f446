package dat

import (
	"math/big"
	"slices"
)

// Kind is how the values of a column are held in memory.
type Kind uint8

const (
	Int   Kind = iota + 1 // int64: integers, BIT, DATE, TIME, timestamps, DECIMAL up to 18 digits
	Float                 // float64
	Bytes                 // text, binary, DECIMAL of more than 18 digits
)

// Physical types, encodings and annotations of the Parquet format
// (https://github.com/apache/parquet-format, parquet.thrift).
const (
	physBoolean   = 0
	physInt32     = 1
	physInt64     = 2
	physDouble    = 5
	physByteArray = 6
	physFixed     = 7

	encPlain       = 0
	encDelta       = 5 // DELTA_BINARY_PACKED
	encDeltaLength = 6 // DELTA_LENGTH_BYTE_ARRAY

	convertedUTF8    = 0
	convertedDecimal = 5
	convertedDate    = 6

	logicalNone      = 0
	logicalString    = 1
	logicalDecimal   = 5
	logicalDate      = 6
	logicalTime      = 7
	logicalTimestamp = 8
)

// family groups the SQL types that are stored alike.
type family uint8

const (
	famBit family = iota + 1
	famSmall
	famInteger
	famDecimal
	famDouble
	famText
	famBinary
	famDate
	famTime
	famTimestamp
)

// families has every SQL type that a .DAT can hold, by its IRIS name.
var families = map[string]family{
	"BIT":     famBit,
	"TINYINT": famSmall, "SMALLINT": famSmall,
	"INTEGER": famInteger, "BIGINT": famInteger, "SERIAL": famInteger,
	"NUMERIC": famDecimal, "DECIMAL": famDecimal, "MONEY": famDecimal,
	"DOUBLE": famDouble, "FLOAT": famDouble, "REAL": famDouble,
	"CHAR": famText, "VARCHAR": famText, "LONGVARCHAR": famText, "UNIQUEIDENTIFIER": famText, "VECTOR": famText,
	"BINARY": famBinary, "VARBINARY": famBinary, "LONGVARBINARY": famBinary,
	"DATE": famDate, "TIME": famTime,
	"TIMESTAMP": famTimestamp, "POSIXTIME": famTimestamp, "DATETIME": famTimestamp,
}

// SQLTypes returns the names of all types that a column can have, sorted.
func SQLTypes() []string {
	names := make([]string, 0, len(families))
	for name := range families {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// MaxPrecision is the most digits a DECIMAL can have: what 128 bits hold, which is what other Parquet readers take.
const MaxPrecision = 38

// maxIntPrecision is the most digits that an int64 always holds.
const maxIntPrecision = 18

// layout is how a column lies in the file.
type layout struct {
	kind      Kind
	physical  int
	width     int // of a physFixed value, in bytes
	encoding  int
	converted int // or -1
	logical   int
	precision int // of a DECIMAL
	scale     int
	nanos     bool
}

// layout derives the column's place in the file from its SQL type. The column was checked before.
func (c *Column) layout() layout {
	l := layout{kind: Int, physical: physInt64, encoding: encDelta, converted: -1}
	switch families[c.SQLType] {
	case famBit:
		l.physical, l.encoding = physBoolean, encPlain
	case famSmall:
		l.physical = physInt32
	case famDecimal:
		l.decimal(c)
	case famDouble:
		l.kind, l.physical, l.encoding = Float, physDouble, encPlain
	case famText:
		l.kind, l.physical, l.encoding = Bytes, physByteArray, encDeltaLength
		l.converted, l.logical = convertedUTF8, logicalString
	case famBinary:
		l.kind, l.physical, l.encoding = Bytes, physByteArray, encDeltaLength
	case famDate:
		l.physical, l.converted, l.logical = physInt32, convertedDate, logicalDate
	case famTime:
		l.logical, l.nanos = logicalTime, c.nanoseconds()
	case famTimestamp:
		l.logical, l.nanos = logicalTimestamp, c.nanoseconds()
	}
	return l
}

func (l *layout) decimal(c *Column) {
	l.converted, l.logical = convertedDecimal, logicalDecimal
	l.precision, l.scale = *c.Precision, *c.Scale
	switch {
	case l.precision <= 9:
		l.physical = physInt32
	case l.precision > maxIntPrecision:
		l.kind, l.physical, l.encoding = Bytes, physFixed, encPlain
		l.width = decimalWidth(l.precision)
	}
}

// decimalWidth is the number of bytes that a signed integer of so many decimal digits needs.
func decimalWidth(precision int) int {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	return most.BitLen()/8 + 1
}

// Kind tells how the column's values are held in a batch.
func (c *Column) Kind() Kind { return c.layout().kind }

// nanoseconds tells the unit of a TIME or timestamp: microseconds, or nanoseconds if more than six digits of a second
// are declared or needed.
func (c *Column) nanoseconds() bool { return c.Nanos || c.Precision != nil && *c.Precision > 6 }

// Comparable reports whether values of two columns that look the same mean the same, so that [Compare] and [SameValue]
// may be given both.
func (c *Column) Comparable(d *Column) bool {
	f := families[c.SQLType]
	if f != families[d.SQLType] || c.Kind() != d.Kind() {
		return false
	}
	switch f {
	case famDecimal:
		return *c.Scale == *d.Scale && (c.Kind() == Int || *c.Precision == *d.Precision)
	case famTime, famTimestamp:
		return c.Unit() == d.Unit()
	}
	return true
}
