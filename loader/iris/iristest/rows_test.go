package iristest_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

func hexText(s string) string { return hex.EncodeToString(wire.AppendBytes(nil, []byte(s))) }

// Each value, and what it is on the wire: by default, and in the form of an option.
func TestValuesComeInTheFormThatIsAskedFor(t *testing.T) {
	var (
		text    = func(o *iristest.Options) { o.TextNumbers = true }
		logical = func(o *iristest.Options) { o.LogicalDates = true }
		long    = func(o *iristest.Options) { o.LongItems = true }
		exact   = func(o *iristest.Options) { o.PlainDoubles = true }
		cyril   = func(o *iristest.Options) { o.EightBit, o.Locale = true, "CP1251" }
	)
	for _, tt := range []struct {
		column, value string
		set           func(*iristest.Options)
		want          string
	}{
		{"BIGINT", "-300", nil, "0405d4fe"},
		{"BIGINT", "-300", text, hexText("-300")},
		{"BIGINT", "-300", long, "00030005d4fe"},
		{"NUMERIC(10,2)", "-0.5", text, hexText("-.5")},
		{"NUMERIC(10,2)", "12.5", text, hexText("12.5")},
		{"DOUBLE", "1.5", nil, "0408c03f"},
		{"DOUBLE", "0.1", nil, "0a099a9999999999b93f"},
		{"DOUBLE", "1.5", exact, "0a08000000000000f83f"},
		{"DOUBLE", "1.5", text, hexText("1.5")},
		{"DATE", "'2025-01-02'", nil, hexText("2025-01-02")},
		{"DATE", "'2025-01-02'", logical, "0504870601"},
		{"DATE", "'1840-12-31'", logical, "0204"},
		{"TIME", "'10:11:12'", logical, "0404408f"},
		{"TIME(3)", "'10:11:12.345'", logical, "0706fd59932f02"},
		{"TIMESTAMP", "'2025-09-16 10:20:30.123456'", nil, hexText("2025-09-16 10:20:30.123456")},
		{"TIMESTAMP", "'2025-09-16 10:20:30.123456'", logical, hex.EncodeToString(wire.AppendInt(nil, 1154679522636970432))},
		{"TIMESTAMP", "'0001-01-01 00:00:00'", logical, hex.EncodeToString(wire.AppendInt(nil, -6979664624441081856))},
		{"TIMESTAMP2", "'2025-09-16 10:20:30.123456789'", logical, hexText("2025-09-16 10:20:30.123456789")},
		{"VARCHAR(9)", "'яé'", nil, "06024f04e900"},
		{"VARCHAR(9)", "'é'", nil, "0301e9"},
		{"VARCHAR(9)", "'é'", long, "00020001e9"},
		{"VARCHAR(999)", "'" + strings.Repeat("x", 300) + "'", long, "0000002d01000001" + strings.Repeat("78", 300)},
		{"VARCHAR(9)", "''", nil, "030100"},
		{"VARCHAR(9)", "NULL", nil, "0201"},
		{"VARCHAR(9)", "NULL", long, "0201"},
		{"VARCHAR(9)", "'я'", cyril, "0301ff"},
	} {
		t.Run(tt.column+" "+tt.value, func(t *testing.T) {
			s := iristest.New(t, func(o *iristest.Options) {
				if tt.set != nil {
					tt.set(o)
				}
			})
			k := login(t, s)
			if strings.Contains(tt.value, "я") && tt.want == "0301ff" {
				k.charset = must(wire.CharsetFor("CP1251", false))
			}
			k.run("CREATE TABLE V (v " + tt.column + ")")
			k.run("INSERT INTO V (v) VALUES (" + tt.value + ")")
			if got := k.rows("SELECT v FROM V"); got != plain(tt.want) {
				t.Errorf("got %s, want %s", got, plain(tt.want))
			}
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// IRIS strings are sequences of 16-bit units, so half of a pair comes back as it went in.
func TestHalvesOfSurrogatePairsAreKept(t *testing.T) {
	for name, item := range map[string]string{
		"high": "0402 3dd8", "low": "0402 bbdc", "between": "0802 6100 3dd8 6200", "reversed": "0602 bbdc 3dd8", "pair": "0602 3dd8 bbdc",
	} {
		t.Run(name, func(t *testing.T) {
			_, k := prepared(t)
			if status, _ := k.ask(wire.PU, 4, "0201 0204 030401 030402 030401"+item); status != 0 {
				t.Fatalf("status %d, %s", status, k.why(4, status))
			}
			if got := k.rows("SELECT b FROM T"); got != plain(item) {
				t.Errorf("got %s", got)
			}
		})
	}
}

// A single NUL is the empty text, which is not NULL.
func TestOneNULIsTheEmptyText(t *testing.T) {
	_, k := prepared(t)
	k.ask(wire.PU, 4, "0201 0204 030403 030402  030401 030100  030402 040100ff  030403 0201")
	if got := k.rows("SELECT b FROM T ORDER BY a"); got != plain("030100 040100ff 0201") {
		t.Errorf("got %s", got)
	}
	if got := k.rows("SELECT a FROM T WHERE b = ''"); got != "030401" {
		t.Errorf("empty: %s", got)
	}
}
