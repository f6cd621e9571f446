package dat

import (
	"math"
	"testing"
	"time"
)

// Every day that can be stored, held against the standard library's calendar.
func TestDatesAgreeWithTheCalendar(t *testing.T) {
	at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	var buf []byte
	for day := int64(minDay); day <= maxDay; day++ {
		buf = AppendDate(buf[:0], day)
		if day%97 == 0 || at.Day() > 27 { // formatting by the library is slow
			if want := at.Format("2006-01-02"); string(buf) != want {
				t.Fatalf("day %d is %s, want %s", day, buf, want)
			}
		}
		if got, ok := ParseDate(buf); !ok || got != day {
			t.Fatalf("%s came back as %d, %v", buf, got, ok)
		}
		at = at.AddDate(0, 0, 1)
	}
}

func TestTimestamps(t *testing.T) {
	tests := []struct {
		text string
		unit Unit
		want int64
	}{
		{"1970-01-01 00:00:00", Micro, 0},
		{"1969-12-31 23:59:59.999999", Micro, -1},
		{"0001-01-01 00:00:00", Micro, minDay * 86_400_000_000},
		{"9999-12-31 23:59:59.999999", Micro, (maxDay+1)*86_400_000_000 - 1},
		{"2024-02-29 12:00:00.5", Micro, 1_709_208_000_500_000},
		{"2024-02-29 12:00:00.000000001", Nano, 1_709_208_000_000_000_001},
		{"1677-09-21 00:12:43.145224192", Nano, math.MinInt64},
		{"2262-04-11 23:47:16.854775807", Nano, math.MaxInt64},
	}
	for _, tt := range tests {
		got, ok := ParseTimestamp([]byte(tt.text), tt.unit)
		if !ok || got != tt.want {
			t.Errorf("%s: got %d, %v; want %d", tt.text, got, ok, tt.want)
		}
		if back := string(AppendTimestamp(nil, tt.want, tt.unit)); back != tt.text {
			t.Errorf("%d: got %s, want %s", tt.want, back, tt.text)
		}
	}
}

// What is not the canonical form is not parsed: it would not come back the same.
func TestOtherFormsAreNotTaken(t *testing.T) {
	dates := []string{"", "2024-1-1", "2024-13-01", "2024-02-30", "2023-02-29", "1900-02-29", "0000-01-01", "-001-01-01",
		"2024/01/01", "2024-01-01 ", "20240101", "２０２４-01-01", "+024-01-01"}
	for _, s := range dates {
		if _, ok := ParseDate([]byte(s)); ok {
			t.Errorf("date %q was taken", s)
		}
	}
	times := []string{"", "1:00:00", "24:00:00", "23:60:00", "23:59:60", "12:00", "12:00:00.", "12:00:00.50", "12:00:00.0",
		"12:00:00.1234567", "12:00:00,5", "12:00:00Z", "12:00:00.-5"}
	for _, s := range times {
		if _, ok := ParseTime([]byte(s), Micro); ok {
			t.Errorf("time %q was taken", s)
		}
	}
	if _, ok := ParseTime([]byte("12:00:00.1234567891"), Nano); ok {
		t.Error("ten digits were taken")
	}
	stamps := []string{"2024-01-01", "2024-01-01T00:00:00", "2024-01-01  00:00:00", "2024-01-01 00:00:00+00:00"}
	for _, s := range stamps {
		if _, ok := ParseTimestamp([]byte(s), Micro); ok {
			t.Errorf("timestamp %q was taken", s)
		}
	}
	for _, s := range []string{"1677-09-21 00:12:43.145224191", "2262-04-11 23:47:16.854775808", "0001-01-01 00:00:00", "9999-12-31 00:00:00"} {
		if v, ok := ParseTimestamp([]byte(s), Nano); ok {
			t.Errorf("%q became %d nanoseconds", s, v)
		}
	}
}

func TestDecimalText(t *testing.T) {
	for _, s := range []string{"", "-", ".", "1.", ".5", "+1", "1e5", " 1", "1 ", "1,5", "0x10", "--1", "1.2.3", "NaN"} {
		if d, ok := ParseDecimal([]byte(s)); ok {
			t.Errorf("%q was taken as %v", s, d)
		}
	}
	tests := []struct {
		text             string
		precision, scale int
		want             string // empty: does not fit
	}{
		{"12.5", 4, 2, "12.50"}, {"-12.50", 4, 2, "-12.50"}, {"12.500", 4, 2, "12.50"}, {"12.505", 4, 2, ""},
		{"123.45", 4, 2, ""}, {"0", 1, 0, "0"}, {"-0.00", 2, 2, "0.00"}, {"007", 1, 0, "7"}, {"0.07", 2, 2, "0.07"},
		{"999999999999999999", 18, 0, "999999999999999999"}, {"9999999999999999999", 18, 0, ""},
		{"-99999999999999999999999999999999999999", 38, 0, "-99999999999999999999999999999999999999"},
		{"0.00000000000000000000000000000000000001", 38, 38, "0.00000000000000000000000000000000000001"},
		{"1", 38, 38, ""},
	}
	for _, tt := range tests {
		c := Column{SQLType: "NUMERIC", Precision: ptr(tt.precision), Scale: ptr(tt.scale)}
		v := Vector{Kind: c.Kind()}
		d, ok := ParseDecimal([]byte(tt.text))
		got := ""
		if ok && v.AppendDecimal(&c, d) {
			got = string(v.FormatDecimal(nil, &c, 0))
		}
		if got != tt.want {
			t.Errorf("%s as (%d,%d): got %q, want %q", tt.text, tt.precision, tt.scale, got, tt.want)
		}
	}
	if got := string(AppendDecimal(nil, math.MinInt64, 1)); got != "-922337203685477580.8" {
		t.Error(got)
	}
}

func FuzzTextForms(f *testing.F) {
	for _, s := range []string{"2024-02-29", "23:59:59.000001", "2024-02-29 12:00:00.5", "-12.50"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		if v, ok := ParseDate(s); ok && string(AppendDate(nil, v)) != string(s) {
			t.Errorf("date %q is %d", s, v)
		}
		for _, u := range []Unit{Micro, Nano} {
			if v, ok := ParseTime(s, u); ok && string(AppendTime(nil, v, u)) != string(s) {
				t.Errorf("time %q is %d", s, v)
			}
			if v, ok := ParseTimestamp(s, u); ok && string(AppendTimestamp(nil, v, u)) != string(s) {
				t.Errorf("timestamp %q is %d", s, v)
			}
		}
	})
}
