package iris

import (
	"math"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/client"
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
					t.Fatalf("no decimal: %s", x)
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

// itemOf reads what was encoded.
func itemOf(b []byte) wire.Item {
	it, err := wire.NewReader(b).Next()
	if err != nil {
		panic(err)
	}
	return it
}

func text(s string) wire.Item   { return itemOf(wire.AppendBytes(nil, []byte(s))) }
func integer(n int64) wire.Item { return itemOf(wire.AppendInt(nil, n)) }
func decimal(n wire.Number) wire.Item {
	b, _ := wire.AppendNumber(nil, n)
	return itemOf(b)
}

// A server may send a value in any form that documents tell of.
func TestFormsOfValues(t *testing.T) {
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
}

// What is no value of a column is refused.
func TestWhatIsNoValue(t *testing.T) {
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

// What a query answers is JSON, and a date or time is spelled as a fixture spells it, in whatever form it comes.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		sqlType int
		it      wire.Item
		want    string
	}{
		{wire.SQLInteger, integer(-7), "-7"},
		{wire.SQLNumeric, text(".50"), "0.50"},
		{wire.SQLVarbinary, text("ab"), `"6162"`},
		{wire.SQLHorologDate, integer(0), `"1840-12-31"`},
		{wire.SQLDate, text("1840-12-31"), `"1840-12-31"`},
		{wire.SQLHorologTime, integer(36672), `"10:11:12"`},
		{wire.SQLPosixTimestamp, integer(1154679522636970432), `"2025-09-16 10:20:30.123456"`},
		{wire.SQLTimestamp, wire.Item{Type: wire.String8}, "null"},
	} {
		d := &db{Conn: new(client.Conn)}
		if got, err := d.scalar(t.Context(), tt.it, wire.Column{Type: tt.sqlType}); err != nil || string(got) != tt.want {
			t.Errorf("%d %v: got %s, want %s; %v", tt.sqlType, tt.it, got, tt.want, err)
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
