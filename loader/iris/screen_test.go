package iris

import (
	"math"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

func TestWhatHasNoRoom(t *testing.T) {
	fixture := func(c dat.Column) *dat.Table { return &dat.Table{Name: "t", Columns: []dat.Column{c}} }
	keyed := fixture(columnOf("BIGINT"))
	keyed.PrimaryKey = []string{"v"}
	counter := columnOf("BIGINT")
	counter.Identity = true
	required := column{Column: columnOf("VARCHAR", 9)}
	required.Nullable = false
	vector := columnOf("VECTOR", 2)
	vector.ElementType = "DOUBLE"
	whole := columnOf("VECTOR", 2)
	whole.ElementType = "INTEGER"
	day := func(minimum int64, sqlType string) *column {
		return &column{Column: columnOf(sqlType), minimum: &minimum}
	}
	for _, tt := range []struct {
		want  *dat.Table
		found *column
		value any
		say   string
	}{
		{fixture(columnOf("BIGINT")), nil, math.MinInt64, "-9223372036854775808, which is out of range for BIGINT"},
		{fixture(columnOf("BIGINT")), nil, -math.MaxInt64, ""},
		{fixture(columnOf("INTEGER")), nil, 1 << 31, "2147483648, which is out of range for INTEGER"},
		{fixture(columnOf("INTEGER")), &column{Column: columnOf("BIGINT")}, 1 << 31, ""},
		{fixture(columnOf("BIGINT")), &column{Column: columnOf("SMALLINT")}, 40000, "40000, which is out of range for SMALLINT"},
		{fixture(columnOf("SERIAL")), nil, 0, "0, and a column that IRIS numbers takes numbers from 1"},
		{fixture(columnOf("SERIAL")), nil, nil, "NULL, which IRIS replaces with a number of its own"},
		{fixture(counter), nil, -3, "-3, and a column that IRIS numbers takes numbers from 1"},
		{keyed, nil, nil, "NULL in the primary key, which IRIS does not take"},
		{fixture(columnOf("VARCHAR", 9)), &required, nil, "NULL, which the column does not take"},
		{fixture(columnOf("DECIMAL", 37, 18)), nil, "9.223372036854775808", "9.223372036854775808, which is out of range for DECIMAL(37,18)"},
		{fixture(columnOf("DECIMAL", 37, 18)), nil, "-9.223372036854775808", "-9.223372036854775808, which is out of range for DECIMAL(37,18)"},
		{fixture(columnOf("DECIMAL", 37, 18)), nil, "-9.223372036854775807", ""},
		{fixture(columnOf("NUMERIC", 10, 2)), &column{Column: columnOf("NUMERIC", 5, 2)}, "1000.00", "1000.00, which is out of range for NUMERIC(5,2)"},
		{fixture(columnOf("NUMERIC", 10, 2)), &column{Column: columnOf("NUMERIC", 5, 2)}, "999.99", ""},
		{fixture(columnOf("DOUBLE")), nil, math.NaN(), "NaN, which IRIS is not known to give back"},
		{fixture(columnOf("DOUBLE")), nil, math.Inf(-1), "an infinity, which IRIS is not known to give back"},
		{fixture(columnOf("DOUBLE")), nil, math.Copysign(0, -1), "-0.0, which IRIS is not known to give back"},
		{fixture(columnOf("VARCHAR", 9)), nil, "\x00", "a text of one NUL, which IRIS does not tell from an empty one"},
		{fixture(columnOf("LONGVARBINARY")), nil, []byte{0}, "a binary value of one NUL, which IRIS does not tell from an empty one"},
		{fixture(columnOf("VARCHAR", 2)), nil, "äö", ""},
		{fixture(columnOf("VARCHAR", 3)), nil, "🎉🎉", "a text of 4 characters, and the column takes 3"},
		{fixture(columnOf("VARBINARY", 3)), nil, []byte("long"), "a binary value of 4 bytes, and the column takes 3"},
		{fixture(columnOf("VARCHAR")), nil, strings.Repeat("x", wire.MaxString+1), "a text of 3641145 characters, and the column takes 3641144"},
		{fixture(columnOf("LONGVARCHAR")), nil, strings.Repeat("x", wire.MaxString+1), ""},
		{fixture(columnOf("UNIQUEIDENTIFIER")), nil, "x", `"x", which is no GUID`},
		{fixture(vector), nil, "1,2.5", ""},
		{fixture(vector), nil, "1,2.50", `the element "2.50", which IRIS writes in another way`},
		{fixture(vector), nil, "1,-3e9", `the element "-3e9", which IRIS writes in another way`},
		{fixture(vector), nil, "1, 2", `the element " 2", which IRIS writes in another way`},
		{fixture(vector), nil, "1,", `the element "", which IRIS writes in another way`},
		{fixture(vector), nil, "1", "a vector of 1 elements instead of 2"},
		{fixture(whole), nil, "1,-0", `the element "-0", which IRIS writes in another way`},
		{fixture(columnOf("DATE")), nil, "0001-01-01", ""},
		{fixture(columnOf("DATE")), day(firstDay, "DATE"), "1840-12-30", "1840-12-30, and the column begins with 1840-12-31"},
		{fixture(columnOf("TIMESTAMP")), day(firstDay, "DATETIME"), "1840-12-30 23:59:59", "1840-12-30 23:59:59, and the column begins with 1840-12-31"},
		{fixture(columnOf("TIMESTAMP", 9)), &column{Column: columnOf("TIMESTAMP")}, "2024-01-01 00:00:00.0000001", "2024-01-01 00:00:00.0000001, and the column keeps 6 digits of a second"},
		{fixture(columnOf("TIME")), &column{Column: columnOf("TIME", 1)}, "00:00:00.25", "00:00:00.25, and the column keeps 1 digits of a second"},
		{fixture(columnOf("TIME", 9)), nil, "00:00:00.000000001", ""},
	} {
		var found *table
		if tt.found != nil {
			tt.found.Name = "v"
			found = &table{columns: []column{*tt.found}}
		}
		c := &tt.want.Columns[0]
		v := vectorOf(t, c, tt.value)
		screen, got := screens(tt.want, found), ""
		if screen.Columns != nil {
			_, got = screen.Check(0, v)
		}
		if got != tt.say {
			t.Errorf("%s %.40v: got %q, want %q", typeText(c), tt.value, got, tt.say)
		}
	}
}
