package dat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever the schema and the rows: what is written comes back bit by bit, the bytes do not depend on the division
// into batches or on the number of workers, and the schema comes back with its JSON.
func TestEveryTypeComesBackExactly(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			table := randomTable(r)
			whole := randomBatch(r, table, r.IntN(400))
			data := write(t, table, WriterOptions{Workers: 1}, whole)

			var parts []*Batch
			for i := 0; i < whole.Rows; {
				j := min(whole.Rows, i+1+r.IntN(50))
				part := NewBatch(table)
				part.Append(whole, i, j)
				parts = append(parts, part)
				i = j
			}
			if again := write(t, table, WriterOptions{Workers: 4}, parts...); !bytes.Equal(data, again) {
				t.Fatal("other batches and workers gave other bytes")
			}

			reader, got, err := read(data)
			if err != nil {
				t.Fatal(err)
			}
			if err := same(whole, got); err != nil {
				t.Error(err)
			}
			if !bytes.Equal(reader.Table().JSON(), table.JSON()) {
				t.Errorf("schema %s", reader.Table().JSON())
			}
			if reader.Rows() != int64(whole.Rows) {
				t.Errorf("%d rows", reader.Rows())
			}
		})
	}
}

// wideTable has one large column, so that a few rows fill row groups.
func wideTable() *Table {
	return &Table{Format: 1, Name: "Wide", PrimaryKey: []string{"id"}, Columns: []Column{
		{Name: "id", SQLType: "BIGINT"}, {Name: "body", SQLType: "LONGVARBINARY", Nullable: true}}}
}

func wideBatch(rows, size int, seed uint64) *Batch {
	r := rand.New(rand.NewPCG(seed, 2))
	b := NewBatch(wideTable())
	body := make([]byte, size+8)
	for i := range rows {
		for k := 0; k < size; k += 8 { // a word at a time, and not to be compressed: both are slow under the race detector
			binary.LittleEndian.PutUint64(body[k:], r.Uint64())
		}
		b.Columns[0].AppendInt(int64(i))
		b.Columns[1].AppendBytes(body[:size])
		b.Rows++
	}
	return b
}

func TestRowGroupsEndWhereTheRowsSayAndNotTheBatches(t *testing.T) {
	whole := wideBatch(17, 1<<20, 1)
	data := write(t, wideTable(), WriterOptions{}, whole)
	r, got, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	if r.Groups() != 3 { // eight rows of a MiB and a little fill 8 MiB
		t.Errorf("%d row groups", r.Groups())
	}
	if err := same(whole, got); err != nil {
		t.Error(err)
	}
	var single []*Batch
	for i := range whole.Rows {
		b := NewBatch(wideTable())
		b.Append(whole, i, i+1)
		single = append(single, b)
	}
	if !bytes.Equal(data, write(t, wideTable(), WriterOptions{}, single...)) {
		t.Error("row by row gave other bytes")
	}
}

// A row whose pages shrink more than a bomb may claim is stored uncompressed, and comes back.
func TestHugeEmptyRowComesBack(t *testing.T) {
	b := NewBatch(wideTable())
	b.Columns[0].AppendInt(1)
	b.Columns[1].AppendBytes(make([]byte, largeGroup+1))
	b.Rows = 1
	data := write(t, wideTable(), WriterOptions{}, b)
	if len(data) < largeGroup {
		t.Errorf("stored in %d bytes", len(data))
	}
	_, got, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := same(b, got); err != nil {
		t.Error(err)
	}
}

func TestEmptyTable(t *testing.T) {
	r, got, err := read(write(t, wideTable(), WriterOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows() != 0 || got.Rows != 0 || r.Table().Name != "Wide" {
		t.Errorf("%d rows of %q", got.Rows, r.Table().Name)
	}
}

func TestSortPutsAnyRowsInOrder(t *testing.T) {
	tests := []struct {
		name          string
		rows, runSize int
	}{
		{"nothing", 0, 100},
		{"one piece", 100, runSize},
		{"some runs", 100, 2000},
		{"more runs than are merged at once", 1000, 400},
		{"more than can be merged in two passes", 5000, 150},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inOrder := wideBatch(tt.rows, 30, 3)
			want := write(t, wideTable(), WriterOptions{}, inOrder)
			order := rand.New(rand.NewPCG(4, 4)).Perm(tt.rows)
			var out bytes.Buffer
			w, err := NewWriter(&out, wideTable(), WriterOptions{})
			if err != nil {
				t.Fatal(err)
			}
			s := &sorter{dir: t.TempDir(), table: wideTable(), stored: w.stored, key: w.key, runSize: tt.runSize}
			err = s.sort(t.Context(), w, func(b *Batch) error {
				if len(order) == 0 {
					return io.EOF
				}
				b.Append(inOrder, order[0], order[0]+1)
				order = order[1:]
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Error("not the file of the rows in order")
			}
			if left := dirEntries(t, s.dir); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestSortKeepsEqualKeysInTheirOrderAndLeavesNothingAfterAnError(t *testing.T) {
	table := wideTable()
	in := wideBatch(500, 8, 9)
	clear(in.Columns[0].Int) // all keys are 0
	for _, fail := range []error{nil, errors.New("source broke")} {
		row := 0
		var out bytes.Buffer
		w, err := NewWriter(&out, table, WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s := &sorter{dir: t.TempDir(), table: table, stored: w.stored, key: w.key, runSize: 200}
		err = s.sort(t.Context(), w, func(b *Batch) error {
			if row == in.Rows {
				return io.EOF
			}
			b.Append(in, row, row+1)
			if row++; row == 300 {
				return fail
			}
			return nil
		})
		if !errors.Is(err, fail) {
			t.Fatalf("got %v, want %v", err, fail)
		}
		if left := dirEntries(t, s.dir); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		if fail != nil {
			continue
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, got, err := read(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := same(in, got); err != nil {
			t.Error(err)
		}
	}
}

func TestRowsOutOfOrderAreRefused(t *testing.T) {
	table := &Table{Format: 1, Name: "T", PrimaryKey: []string{"k"}, Columns: []Column{
		{Name: "v", SQLType: "BIGINT"}, {Name: "k", SQLType: "VARCHAR", Nullable: true}}}
	keys := func(list ...string) *Batch {
		b := NewBatch(table)
		for _, k := range list {
			b.Columns[0].AppendInt(0)
			if k == "NULL" {
				b.Columns[1].AppendNull()
			} else {
				b.Columns[1].AppendBytes([]byte(k))
			}
			b.Rows++
		}
		return b
	}
	tests := []struct {
		name    string
		batches []*Batch
		want    string
	}{
		{"ascending bytes, NULL first", []*Batch{keys("NULL", "", "A", "B", "a"), keys("a", "é")}, ""},
		{"a collation's order", []*Batch{keys("a", "B")}, `table "T": row 2 is not in the order of the key`},
		{"across batches", []*Batch{keys("a", "b"), keys(), keys("a")}, `table "T": row 3 is not in the order of the key`},
		{"NULL last", []*Batch{keys("a", "NULL")}, `table "T": row 2 is not in the order of the key`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, err := NewWriter(new(bytes.Buffer), table, WriterOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, b := range tt.batches {
				if err := w.Write(b); err != nil {
					got = err.Error()
				}
			}
			if got != tt.want {
				t.Errorf("got %q want %q", got, tt.want)
			}
		})
	}
}

func TestDecimalsSortByValue(t *testing.T) {
	for _, precision := range []int{9, 18, 30} {
		c := Column{Name: "d", SQLType: "DECIMAL", Precision: ptr(precision), Scale: ptr(2)}
		v := Vector{Kind: c.Kind()}
		texts := []string{"-9999999", "-10.5", "-10.49", "-0.01", "0", "0.01", "2", "10", "1234567.89"}
		for _, s := range texts {
			d, ok := ParseDecimal([]byte(s))
			if !ok || !v.AppendDecimal(&c, d) {
				t.Fatalf("%s refused", s)
			}
		}
		for i := range len(texts) - 1 {
			if compareValues(&v, i, &v, i+1, &c) >= 0 {
				t.Errorf("precision %d: %s is not before %s", precision, texts[i], texts[i+1])
			}
		}
		var back []string
		for i := range texts {
			back = append(back, string(v.FormatDecimal(nil, &c, i)))
		}
		if want := []string{"-9999999.00", "-10.50", "-10.49", "-0.01", "0.00", "0.01", "2.00", "10.00", "1234567.89"}; !slices.Equal(back, want) {
			t.Errorf("precision %d: %v", precision, back)
		}
	}
}

func TestValuesThatDoNotFitAreRefused(t *testing.T) {
	tests := []struct {
		column Column
		add    func(*Vector)
		want   string
	}{
		{Column{SQLType: "BIGINT"}, func(v *Vector) { v.AppendNull() }, "NULL in a column that is NOT NULL"},
		{Column{SQLType: "BIT"}, func(v *Vector) { v.AppendInt(2) }, "2 is out of range for BIT"},
		{Column{SQLType: "TINYINT"}, func(v *Vector) { v.AppendInt(128) }, "128 is out of range for TINYINT"},
		{Column{SQLType: "SMALLINT"}, func(v *Vector) { v.AppendInt(-32769) }, "-32769 is out of range for SMALLINT"},
		{Column{SQLType: "DATE"}, func(v *Vector) { v.AppendInt(maxDay + 1) }, "2932897 is out of range for DATE"},
		{Column{SQLType: "TIME"}, func(v *Vector) { v.AppendInt(86_400_000_000) }, "86400000000 is out of range for TIME"},
		{Column{SQLType: "VARCHAR"}, func(v *Vector) { v.AppendBytes([]byte("\xff")) }, "text that is not UTF-8"},
		{Column{SQLType: "DECIMAL", Precision: ptr(3), Scale: ptr(1)}, func(v *Vector) { v.AppendInt(1000) }, "more than 3 digits"},
		{Column{SQLType: "DECIMAL", Precision: ptr(20), Scale: ptr(0)}, func(v *Vector) { v.AppendBytes([]byte("123")) }, "more than 20 digits"},
	}
	for _, tt := range tests {
		t.Run(tt.column.SQLType+" "+tt.want, func(t *testing.T) {
			tt.column.Name = "c"
			table := &Table{Format: 1, Name: "T", Columns: []Column{tt.column}}
			b := NewBatch(table)
			tt.add(&b.Columns[0])
			b.Rows = 1
			w, err := NewWriter(new(bytes.Buffer), table, WriterOptions{})
			if err != nil {
				t.Fatal(err)
			}
			want := `table "T", row 1, column "c": ` + tt.want
			if err := w.Write(b); err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if err := w.Close(); err == nil {
				t.Error("Close after an error succeeded")
			}
		})
	}
}

// A character that is split between two values makes both of them bad, though together they are UTF-8.
func TestUTF8IsCheckedValueByValue(t *testing.T) {
	c := Column{Name: "c", SQLType: "VARCHAR"}
	v := Vector{Kind: Bytes}
	v.AppendBytes([]byte("ok \xc3"))
	v.AppendBytes([]byte("\xa9"))
	if row, reason := c.checkValues(&v, 0, 2); row != 0 || reason == "" {
		t.Errorf("row %d: %q", row, reason)
	}
}
