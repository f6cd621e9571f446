package iris

import (
	"math"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

func columnOf(sqlType string, numbers ...int) dat.Column {
	c := dat.Column{Name: "v", SQLType: sqlType, Nullable: true}
	switch kinds[sqlType] {
	case "number":
		if len(numbers) > 0 {
			c.Precision, c.Scale = &numbers[0], &numbers[1]
		}
	case "time", "timestamp":
		if len(numbers) > 0 {
			c.Precision = &numbers[0]
		}
	default:
		if len(numbers) > 0 {
			c.Length = numbers[0]
		}
	}
	return c
}

// vectorOf holds values as people write them; nil is NULL.
func vectorOf(t testing.TB, c *dat.Column, values ...any) *dat.Vector {
	t.Helper()
	v := &dat.Vector{Kind: c.Kind()}
	for _, x := range values {
		ok := true
		switch x := x.(type) {
		case nil:
			v.AppendNull()
		case int:
			v.AppendInt(int64(x))
		case float64:
			v.AppendFloat(x)
		case []byte:
			v.AppendBytes(x)
		case string:
			var n int64
			switch kinds[c.SQLType] {
			case "number":
				d, parsed := dat.ParseDecimal([]byte(x))
				if !parsed || !v.AppendDecimal(c, d) {
					panic(x)
				}
				continue
			case "date":
				n, ok = dat.ParseDate([]byte(x))
			case "time":
				n, ok = dat.ParseTime([]byte(x), c.Unit())
			case "timestamp":
				n, ok = dat.ParseTimestamp([]byte(x), c.Unit())
			default:
				v.AppendBytes([]byte(x))
				continue
			}
			v.AppendInt(n)
		}
		if !ok {
			t.Fatalf("%s does not hold %v", c.SQLType, x)
		}
	}
	return v
}

// What goes out as a parameter means the same when it comes in as a value.
func TestValuesOutAndIn(t *testing.T) {
	for _, tt := range []struct {
		c      dat.Column
		values []any
	}{
		{columnOf("BIGINT"), []any{0, -1, math.MaxInt64, -math.MaxInt64, nil}},
		{columnOf("NUMERIC", 18, 2), []any{"0.00", "-0.01", "9999999999999999.99", nil, "100.00"}},
		{columnOf("DECIMAL", 37, 18), []any{"0.000000000000000001", "-9.223372036854775807", nil, "0.000000000000000000"}},
		{columnOf("MONEY", 19, 4), []any{"922337203685477.5807", "-922337203685477.5808"}},
		{columnOf("DOUBLE"), []any{0.1, math.MaxFloat64, math.SmallestNonzeroFloat64, -5.0, nil, 0.0}},
		{columnOf("VARCHAR"), []any{"", " ", "é", "🎉", "a\x00b", "007", nil, strings.Repeat("ü", 70_000)}},
		{columnOf("VARBINARY"), []any{[]byte{}, []byte{0, 0}, []byte{255, 0}, nil}},
		{columnOf("DATE"), []any{"0001-01-01", "1840-12-30", "9999-12-31", nil}},
		{columnOf("TIME"), []any{"00:00:00", "23:59:59.999999", nil}},
		{columnOf("TIME", 9), []any{"23:59:59.999999999"}},
		{columnOf("TIMESTAMP"), []any{"0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "1969-12-31 23:59:59.5", nil}},
		{columnOf("TIMESTAMP", 9), []any{"2262-04-11 23:47:16.854775807"}},
		{columnOf("UNIQUEIDENTIFIER"), []any{"123e4567-e89b-12d3-a456-426614174000"}},
	} {
		v := vectorOf(t, &tt.c, tt.values...)
		values := wire.NewValues(1, wire.Unicode)
		e := encoder{column: &tt.c}
		for i := range v.Len() {
			if err := e.add(t.Context(), nil, values, v, i); err != nil {
				t.Fatalf("%s: value %d: %v", tt.c.SQLType, i, err)
			}
		}
		got, d, r := &dat.Vector{Kind: v.Kind}, decoder{column: &tt.c, charset: wire.Unicode}, values.Reader()
		for i := range v.Len() {
			it, err := r.Next()
			if err == nil {
				err = d.add(got, it)
			}
			if err != nil || !dat.SameValue(v, i, got, i) {
				t.Errorf("%s: value %d (%v): %v", tt.c.SQLType, i, tt.values[i], err)
			}
		}
	}
}

// A server may send a value in any form that documents tell of.
func TestFormsOfValues(t *testing.T) {
	item := func(b []byte) wire.Item {
		it, err := wire.NewReader(b).Next()
		if err != nil {
			t.Fatal(err)
		}
		return it
	}
	text := func(s string) wire.Item { return item(wire.AppendBytes(nil, []byte(s))) }
	integer := func(n int64) wire.Item { return item(wire.AppendInt(nil, n)) }
	decimal := func(n wire.Number) wire.Item { b, _ := wire.AppendNumber(nil, n); return item(b) }
	for _, tt := range []struct {
		c    dat.Column
		it   wire.Item
		want any
	}{
		{columnOf("INTEGER"), text("-12"), -12},
		{columnOf("BIT"), text("1"), 1},
		{columnOf("NUMERIC", 10, 2), text(".5"), "0.50"},
		{columnOf("NUMERIC", 10, 2), integer(7), "7.00"},
		{columnOf("NUMERIC", 10, 2), decimal(wire.Number{Mantissa: 1, Exponent: 2}), "100.00"},
		{columnOf("DOUBLE"), text("1.5E300"), 1.5e300},
		{columnOf("DOUBLE"), integer(3), 3.0},
		{columnOf("DOUBLE"), decimal(wire.Number{Mantissa: 1, Exponent: -1}), 0.1},
		{columnOf("VARCHAR"), integer(12), "12"},
		{columnOf("VARCHAR"), decimal(wire.Number{Negative: true, Mantissa: 50, Exponent: -2}), "-.5"},
		{columnOf("DATE"), integer(0), "1840-12-31"},
		{columnOf("DATE"), text("67207"), "2025-01-02"},
		{columnOf("DATE"), integer(-672045), "0001-01-01"},
		{columnOf("TIME"), integer(36672), "10:11:12"},
		{columnOf("TIME"), decimal(wire.Number{Mantissa: 366725, Exponent: -1}), "10:11:12.5"},
		{columnOf("TIME"), text("10:11:12.500"), "10:11:12.5"},
		{columnOf("TIMESTAMP"), integer(1154679522636970432), "2025-09-16 10:20:30.123456"},
		{columnOf("TIMESTAMP"), text("-6979664624441081856"), "0001-01-01 00:00:00"},
		{columnOf("TIMESTAMP"), text("2025-09-16 10:20:30.000000000"), "2025-09-16 10:20:30"},
		{columnOf("TIMESTAMP", 9), integer(1154679522636970432), "2025-09-16 10:20:30.123456"},
	} {
		d, got, want := decoder{column: &tt.c, charset: wire.Unicode}, &dat.Vector{Kind: tt.c.Kind()}, vectorOf(t, &tt.c, tt.want)
		if err := d.add(got, tt.it); err != nil || !dat.SameValue(got, 0, want, 0) {
			t.Errorf("%s %v: %v", tt.c.SQLType, tt.want, err)
		}
	}
	for _, tt := range []struct {
		c  dat.Column
		it wire.Item
	}{
		{columnOf("INTEGER"), text("1.5")}, {columnOf("INTEGER"), text("x")}, {columnOf("INTEGER"), text("\x00")},
		{columnOf("NUMERIC", 10, 2), text("1.005")}, {columnOf("NUMERIC", 30, 2), text("1.005")},
		{columnOf("DATE"), text("2025-02-30")}, {columnOf("DATE"), text("02/03/2025")},
		{columnOf("TIME"), text("24:00:00")}, {columnOf("TIME"), text("10:11:12.1234567")},
		{columnOf("TIMESTAMP"), text("2025-09-16")}, {columnOf("TIMESTAMP"), integer(5)},
		{columnOf("TIMESTAMP", 9), integer(1406323805406846975)},
		{columnOf("VARCHAR"), wire.Item{Type: wire.String16, Data: []byte{0, 0xD8}}},
		{columnOf("VARBINARY"), wire.Item{Type: wire.String16, Data: []byte{0, 1}}},
	} {
		d, got := decoder{column: &tt.c, charset: wire.Unicode}, &dat.Vector{Kind: tt.c.Kind()}
		if err := d.add(got, tt.it); err == nil {
			t.Errorf("%s takes %v %q", tt.c.SQLType, tt.it.Type, tt.it.Data)
		}
	}
}

// Nothing is allocated for a value while the vector has room.
func TestValuesCostNoAllocation(t *testing.T) {
	for _, c := range []dat.Column{columnOf("BIGINT"), columnOf("NUMERIC", 10, 2), columnOf("DOUBLE"), columnOf("VARCHAR"), columnOf("DATE"), columnOf("TIMESTAMP")} {
		value := map[string]any{"BIGINT": 5, "NUMERIC": "1.50", "DOUBLE": 1.5, "VARCHAR": "text", "DATE": "2024-01-31", "TIMESTAMP": "2024-01-31 12:00:00.5"}[c.SQLType]
		v, values := vectorOf(t, &c, value), wire.NewValues(1, wire.Unicode)
		e, d, got := encoder{column: &c}, decoder{column: &c, charset: wire.Unicode}, &dat.Vector{Kind: v.Kind}
		round := func() {
			values.Reset()
			got.Reset()
			for range 100 {
				if err := e.add(t.Context(), nil, values, v, 0); err != nil {
					t.Fatal(err)
				}
			}
			r := values.Reader()
			for range 100 {
				it, _ := r.Next()
				if err := d.add(got, it); err != nil {
					t.Fatal(err)
				}
			}
		}
		round()
		if n := testing.AllocsPerRun(10, round); n > 10 {
			t.Errorf("%s: %v allocations for 100 values", c.SQLType, n)
		}
	}
}

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
