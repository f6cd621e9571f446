package wire

// The SQL type codes of columns and parameters. ODBC and JDBC number dates and times differently; both occur (vendor
// documentation, "Integer Codes for Data Types", RSQL_datatype_intcodes). The last three are the stored forms, as
// observed.
const (
	SQLGUID           = -11
	SQLWLongVarchar   = -10 // a stream handle
	SQLWVarchar       = -9
	SQLWChar          = -8
	SQLBit            = -7
	SQLTinyInt        = -6
	SQLBigInt         = -5
	SQLLongVarbinary  = -4 // a stream handle
	SQLVarbinary      = -3
	SQLBinary         = -2
	SQLLongVarchar    = -1 // a stream handle
	SQLUnknown        = 0
	SQLChar           = 1
	SQLNumeric        = 2
	SQLDecimal        = 3
	SQLInteger        = 4
	SQLSmallInt       = 5
	SQLFloat          = 6
	SQLReal           = 7
	SQLDouble         = 8
	SQLODBCDate       = 9
	SQLODBCTime       = 10
	SQLODBCTimestamp  = 11
	SQLVarchar        = 12
	SQLDate           = 91
	SQLTime           = 92
	SQLTimestamp      = 93
	SQLHorologDate    = 1091 // days since 1840-12-31
	SQLHorologTime    = 1092 // seconds since midnight
	SQLPosixTimestamp = 1093 // see [DecodePosixTime]
)
