package dat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sample is a small file with every kind of page in it.
func sample(tb testing.TB) (*Table, *Batch, []byte) {
	tb.Helper()
	t := &Table{Format: 1, Name: "S.T", PrimaryKey: []string{"id"}, Columns: []Column{
		{Name: "id", SQLType: "BIGINT"}, {Name: "b", SQLType: "BIT", Nullable: true}, {Name: "s", SQLType: "SMALLINT", Nullable: true},
		{Name: "d", SQLType: "DOUBLE", Nullable: true}, {Name: "t", SQLType: "VARCHAR", Nullable: true},
		{Name: "w", SQLType: "DECIMAL", Precision: ptr(30), Scale: ptr(4), Nullable: true}}}
	r := rand.New(rand.NewPCG(1, 1))
	b := randomBatch(r, t, 60)
	for i := range b.Rows {
		b.Columns[0].Int[i] = int64(i)
	}
	return t, b, write(tb, t, WriterOptions{}, b)
}

func known(err error) bool {
	var newer *NewerError
	var schema *SchemaError
	var value *ValueError
	return errors.Is(err, ErrCorrupt) || errors.Is(err, ErrForeign) || errors.As(err, &newer) || errors.As(err, &schema) || errors.As(err, &value)
}

func TestAFileThatIsCutAnywhereIsRefused(t *testing.T) {
	_, _, data := sample(t)
	for n := range data {
		if _, _, err := read(data[:n]); !known(err) {
			t.Fatalf("cut at %d of %d: %v", n, len(data), err)
		}
	}
}

// Each bit of the file is flipped in turn. The file is then refused or reads as before: no value changes silently,
// even without the checksum in the manifest.
func TestNoFlippedBitChangesAValue(t *testing.T) {
	_, want, data := sample(t)
	refused := 0
	for bit := range 8 * len(data) {
		bad := slices.Clone(data)
		bad[bit/8] ^= 1 << (bit % 8)
		_, got, err := read(bad)
		if err != nil {
			refused++
			if !known(err) {
				t.Fatalf("bit %d: %v", bit, err)
			}
			continue
		}
		if err := same(want, got); err != nil {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	if share := float64(refused) / float64(8*len(data)); share < 0.5 {
		t.Errorf("only %.0f %% of the flips were refused", 100*share)
	}
}

// forge writes a file of one row group whose pages and footer say what the caller wants.
type forge struct {
	table   *Table
	pages   [][]byte
	rows    int64 // in the row group
	total   int64 // in the footer
	columns []schemaElement
}

func newForge(t *Table, b *Batch) *forge {
	f := &forge{table: t, rows: int64(b.Rows), total: int64(b.Rows), columns: elements(t)}
	for i := range f.columns {
		page, _, err := f.columns[i].encodePage(&b.Columns[i], true)
		if err != nil {
			panic(err)
		}
		f.pages = append(f.pages, page)
	}
	return f
}

func (f *forge) bytes() []byte {
	out := []byte(magic)
	g := group{rows: f.rows}
	raw := make([]int64, len(f.pages))
	for i, p := range f.pages {
		g.chunks = append(g.chunks, chunk{offset: int64(len(out)), length: int64(len(p))})
		raw[i] = int64(len(p))
		out = append(out, p...)
	}
	var w thriftWriter
	appendGroup(&w, f.columns, &g, raw)
	return f.end(out, appendFooter(nil, f.table, f.total, 1, w.b))
}

func (f *forge) end(out, footer []byte) []byte {
	out = append(out, footer...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(footer)))
	return append(out, magic...)
}

// header replaces the header of a page.
func (f *forge) header(column int, change func(*page)) {
	p, err := parsePageHeader(f.pages[column])
	if err != nil {
		panic(err)
	}
	body := f.pages[column][p.header:]
	change(&p)
	f.pages[column] = append(p.appendHeader(nil), body...)
}

func small() (*Table, *Batch) {
	t := &Table{Format: 1, Name: "T", Columns: []Column{
		{Name: "n", SQLType: "BIGINT"}, {Name: "t", SQLType: "VARCHAR", Nullable: true}}}
	b := NewBatch(t)
	for i := range 10 {
		b.Columns[0].AppendInt(int64(i))
		b.Columns[1].AppendBytes([]byte(strings.Repeat("text", i)))
		b.Rows++
	}
	return t, b
}

func TestLiesAreRefused(t *testing.T) {
	table, batch := small()
	tests := []struct {
		name string
		lie  func(*forge) []byte
		want string
	}{
		{"the footer counts more rows", func(f *forge) []byte { f.total = 11; return f.bytes() },
			"10 rows up to byte 129, the footer says 11 rows up to byte 129: malformed .DAT"},
		{"the group counts more rows", func(f *forge) []byte { f.rows, f.total = 11, 11; return f.bytes() },
			`column "n": a page of 10 rows in a row group of 11: malformed .DAT`},
		{"the group counts absurdly many rows", func(f *forge) []byte { f.rows, f.total = 1<<40, 1<<40; return f.bytes() },
			"row group 0 of 1099511627776 rows: malformed .DAT"},
		{"the group counts more rows than fit", func(f *forge) []byte { f.rows, f.total = GroupRows, GroupRows; return f.bytes() },
			"row group 0 of 1048576 rows: malformed .DAT"},
		{"a negative count", func(f *forge) []byte { f.rows, f.total = -1, -1; return f.bytes() },
			"row group 0 of -1 rows: malformed .DAT"},
		{"the page counts other rows", func(f *forge) []byte {
			f.header(0, func(p *page) { p.rows = 9 })
			return f.bytes()
		}, `column "n": a page of 9 rows in a row group of 10: malformed .DAT`},
		{"more NULLs than there are", func(f *forge) []byte {
			f.header(1, func(p *page) { p.nulls = 1 })
			return f.bytes()
		}, `column "t": 0 values are NULL, the page says 1: malformed .DAT`},
		{"NULLs where there cannot be any", func(f *forge) []byte {
			f.header(0, func(p *page) { p.nulls = 1 })
			return f.bytes()
		}, `column "n": 1 of 10 values are NULL: malformed .DAT`},
		{"another encoding", func(f *forge) []byte {
			f.header(0, func(p *page) { p.encoding = encPlain })
			return f.bytes()
		}, `column "n": encoding 0: malformed .DAT`},
		{"levels longer than the page", func(f *forge) []byte {
			f.header(1, func(p *page) { p.levels = 1000 })
			return f.bytes()
		}, `column "t": 1000 bytes of levels: malformed .DAT`},
		{"a page larger than it says", func(f *forge) []byte {
			f.header(1, func(p *page) { p.raw-- })
			return f.bytes()
		}, `column "t": output bigger than max block size (1024): malformed .DAT`},
		{"a decompression bomb", func(f *forge) []byte {
			f.header(1, func(p *page) { p.raw = math.MaxInt32 })
			return f.bytes()
		}, "row group 0 of 128 bytes claims to hold 2147483673: malformed .DAT"},
		{"a page of the wrong length", func(f *forge) []byte {
			f.pages[0] = append(f.pages[0], 0)
			return f.bytes()
		}, `column "n": a page of 53 bytes in a chunk of 54: malformed .DAT`},
		{"a footer that is nothing but depth", func(f *forge) []byte {
			return f.end([]byte(magic), bytes.Repeat([]byte{0x1c}, 1000))
		}, "Parquet file without irisfix.table"},
		{"a list longer than the file", func(f *forge) []byte {
			return f.end([]byte(magic), []byte{0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07})
		}, "Parquet file without irisfix.table"},
		{"a schema that contradicts the JSON", func(f *forge) []byte {
			f.columns[0].physical = physDouble
			g := thriftWriter{}
			appendGroup(&g, f.columns, &group{rows: 10, chunks: make([]chunk, 2)}, make([]int64, 2))
			other := *f.table
			other.Columns = slices.Clone(other.Columns)
			other.Columns[0].SQLType = "DOUBLE"
			footer := appendFooter(nil, &other, 10, 1, g.b)
			return f.end([]byte(magic), bytes.Replace(footer, []byte(`"DOUBLE"`), []byte(`"BIGINT"`), 1))
		}, `column "n" does not have the type that the table declares: malformed .DAT`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := tt.lie(newForge(table, batch))
			vector(t, tt.name, data)
			_, _, err := read(data)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if !known(err) {
				t.Error("the error has no class")
			}
		})
	}
}

// A page whose numbers are fine but whose zstd frame holds more than it says must not be unpacked beyond that.
func TestAFrameLargerThanThePageIsCut(t *testing.T) {
	table, batch := small()
	f := newForge(table, batch)
	body := encoder().EncodeAll(make([]byte, 100<<20), nil)
	f.header(0, func(p *page) { p.compressed, p.raw = true, 100 })
	p, err := parsePageHeader(f.pages[0])
	if err != nil {
		t.Fatal(err)
	}
	p.stored, p.crc = len(body), checksum(body)
	f.pages[0] = append(p.appendHeader(nil), body...)
	data := f.bytes()
	vector(t, "a frame larger than its page", data)
	_, _, err = read(data)
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}

// vector keeps a forged file under testdata/hostile, where tests of whole commands, and of readers in other languages,
// take it from.
func vector(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join("testdata", "hostile", strings.ReplaceAll(name, " ", "-")+".dat")
	if *update {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(want, data) {
		t.Errorf("%s is not what the test forges (%v); run it with -update", path, err)
	}
}

func TestMetadataOfOthers(t *testing.T) {
	table, batch := small()
	replace := func(from, to string) []byte {
		data := write(t, table, WriterOptions{}, batch)
		if len(from) != len(to) || !bytes.Contains(data, []byte(from)) {
			t.Fatalf("cannot replace %s", from)
		}
		return bytes.Replace(data, []byte(from), []byte(to), 1)
	}
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"no key of ours", replace("irisfix.table", "irisfix.Table"), "Parquet file without irisfix.table"},
		{"a newer format", replace(`"format":1`, `"format":2`), "format 2 is newer than 1"},
		{"an unknown type", replace(`"BIGINT"`, `"BIGONE"`), `table "T": column "n": unknown type "BIGONE"`},
		{"broken JSON", replace(`{"format":1`, `{"format":}`), `irisfix.table: line 1, column 11: invalid character '}' looking for beginning of value: malformed .DAT`},
		{"a text", []byte("id,name\n1,a\n2,b\n3,c\n"), "not a Parquet file: malformed .DAT"},
		{"nothing", nil, "a file of 0 bytes: malformed .DAT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			vector(t, tt.name, tt.data)
			if _, _, err := read(tt.data); err == nil || err.Error() != tt.want || !known(err) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestSchemasThatCannotBe(t *testing.T) {
	col := func(name, typ string) Column { return Column{Name: name, SQLType: typ} }
	tests := []struct {
		table Table
		want  string
	}{
		{Table{Columns: []Column{col("a", "BIT")}}, "no name"},
		{Table{Name: "T"}, "no column that can be stored"},
		{Table{Name: "T", Columns: []Column{{Name: "a", SQLType: "ROWVERSION", Generated: true}}}, "no column that can be stored"},
		{Table{Name: "T", Columns: []Column{col("a", "BIT"), col("a", "BIT")}}, `two columns "a"`},
		{Table{Name: "T", Columns: []Column{col("a", "JSON")}}, `column "a": unknown type "JSON"`},
		{Table{Name: "T", Columns: []Column{col("a", "DECIMAL")}}, `column "a": a decimal without precision and scale`},
		{Table{Name: "T", Columns: []Column{{Name: "a", SQLType: "DECIMAL", Precision: ptr(39), Scale: ptr(0)}}}, `column "a": precision 39 is not within 1 to 38`},
		{Table{Name: "T", Columns: []Column{{Name: "a", SQLType: "DECIMAL", Precision: ptr(3), Scale: ptr(4)}}}, `column "a": scale 4 is not within 0 to the precision 3`},
		{Table{Name: "T", Columns: []Column{{Name: "a", SQLType: "TIME", Precision: ptr(10)}}}, `column "a": precision 10 is not within 0 to 9`},
		{Table{Name: "T", Columns: []Column{col("a", "BIT")}, PrimaryKey: []string{"b"}}, `primary_key names the column "b", which does not exist`},
		{Table{Name: "T", Columns: []Column{col("a", "BIT")}, ForeignKeys: []ForeignKey{{Columns: []string{"a"}, RefTable: "P", RefColumns: []string{"x", "y"}}}}, "a foreign key of 1 columns refers to 2"},
	}
	for _, tt := range tests {
		tt.table.Format = 1
		want := fmt.Sprintf("table %q: %s", tt.table.Name, tt.want)
		if err := tt.table.Check(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Whatever the bytes: no panic, no memory beyond the limits, and what is accepted can be written again.
func FuzzReader(f *testing.F) {
	_, _, data := sample(f)
	f.Add(data)
	table, batch := small()
	f.Add(write(f, table, WriterOptions{}, batch))
	f.Add(write(f, table, WriterOptions{}))
	lie := newForge(table, batch)
	lie.rows = 1 << 19
	f.Add(lie.bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		r, all, err := read(data)
		if err != nil {
			return
		}
		var out bytes.Buffer
		w, err := NewWriter(&out, r.Table(), WriterOptions{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		var order *OrderError
		if err := w.Write(all); err != nil && !errors.As(err, &order) {
			t.Fatal(err)
		}
	})
}

// FuzzPage reaches the decoders behind the checksum, which a fuzzer of whole files never gets past.
func FuzzPage(f *testing.F) {
	table, batch, _ := sample(f)
	for i, e := range elements(table) {
		values, err := e.encodeValues(nil, &batch.Columns[i])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, encodeLevels(nil, batch.Columns[i].Null, batch.Rows), values, batch.Rows)
	}
	f.Fuzz(func(t *testing.T, column int, levels, values []byte, rows int) {
		list := elements(table)
		e := list[uint(column)%uint(len(list))]
		if rows < 1 || rows > 1<<16 {
			return
		}
		p := page{rows: rows, encoding: e.encoding, complete: true, hasCRC: true}
		if e.optional {
			p.levels = len(levels)
			null, err := decodeLevels(levels, rows)
			if err != nil {
				return
			}
			v := Vector{Null: null}
			p.nulls = v.nulls()
		} else {
			levels = nil
		}
		body := append(slices.Clone(levels), values...)
		p.raw, p.stored, p.crc = len(body), len(body), checksum(body)
		v := Vector{Kind: e.kind}
		if err := p.decode(&e, &v, body); err == nil && v.Len() != rows {
			t.Errorf("%d values for %d rows", v.Len(), rows)
		}
	})
}

// What our reader does not need, others go by.
func TestTheFooterMustSayWhatOtherReadersGoBy(t *testing.T) {
	table, rows := small()
	data := newForge(table, rows).bytes()
	end := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	for name, lie := range map[string]func(*chunk){
		"nothing":      func(*chunk) {},
		"other codec":  func(c *chunk) { c.codec = 0 },
		"other values": func(c *chunk) { c.values++ },
		"other place":  func(c *chunk) { c.offset++ },
	} {
		f, err := parseFooter(data[end : len(data)-8])
		if err != nil {
			t.Fatal(err)
		}
		lie(&f.groups[0].chunks[1])
		if err := f.check(table, int64(end)); (err == nil) != (name == "nothing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
