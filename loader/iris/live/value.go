package live

import (
	"fmt"
	"math"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

var valueQuestions = []Question{
	{"NaN, infinities and -0 in DOUBLE", "not known to come back", "", specialDoubles, "a fixture that has one is refused"},
	{"a date before 1840-12-31", "refused in DATE; taken by %Library.Date(MINVAL=-672045), from 0001-01-01 to 9999-12-31", "DATE columns that irisfix makes have that class.", oldDates, ""},
	{"timestamps before 1840-12-31", "TIMESTAMP takes the years 1 to 9999", "TIMESTAMP columns in microseconds.", oldTimestamps, ""},
	{"timestamps in nanoseconds before 1840-12-31", "taken by %Library.TimeStamp(MINVAL='0001-01-01 00:00:00')", "TIMESTAMP2 and DATETIME columns that irisfix makes have such a class.", oldNanos, ""},
	{"the lowest BIGINT", "-9223372036854775807: one lower is refused or altered", "", lowest, "-9223372036854775808 is refused by irisfix"},
	{"NUMERIC of 19 digits and more", "exact as long as the mantissa fits 64 bits", "What does not fit is refused.", decimals, ""},
	{"one NUL", "it is the empty text, and the empty binary value; two NULs are two", "", oneNUL, "a fixture that has such a value is refused"},
	{"the empty text and NULL", "different, in VARCHAR, VARBINARY and streams", "Every empty value.", empty, ""},
	{"trailing blanks", "kept; 'a' and 'a ' are different in a key of COLLATE %EXACT", "Text in keys.", blanks, ""},
	{"'a' and 'A' in a key", "the same by default (-119), different under COLLATE %EXACT", "Key columns of tables from elsewhere are made with %EXACT.", collation, ""},
	{"VARCHAR without a length, VARCHAR('')", "1 character; no limit", "Text without a declared length.", lengths, ""},
	{"a text of 1,000,000 characters as a parameter", "taken", "Text of up to 3,641,144 characters in columns that are no streams.", longText, ""},
	{"spelling of numbers in VECTOR", "canonical: no trailing zeros, no leading zero", "Elements in other spellings are refused.", vector, ""},
}

func specialDoubles(b *bench) (Answer, error) {
	b.run("CREATE TABLE QSpecial (n INTEGER, v DOUBLE)")
	var said []string
	for i, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)} {
		got := b.try("INSERT INTO QSpecial (n, v) VALUES (?, ?)", i, f)
		if got == done {
			row := b.items("SELECT v FROM QSpecial WHERE n = ?", i)
			if b.err != nil {
				return Answer{}, b.err
			}
			got = show(row[0], b.Charset()) + ", " + hexed(row[0].Data)
		}
		said = append(said, fmt.Sprintf("%g: %s", f, got))
	}
	return Answer{strings.Join(said, "; "), Unsettled}, b.err
}

func oldDates(b *bench) (Answer, error) {
	b.run("CREATE TABLE QOld (n INTEGER, v DATE)", "CREATE TABLE QOlder (n INTEGER, v %Library.Date(MINVAL=-672045))")
	plain := b.try("INSERT INTO QOld (n, v) VALUES (1, ?)", "1840-12-30")
	var said []string
	right := plain != done
	for n, day := range []string{"0001-01-01", "1840-12-30", "1840-12-31", "1969-12-31", "9999-12-31"} {
		got := b.try("INSERT INTO QOlder (n, v) VALUES (?, ?)", n, day)
		if got == done {
			got = b.see("SELECT v FROM QOlder WHERE n = ?", n)
		}
		right = right && got == fmt.Sprintf("%q", day)
		said = append(said, day+": "+got)
	}
	return told(right, fmt.Sprintf("DATE, 1840-12-30: %s; MINVAL: %s", plain, strings.Join(said, "; ")))
}

func oldTimestamps(b *bench) (Answer, error) {
	b.run("CREATE TABLE QOldStamps (n INTEGER, v TIMESTAMP)")
	return timestamps(b, "QOldStamps", "0001-01-01 00:00:00", "1840-12-30 23:59:59.999999", "1969-12-31 23:59:59.5", "9999-12-31 23:59:59.999999")
}

func oldNanos(b *bench) (Answer, error) {
	for table, class := range map[string]string{"QOldNanos": "%Library.TimeStamp", "QOldDateTimes": "%Library.DateTime"} {
		if made := b.try("CREATE TABLE " + table + " (n INTEGER, v " + class + "(MINVAL='0001-01-01 00:00:00'))"); made != done {
			return told(false, class+": "+made)
		}
	}
	nanos, err := timestamps(b, "QOldNanos", "0001-01-01 00:00:00", "1840-12-30 23:59:59.999999999", "1969-12-31 23:59:59.5", "9999-12-31 23:59:59.123456789")
	if err != nil {
		return nanos, err
	}
	millis, err := timestamps(b, "QOldDateTimes", "0001-01-01 00:00:00", "1840-12-30 23:59:59", "9999-12-31 23:59:59")
	if err != nil {
		return millis, err
	}
	return told(nanos.Verdict == AsBelieved && millis.Verdict == AsBelieved, "TimeStamp: "+nanos.Said+"; DateTime: "+millis.Said)
}

// timestamps writes some and reads them back.
func timestamps(b *bench, table string, list ...string) (Answer, error) {
	var said []string
	right := true
	for n, at := range list {
		got := b.try("INSERT INTO "+table+" (n, v) VALUES (?, ?)", n, at)
		if got == done {
			got = b.see("SELECT v FROM "+table+" WHERE n = ?", n)
		}
		right = right && strings.HasPrefix(got, `"`+at)
		said = append(said, at+": "+got)
	}
	return told(right, strings.Join(said, "; "))
}

func lowest(b *bench) (Answer, error) {
	b.run("CREATE TABLE QLowest (n INTEGER, v BIGINT)")
	second := b.try("INSERT INTO QLowest (n, v) VALUES (1, ?)", int64(math.MinInt64+1))
	first := b.try("INSERT INTO QLowest (n, v) VALUES (2, ?)", int64(math.MinInt64))
	rows := b.see("SELECT n, v FROM QLowest ORDER BY n")
	return told(second == done && strings.HasPrefix(rows, "1, -9223372036854775807") && !strings.Contains(rows, "2, -9223372036854775808"),
		fmt.Sprintf("-9223372036854775807: %s; -9223372036854775808: %s; rows: %s", second, first, rows))
}

func decimals(b *bench) (Answer, error) {
	b.run("CREATE TABLE QDecimals (a NUMERIC(19,0), b NUMERIC(19,4), c NUMERIC(37,18))")
	got := b.try("INSERT INTO QDecimals (a, b, c) VALUES (?, ?, ?)", wire.Number{Mantissa: math.MaxInt64},
		wire.Number{Mantissa: math.MaxInt64, Exponent: -4}, wire.Number{Mantissa: math.MaxInt64, Exponent: -18})
	rows := b.see("SELECT a, b, c FROM QDecimals")
	return told(rows == "9223372036854775807, 922337203685477.5807, 9.223372036854775807", got+"; rows: "+rows)
}

func oneNUL(b *bench) (Answer, error) {
	b.run("CREATE TABLE QNuls (n INTEGER, t VARCHAR(10), b VARBINARY(10))",
		"INSERT INTO QNuls (n, t) VALUES (1, '')", "INSERT INTO QNuls (n, t) VALUES (2, CHAR(0))")
	b.put("INSERT INTO QNuls (n, t, b) VALUES (3, ?, ?)", "\x00\x00", []byte{0, 0})
	rows := b.see("SELECT n, CHAR_LENGTH(t), t, b FROM QNuls ORDER BY n")
	same := b.see("SELECT COUNT(*) FROM QNuls WHERE t = ''")
	return told(same == "2" && strings.Contains(rows, `"\x00\x00"`), fmt.Sprintf("n, length, text, binary: %s; rows with t = '': %s", rows, same))
}

func empty(b *bench) (Answer, error) {
	b.run("CREATE TABLE QEmpties (n INTEGER, t VARCHAR(10), b VARBINARY(10), c LONGVARCHAR, d LONGVARBINARY)",
		"INSERT INTO QEmpties (n) VALUES (1)")
	b.put("INSERT INTO QEmpties (n, t, b, c, d) VALUES (2, ?, ?, ?, ?)", "", []byte{}, "", []byte{})
	nulls := b.see("SELECT t, b, c, d FROM QEmpties WHERE n = 1")
	row := b.items("SELECT t, b, c, d FROM QEmpties WHERE n = 2")
	if b.err != nil {
		return Answer{}, b.err
	}
	said, right := []string{"NULLs: " + nulls}, nulls == "NULL, NULL, NULL, NULL"
	for i, name := range []string{"VARCHAR", "VARBINARY"} {
		said = append(said, name+" ''': "+hexed(row[i].Data))
		right = right && string(row[i].Data) == "\x00"
	}
	for i, name := range []string{"LONGVARCHAR", "LONGVARBINARY"} {
		if row[i+2].Null() {
			said, right = append(said, name+": NULL"), false
			continue
		}
		data, err := b.stream(row[i+2].Data)
		if err != nil {
			return Answer{}, err
		}
		said = append(said, name+": a stream of "+hexed(data))
		right = right && (len(data) == 0 || string(data) == "\x00")
	}
	return told(right, strings.ReplaceAll(strings.Join(said, "; "), "'''", "''"))
}

func blanks(b *bench) (Answer, error) {
	b.run("CREATE TABLE QBlanks (v VARCHAR(10) COLLATE %EXACT NOT NULL UNIQUE)", "INSERT INTO QBlanks (v) VALUES ('a')")
	got := b.try("INSERT INTO QBlanks (v) VALUES (?)", "a ")
	rows := b.see("SELECT v, CHAR_LENGTH(v) FROM QBlanks ORDER BY CHAR_LENGTH(v)")
	return told(got == done && rows == `"a", 1; "a ", 2`, fmt.Sprintf("'a ' beside 'a': %s; rows: %s", got, rows))
}

func collation(b *bench) (Answer, error) {
	b.run("CREATE TABLE QUpper (v VARCHAR(10) NOT NULL UNIQUE)", "INSERT INTO QUpper (v) VALUES ('a')",
		"CREATE TABLE QExact (v VARCHAR(10) COLLATE %EXACT NOT NULL UNIQUE)", "INSERT INTO QExact (v) VALUES ('a')")
	plain, exact := b.try("INSERT INTO QUpper (v) VALUES ('A')"), b.try("INSERT INTO QExact (v) VALUES ('A')")
	return told(strings.Contains(plain, "-119") && exact == done, fmt.Sprintf("by default: %s; %%EXACT: %s", plain, exact))
}

func lengths(b *bench) (Answer, error) {
	b.run("CREATE TABLE QNoLength (v VARCHAR)", "CREATE TABLE QUnlimited (v VARCHAR(''))")
	short := b.try("INSERT INTO QNoLength (v) VALUES ('ab')")
	long := b.try("INSERT INTO QUnlimited (v) VALUES (?)", strings.Repeat("x", 40_000))
	length := b.see("SELECT CHAR_LENGTH(v) FROM QUnlimited")
	return told(short != done && length == "40000", fmt.Sprintf("'ab' in VARCHAR: %s; 40,000 characters in VARCHAR(''): %s, length %s", short, long, length))
}

func longText(b *bench) (Answer, error) {
	b.run("CREATE TABLE QLongs (v VARCHAR(''))")
	got := b.try("INSERT INTO QLongs (v) VALUES (?)", strings.Repeat("é€", 500_000))
	length := b.see("SELECT CHAR_LENGTH(v) FROM QLongs")
	return told(length == "1000000", fmt.Sprintf("%s, length %s", got, length))
}

func vector(b *bench) (Answer, error) {
	made := b.try("CREATE TABLE QVectors (d VECTOR(DOUBLE, 3), i VECTOR(INTEGER, 2))")
	if made != done {
		return told(false, "CREATE TABLE: "+made)
	}
	got := b.try("INSERT INTO QVectors (d, i) VALUES (TO_VECTOR(?, DOUBLE), TO_VECTOR(?, INTEGER))", "2.50,0.1,-0.5", "1,-2")
	rows := b.see("SELECT d, i FROM QVectors")
	return told(rows == `"2.5,.1,-.5", "1,-2"`, got+"; 2.50,0.1,-0.5 and 1,-2 come back as "+rows)
}
