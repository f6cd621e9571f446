package dat

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// Another reader of Parquet, which shares the encodings with us but nothing else, finds the same schema and values.
func TestAnotherReaderFindsTheSame(t *testing.T) {
	table := goldenTable()
	rows := goldenBatch(table, 500)
	data := write(t, table, WriterOptions{}, rows)
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := f.Lookup(MetadataKey); !ok || got != string(table.JSON()) {
		t.Errorf("metadata %s", got)
	}
	wantTypes := map[string]string{"BIT": "BOOLEAN", "SMALLINT": "INT32", "ID": "INT64", "DATE": "DATE", "VARCHAR": "STRING",
		"TIME": "TIME(isAdjustedToUTC=false,unit=MICROS)", "TIMESTAMP": "TIMESTAMP(isAdjustedToUTC=false,unit=NANOS)",
		"MONEY": "DECIMAL(12,4)", "wide": "DECIMAL(38,10)", "DOUBLE": "DOUBLE", "BINARY": "BYTE_ARRAY"}
	for name, want := range wantTypes {
		leaf, ok := f.Schema().Lookup(name)
		if !ok || leaf.Node.Type().String() != want {
			t.Errorf("column %s: %v, want %s", name, leaf.Node.Type(), want)
		}
	}
	stored := table.Stored()
	row := 0
	reader := parquet.NewReader(f)
	defer reader.Close()
	buf := make([]parquet.Row, 64)
	for {
		n, err := reader.ReadRows(buf)
		for _, r := range buf[:n] {
			for k, v := range r {
				if !agrees(v, &rows.Columns[k], row) {
					t.Fatalf("row %d, column %s: %v", row, stored[k].Name, v)
				}
			}
			row++
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if row != rows.Rows {
		t.Errorf("%d rows", row)
	}
}

func agrees(v parquet.Value, w *Vector, i int) bool {
	if v.IsNull() || w.IsNull(i) {
		return v.IsNull() == w.IsNull(i)
	}
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean() == (w.Int[i] == 1)
	case parquet.Int32:
		return int64(v.Int32()) == w.Int[i]
	case parquet.Int64:
		return v.Int64() == w.Int[i]
	case parquet.Double:
		return math.Float64bits(v.Double()) == math.Float64bits(w.Float[i])
	}
	return bytes.Equal(v.ByteArray(), w.Bytes(i))
}

// A file that another tool wrote is a fine Parquet file, and is refused because it does not say what its columns are.
func TestAFileOfAnotherWriterIsRefused(t *testing.T) {
	var out bytes.Buffer
	w := parquet.NewGenericWriter[struct{ A int64 }](&out)
	if _, err := w.Write([]struct{ A int64 }{{1}, {2}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(out.Bytes()); !errors.Is(err, ErrForeign) {
		t.Errorf("got %v", err)
	}
}
