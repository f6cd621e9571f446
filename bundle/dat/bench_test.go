package dat

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// benchBatch is a million rows of the usual mixture: key, reference, money, time, float, a few words.
func benchBatch(rows int) (*Table, *Batch) {
	t := &Table{Format: 1, Name: "orders", PrimaryKey: []string{"id"}, Columns: []Column{
		{Name: "id", SQLType: "BIGINT"}, {Name: "customer", SQLType: "INTEGER"},
		{Name: "amount", SQLType: "DECIMAL", Precision: ptr(12), Scale: ptr(2)},
		{Name: "at", SQLType: "TIMESTAMP"}, {Name: "score", SQLType: "DOUBLE"}, {Name: "note", SQLType: "VARCHAR", Nullable: true}}}
	words := []string{"alpha", "beta", "order", "customer", "ships", "late", "with", "invoice", "paid", "open", "the", "a", "blue"}
	r := rand.New(rand.NewPCG(1, 1))
	b := NewBatch(t)
	at := int64(1_700_000_000_000_000)
	for i := range rows {
		at += int64(r.IntN(60)) * 1_000_000
		b.Columns[0].AppendInt(int64(i))
		b.Columns[1].AppendInt(int64(r.IntN(50_000)))
		b.Columns[2].AppendInt(int64(r.IntN(100_000)))
		b.Columns[3].AppendInt(at)
		b.Columns[4].AppendFloat(r.NormFloat64())
		var note []byte
		for range 6 {
			note = append(append(note, words[r.IntN(len(words))]...), ' ')
		}
		b.Columns[5].AppendBytes(note)
		b.Rows++
	}
	return t, b
}

func BenchmarkWrite(b *testing.B) {
	t, rows := benchBatch(1_000_000)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			for b.Loop() {
				w, err := NewWriter(io.Discard, t, WriterOptions{Workers: workers})
				if err != nil {
					b.Fatal(err)
				}
				part := NewBatch(t)
				for i := 0; i < rows.Rows; i += 1000 {
					part.Reset()
					part.Append(rows, i, i+1000)
					if err := w.Write(part); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(w.at), "bytes")
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	t, rows := benchBatch(1_000_000)
	data := write(b, t, WriterOptions{}, rows)
	batch := NewBatch(t)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			b.Fatal(err)
		}
		for i := range r.Groups() {
			if err := r.ReadGroup(i, batch); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// The library's own writer for a schema that is known at run time only, for comparison: the same rows with its
// defaults and zstd.
func BenchmarkWriteByTheLibrary(b *testing.B) {
	_, in := benchBatch(1_000_000)
	schema := parquet.NewSchema("orders", parquet.Group{
		"0id": parquet.Int(64), "1customer": parquet.Int(64), "2amount": parquet.Decimal(2, 12, parquet.Int64Type),
		"3at": parquet.TimestampAdjusted(parquet.Microsecond, false), "4score": parquet.Leaf(parquet.DoubleType),
		"5note": parquet.Optional(parquet.String())})
	rows := make([]parquet.Row, 1000)
	for b.Loop() {
		var n counter
		w := parquet.NewWriter(&n, schema, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(100_000))
		for i := 0; i < in.Rows; i += len(rows) {
			for k := range rows {
				c := in.Columns
				rows[k] = append(rows[k][:0],
					parquet.Int64Value(c[0].Int[i+k]).Level(0, 0, 0), parquet.Int64Value(c[1].Int[i+k]).Level(0, 0, 1),
					parquet.Int64Value(c[2].Int[i+k]).Level(0, 0, 2), parquet.Int64Value(c[3].Int[i+k]).Level(0, 0, 3),
					parquet.DoubleValue(c[4].Float[i+k]).Level(0, 0, 4), parquet.ByteArrayValue(c[5].Bytes(i+k)).Level(0, 1, 5))
			}
			if _, err := w.WriteRows(rows); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n), "bytes")
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
