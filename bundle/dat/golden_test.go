package dat

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The profile is frozen: these bytes must come out on every system, with every number of workers. A change here is a
// change of the format and needs a new FormatVersion.
var update = flag.Bool("update", false, "rewrite the golden files")

// goldenTable has a column of every SQL type.
func goldenTable() *Table {
	t := &Table{Format: 1, Name: "Golden.Tischläufer", PrimaryKey: []string{"ID"},
		Columns: []Column{{Name: "ID", SQLType: "BIGINT", Identity: true}},
		Unique:  [][]string{{"BIT", "TINYINT"}}, Indexes: []Index{{Name: "by date", Columns: []string{"DATE", "ID"}}},
		ForeignKeys: []ForeignKey{{Columns: []string{"BIGINT"}, RefTable: "Golden.Parent", RefColumns: []string{"ID"}}}}
	for _, name := range SQLTypes() {
		c := Column{Name: name, SQLType: name, Nullable: true, Declared: strings.ToLower(name)}
		switch families[name] {
		case famDecimal:
			c.Precision, c.Scale = ptr(12), ptr(4)
		case famTime, famTimestamp:
			c.Precision = ptr(len(name)) // TIME(4), DATETIME(8), TIMESTAMP(9): both units
		}
		t.Columns = append(t.Columns, c)
	}
	t.Columns = append(t.Columns,
		Column{Name: "wide", SQLType: "NUMERIC", Precision: ptr(38), Scale: ptr(10), Default: ptr("'<&>'")},
		Column{Name: "version", SQLType: "ROWVERSION", Generated: true})
	return t
}

// lcg is a generator whose numbers are written down here and nowhere else.
type lcg uint64

func (g *lcg) next(n int) int {
	*g = *g*6364136223846793005 + 1442695040888963407
	return int(uint64(*g) >> 33 % uint64(n))
}

func goldenBatch(t *Table, rows int) *Batch {
	g := lcg(1)
	words := []string{"", "alpha", "Grüße", "日本", "🎉", "a\x00b", "the same again", "the same"}
	b := NewBatch(t)
	stored := t.Stored()
	for i := range rows {
		for k := range stored {
			c, v := &stored[k], &b.Columns[k]
			f := families[c.SQLType]
			switch {
			case k == 0:
				v.AppendInt(int64(i) * 3)
			case c.Nullable && g.next(5) == 0:
				v.AppendNull()
			case f == famDecimal:
				d, _ := ParseDecimal(fmt.Appendf(nil, "-%d.%04d", g.next(1_000_000), g.next(10_000)))
				v.AppendDecimal(c, d)
			case v.Kind == Float:
				v.AppendFloat([]float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 0.1, float64(g.next(1000)) / 8}[g.next(7)])
			case v.Kind == Int:
				low, high := c.bounds(f)
				//lint:ignore SA4000 each call gives the next number
				v.AppendInt(max(low, min(high, int64(g.next(1<<30))-int64(g.next(1<<30)))))
			default:
				v.AppendBytes([]byte(words[g.next(len(words))] + words[g.next(len(words))]))
			}
		}
		b.Rows++
	}
	return b
}

func TestGoldenFileIsWrittenByteForByte(t *testing.T) {
	path := filepath.Join("testdata", "golden.dat")
	if *update {
		data := write(t, goldenTable(), WriterOptions{}, goldenBatch(goldenTable(), 200))
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, rows, err := read(want)
	if err != nil {
		t.Fatal(err)
	}
	if err := same(goldenBatch(goldenTable(), 200), rows); err != nil {
		t.Errorf("the golden file holds other rows: %v", err)
	}
	for _, workers := range []int{1, 2, 8} {
		if got := write(t, r.Table(), WriterOptions{Workers: workers}, rows); !bytes.Equal(got, want) {
			t.Errorf("%d workers: other bytes", workers)
		}
	}
}

func TestGoldenDigests(t *testing.T) {
	compressible := goldenBatch(goldenTable(), 40_000)
	files := []struct {
		name  string
		table *Table
		rows  *Batch
	}{
		{"every type, 3 row groups", goldenTable(), compressible},
		{"a large binary in each row", wideTable(), wideGolden(20, 1<<20)},
		{"no rows", wideTable(), NewBatch(wideTable())},
	}
	var got strings.Builder
	for _, f := range files {
		data := write(t, f.table, WriterOptions{}, f.rows)
		fmt.Fprintf(&got, "%x %d %s\n", sha256.Sum256(data), len(data), f.name)
	}
	path := filepath.Join("testdata", "golden.sha256")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func wideGolden(rows, size int) *Batch {
	g := lcg(7)
	b := NewBatch(wideTable())
	body := make([]byte, size)
	for i := range rows {
		for k := range body {
			body[k] = byte(g.next(1 + 20*i))
		}
		b.Columns[0].AppendInt(int64(i))
		b.Columns[1].AppendBytes(body)
		b.Rows++
	}
	return b
}
