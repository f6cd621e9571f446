package engine

import "testing"

func TestIntegersHaveTheLimitsOfTheirTypes(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE N (B BIT, T TINYINT, S SMALLINT, M MEDIUMINT, I INTEGER, L BIGINT)", want: "0"},
		{"INSERT INTO N VALUES (?,?,?,?,?,?)", "1", []any{int64(1), int64(127), int64(32767), int64(8388607), int64(2147483647), int64(9223372036854775807)}},
		{"INSERT INTO N VALUES (?,?,?,?,?,?)", "1", []any{int64(0), int64(-128), int64(-32768), int64(-8388608), int64(-2147483648), int64(-9223372036854775807)}},
		{sql: "INSERT INTO N VALUES ('1','5','6','7','8','9')", want: "1"},
		{sql: "SELECT * FROM N", want: "1|127|32767|8388607|2147483647|9223372036854775807\n0|-128|-32768|-8388608|-2147483648|-9223372036854775807\n1|5|6|7|8|9"},
		{sql: "INSERT INTO N (B) VALUES (2)", want: "-104:Field 'SQLUser.N.B' (value '2') failed validation"},
		{sql: "INSERT INTO N (T) VALUES (128)", want: "-104:Field 'SQLUser.N.T' (value '128') failed validation"},
		{sql: "INSERT INTO N (T) VALUES (-129)", want: "-104:Field 'SQLUser.N.T' (value '-129') failed validation"},
		{sql: "INSERT INTO N (S) VALUES (32768)", want: "-104:Field 'SQLUser.N.S' (value '32768') failed validation"},
		{sql: "INSERT INTO N (M) VALUES (8388608)", want: "-104:Field 'SQLUser.N.M' (value '8388608') failed validation"},
		{sql: "INSERT INTO N (I) VALUES (2147483648)", want: "-104:Field 'SQLUser.N.I' (value '2147483648') failed validation"},
		{sql: "INSERT INTO N (L) VALUES ('-9223372036854775808')", want: "-104:Field 'SQLUser.N.L' (value '-9223372036854775808') failed validation"},
		{sql: "INSERT INTO N (L) VALUES ('9223372036854775808')", want: "-104:Field 'SQLUser.N.L' (value '9223372036854775808') failed validation"},
		{sql: "INSERT INTO N (I) VALUES ('')", want: "-104:Field 'SQLUser.N.I' (value '') failed validation"},
		{sql: "INSERT INTO N (I) VALUES ('abc')", want: "-104:Field 'SQLUser.N.I' (value 'abc') failed validation"},
	})
}

func TestNumbersAreExactAndRoundedToTheirScale(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE N (D NUMERIC, P NUMERIC(6,2), Q NUMERIC(19,0), R NUMERIC(37,18), M MONEY, S NUMERIC(4,6), X NUMERIC(25,2))", want: "0"},
		{"INSERT INTO N VALUES (999999999999999, 9999.99, 9223372036854775807, ?, 12.34567, .001234, 1)", "1", []any{"9.223372036854775807"}},
		{sql: "INSERT INTO N (P) VALUES (1.005)", want: "1"},
		{sql: "INSERT INTO N (P) VALUES (-1.005)", want: "1"},
		{sql: "INSERT INTO N (P) VALUES ('0012.50')", want: "1"},
		{sql: "INSERT INTO N (D) VALUES (1.5)", want: "1"},
		{sql: "SELECT * FROM N", want: "999999999999999|9999.99|9223372036854775807|9.223372036854775807|12.3457|.001234|1\nNULL|1.01|NULL|NULL|NULL|NULL|NULL\nNULL|-1.01|NULL|NULL|NULL|NULL|NULL\nNULL|12.5|NULL|NULL|NULL|NULL|NULL\n2|NULL|NULL|NULL|NULL|NULL|NULL"},
		{sql: "INSERT INTO N (D) VALUES (1000000000000000)", want: "-104:Field 'SQLUser.N.D' (value '1000000000000000') failed validation"},
		{sql: "INSERT INTO N (P) VALUES (10000)", want: "-104:Field 'SQLUser.N.P' (value '10000') failed validation"},
		{sql: "INSERT INTO N (P) VALUES (9999.999)", want: "-104:Field 'SQLUser.N.P' (value '9999.999') failed validation"},
		{sql: "INSERT INTO N (R) VALUES (10)", want: "1"},
		{sql: "SELECT R FROM N WHERE R = 10", want: "10"},
		{sql: "INSERT INTO N (Q) VALUES ('12345678901234567890')", want: "-104:Field 'SQLUser.N.Q' (value '12345678901234567890') failed validation"},
		{sql: "SELECT P FROM N WHERE P > 1 ORDER BY P DESC", want: "9999.99\n12.5\n1.01"},
		{sql: "SELECT SUM(P), AVG(P), MIN(P), MAX(P) FROM N", want: "10012.49|2503.1225|-1.01|9999.99"},
		{sql: "SELECT COLUMN_NAME, NUMERIC_PRECISION, NUMERIC_SCALE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'N' ORDER BY ORDINAL_POSITION", want: "'D'|15|0\n'P'|6|2\n'Q'|19|0\n'R'|37|18\n'M'|19|4\n'S'|6|6\n'X'|21|2"},
	})
}

func TestDoublesAreFinite(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE F (A DOUBLE, B FLOAT, C REAL)", want: "0"},
		{"INSERT INTO F VALUES (?,?,?)", "1", []any{0.1, 1e+308, -2.5}},
		{sql: "INSERT INTO F VALUES (1, '1e3', 0.5)", want: "1"},
		{sql: "INSERT INTO F (A) VALUES ('INF')", want: "-104:Field 'SQLUser.F.A' (value 'INF') failed validation"},
		{sql: "INSERT INTO F (A) VALUES ('NAN')", want: "-104:Field 'SQLUser.F.A' (value 'NAN') failed validation"},
		{sql: "INSERT INTO F (A) VALUES ('x')", want: "-104:Field 'SQLUser.F.A' (value 'x') failed validation"},
		{sql: "SELECT * FROM F", want: "0.1e|1e+308e|-2.5e\n1e|1000e|0.5e"},
		{sql: "SELECT A FROM F WHERE A = 0.1", want: "0.1e"},
	})
}

func TestTextHasItsLengthAndCollation(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE S (A VARCHAR, B VARCHAR(5), C VARCHAR(''), D CHAR(3), E VARCHAR(10) COLLATE %EXACT, F NVARCHAR(2), G %String, H %Library.String(MAXLEN=3))", want: "0"},
		{sql: "INSERT INTO S (A) VALUES ('ab')", want: "-104:Field 'SQLUser.S.A' (value 'ab') failed validation"},
		{sql: "INSERT INTO S VALUES ('a', 'abcde', 'a long one', 'x', 'Abc', 'éü', 'g', 'h')", want: "1"},
		{sql: "INSERT INTO S (B) VALUES ('abcdef')", want: "-104:Field 'SQLUser.S.B' (value 'abcdef') failed validation"},
		{sql: "INSERT INTO S (F) VALUES ('💻')", want: "1"},
		{sql: "INSERT INTO S (A) VALUES ('💻')", want: "-104:Field 'SQLUser.S.A' (value '💻') failed validation"},
		{sql: "INSERT INTO S (H) VALUES ('abcd')", want: "-104:Field 'SQLUser.S.H' (value 'abcd') failed validation"},
		{sql: "INSERT INTO S (B) VALUES ('')", want: "1"},
		{sql: "INSERT INTO S (B) VALUES (NULL)", want: "1"},
		{sql: "INSERT INTO S (B) VALUES (12.50)", want: "1"},
		{sql: "SELECT B, CHAR_LENGTH(B) FROM S", want: "'abcde'|5\nNULL|NULL\n''|0\nNULL|NULL\n'12.5'|4"},
		{sql: "SELECT COUNT(*) FROM S WHERE B IS NULL", want: "2"},
		{sql: "SELECT COUNT(*) FROM S WHERE B = ''", want: "1"},
		{sql: "SELECT A FROM S WHERE B = 'ABCDE  '", want: "'a'"},
		{sql: "SELECT A FROM S WHERE E = 'ABC'", want: ""},
		{sql: "SELECT A FROM S WHERE %EXACT(B) = 'ABCDE'", want: ""},
		{sql: "SELECT COLUMN_NAME, CHARACTER_MAXIMUM_LENGTH FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'S' ORDER BY ORDINAL_POSITION", want: "'A'|1\n'B'|5\n'C'|4096\n'D'|3\n'E'|10\n'F'|2\n'G'|50\n'H'|3"},
	})
}

func TestDatesAndTimesAreHeldInLogicalForm(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE D (A DATE, B %Library.Date(MINVAL=-672045), C TIME, E TIME(2), F TIMESTAMP, G TIMESTAMP2, H DATETIME, I POSIXTIME)", want: "0"},
		{sql: "INSERT INTO D VALUES ('1840-12-31', '0001-01-01', '10:11:12', '10:11:12.129', '2025-09-16 10:20:30.123456', '2025-09-16 10:20:30.123456789', '2020-01-02 03:04:05', '1969-12-31 23:59:59.5')", want: "1"},
		{sql: "INSERT INTO D (A, C, F) VALUES (67207, 36672, 1154679522636970432)", want: "1"},
		{sql: "INSERT INTO D (A, C) VALUES ('67207', '36672.5')", want: "1"},
		{sql: "INSERT INTO D (A, F, G) VALUES ('9999-12-31', '9999-12-31 23:59:59.999999', '0001-01-01 00:00:00')", want: "1"},
		{sql: "INSERT INTO D (F) VALUES ('2020-01-02')", want: "1"},
		{sql: "INSERT INTO D (C) VALUES ('23:59:59.999999999')", want: "1"},
		{sql: "SELECT * FROM D", want: "'1840-12-31'|'0001-01-01'|'10:11:12'|'10:11:12.13'|'2025-09-16 10:20:30.123456'|'2025-09-16 10:20:30.123456789'|'2020-01-02 03:04:05'|'1969-12-31 23:59:59.5'\n'2025-01-02'|NULL|'10:11:12'|NULL|'2025-09-16 10:20:30.123456'|NULL|NULL|NULL\n'2025-01-02'|NULL|'10:11:12.5'|NULL|NULL|NULL|NULL|NULL\n'9999-12-31'|NULL|NULL|NULL|'9999-12-31 23:59:59.999999'|'0001-01-01 00:00:00'|NULL|NULL\nNULL|NULL|NULL|NULL|'2020-01-02 00:00:00'|NULL|NULL|NULL\nNULL|NULL|'23:59:59.999999999'|NULL|NULL|NULL|NULL|NULL"},
		{sql: "INSERT INTO D (A) VALUES ('1840-12-30')", want: "-104:Field 'SQLUser.D.A' (value '1840-12-30') failed validation"},
		{sql: "INSERT INTO D (A) VALUES (-1)", want: "-104:Field 'SQLUser.D.A' (value '-1') failed validation"},
		{sql: "INSERT INTO D (A) VALUES ('2021-02-29')", want: "-104:Field 'SQLUser.D.A' (value '2021-02-29') failed validation"},
		{sql: "INSERT INTO D (A) VALUES ('02/03/2020')", want: "-104:Field 'SQLUser.D.A' (value '02/03/2020') failed validation"},
		{sql: "INSERT INTO D (B) VALUES ('0000-01-01')", want: "-104:Field 'SQLUser.D.B' (value '0000-01-01') failed validation"},
		{sql: "INSERT INTO D (C) VALUES ('24:00:00')", want: "-104:Field 'SQLUser.D.C' (value '24:00:00') failed validation"},
		{sql: "INSERT INTO D (C) VALUES (86400)", want: "-104:Field 'SQLUser.D.C' (value '86400') failed validation"},
		{sql: "INSERT INTO D (F) VALUES ('2020-01-02 25:00:00')", want: "-104:Field 'SQLUser.D.F' (value '2020-01-02 25:00:00') failed validation"},
		{sql: "INSERT INTO D (F) VALUES (5)", want: "-104:Field 'SQLUser.D.F' (value '5') failed validation"},
		{sql: "SELECT A+1, A, %INTERNAL(A), %ODBCOUT(A)||'' FROM D WHERE A = '1840-12-31'", want: "1|'1840-12-31'|0|'1840-12-31'"},
		{sql: "SELECT C FROM D WHERE C > '10:11:12' ORDER BY C", want: "'10:11:12.5'\n'23:59:59.999999999'"},
		{sql: "SELECT F FROM D WHERE F < {ts '2026-01-01 00:00:00'} AND F >= '2025-01-01' ORDER BY F", want: "'2025-09-16 10:20:30.123456'\n'2025-09-16 10:20:30.123456'"},
		{sql: "SELECT A FROM D WHERE A = 'nodate'", want: "-146:Error: 'nodate' is an invalid ODBC/JDBC Date value"},
		{sql: "SELECT I FROM D WHERE I < '1970-01-01'", want: "'1969-12-31 23:59:59.5'"},
	})
}

func TestBinaryDataIsBytes(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE B (A VARBINARY(4), B VARBINARY(''), C UNIQUEIDENTIFIER)", want: "0"},
		{sql: "INSERT INTO B VALUES ('abc', 'éÿ', '12345678-1234-1234-1234-123456789012')", want: "1"},
		{sql: "INSERT INTO B (A) VALUES ('abcde')", want: "-104:Field 'SQLUser.B.A' (value 'abcde') failed validation"},
		{sql: "INSERT INTO B (A) VALUES ('€')", want: "-104:Field 'SQLUser.B.A' (value '€') failed validation"},
		{sql: "INSERT INTO B (C) VALUES ('short')", want: "-104:Field 'SQLUser.B.C' (value 'short') failed validation"},
		{sql: "SELECT * FROM B", want: "x616263|xe9ff|'12345678-1234-1234-1234-123456789012'"},
	})
}

func TestVectorsAreTextInCanonicalForm(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE V (A VECTOR(DOUBLE,3), B VECTOR, C VECTOR(INTEGER,2))", want: "0"},
		{sql: "INSERT INTO V VALUES (TO_VECTOR('1,0.5,-0.25',double), TO_VECTOR('0.1'), TO_VECTOR('1.9,2',int))", want: "1"},
		{sql: "INSERT INTO V (A) VALUES (TO_VECTOR('1,2',double))", want: "-104:Field 'SQLUser.V.A' (value '1,2') failed validation"},
		{sql: "INSERT INTO V (A) VALUES ('1,2,3')", want: "-104:Field 'SQLUser.V.A' (value '1,2,3') failed validation"},
		{sql: "SELECT * FROM V", want: "'1,.5,-.25'|'.1'|'1,2'"},
		{"SELECT TO_VECTOR(?, ?)", "-1: element type of the vector expected, ? found", []any{"1,2", "double"}},
	})
}

func TestCountersCount(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE C (A SERIAL, B INT AUTO_INCREMENT, R ROWVERSION, N INT)", want: "0"},
		{sql: "INSERT INTO C (N) VALUES (1)", want: "1"},
		{sql: "INSERT INTO C (A, B, N) VALUES (10, 10, 2)", want: "1"},
		{sql: "INSERT INTO C (A, B, N) VALUES (NULL, NULL, 3)", want: "1"},
		{sql: "INSERT INTO C (A, B, N) VALUES (0, 0, 4)", want: "1"},
		{sql: "INSERT INTO C (R) VALUES (5)", want: "-138:Cannot INSERT a value for read only field 'SQLUser.C.R'"},
		{sql: "UPDATE C SET N = 9 WHERE N = 1", want: "1"},
		{sql: "SELECT * FROM C", want: "1|1|5|9\n10|10|2|2\n11|2|3|3\n12|3|4|4"},
		{sql: "TRUNCATE TABLE C", want: "-1"},
		{sql: "INSERT INTO C (N) VALUES (1)", want: "1"},
		{sql: "SELECT * FROM C", want: "1|1|6|1"},
	})
}

func TestWhatIsNoTypeIsRefused(t *testing.T) {
	walk(t, connect(t, open(t, Options{})), []step{
		{sql: "CREATE TABLE X (A FOO)", want: "-1: Unknown data type FOO"},
		{sql: "CREATE TABLE X (A NUMERIC(5,2,1))", want: "-1: Too many arguments of NUMERIC"},
		{sql: "CREATE TABLE X (A VECTOR(COLOUR, 3))", want: "-1: Invalid element type of VECTOR: COLOUR"},
		{sql: "CREATE TABLE X (A %Library.Nothing)", want: "-400:ERROR #5373: Class '%Library.Nothing', used by property type, does not exist"},
		{sql: "CREATE TABLE X (A TIME(10))", want: "-1: Invalid precision 10"},
		{sql: "CREATE TABLE X (A VARCHAR(0))", want: "-1: Invalid length 0"},
		{sql: "CREATE TABLE X (A INT, a INT)", want: "-306:Column 'a' already exists in table 'SQLUser.X'"},
		{sql: "CREATE TABLE X (A IDENTITY, B IDENTITY)", want: "-308:Identity column already defined for table 'SQLUser.X'"},
		{sql: "CREATE TABLE X (A LONGVARCHAR UNIQUE)", want: "-400:ERROR #5414: Invalid index attribute: stream property 'A' in index 'X_UNIQUE1'"},
		{sql: "CREATE TABLE X (A INT, PRIMARY KEY (B))", want: "-86: Column 'B' of constraint 'X_PKEY1' is not in table 'SQLUser.X'"},
		{sql: `CREATE TABLE "a.b" (A INT)`, want: "-1: Invalid identifier 'a.b'"},
		{sql: "CREATE TABLE X (Date INT)", want: "-1: IDENTIFIER expected, Date found"},
	})
}
