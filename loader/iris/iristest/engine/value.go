package engine

// Values that go in and out are nil, int64, [Decimal], float64, string (character data), []byte (binary data) and
// [Stream]. Dates and times are text in the form of ODBC.

// Decimal is the number Mantissa × 10^Exponent, as IRIS holds numbers: a mantissa of 64 bits.
type Decimal struct {
	Mantissa int64
	Exponent int8
}

// Stream refers to a stream of the server. Handle is what [Session.ReadStream] takes.
type Stream struct {
	Handle string
	Binary bool
}

// Column describes a column of a result.
type Column struct {
	Name, Label, Table, Schema string
	Type                       int // ODBC code; 1091, 1092 and 1093 never
	Precision, Scale           int
	Nullable                   int // 0 no, 1 yes, 2 unknown
	Flags                      Flags
}

// Flags are the yes and no of a column.
type Flags struct {
	AutoIncrement, CaseSensitive, Currency, ReadOnly, RowVersion, Unique bool
	Aliased, Expression, Hidden, Identity, Key, RowID                    bool
}

// Param describes a parameter of a statement.
type Param struct {
	Type, Precision, Scale int
	Nullable               int
}

// The ODBC codes of the types (InterSystems SQL Reference, Data Types).
const (
	TypeGUID          = -11
	TypeBit           = -7
	TypeTinyInt       = -6
	TypeBigInt        = -5
	TypeLongVarBinary = -4
	TypeVarBinary     = -3
	TypeLongVarChar   = -1
	TypeNumeric       = 2
	TypeInteger       = 4
	TypeSmallInt      = 5
	TypeDouble        = 8
	TypeDate          = 9
	TypeTime          = 10
	TypeTimestamp     = 11
	TypeVarChar       = 12
)
