package dat

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/irisfix/irisfix/internal/parallel"
)

// Reader reads a table .DAT. Its methods may be called from several goroutines, except [Reader.Next].
type Reader struct {
	r       io.ReaderAt
	table   *Table
	stored  []Column
	columns []schemaElement
	groups  []group
	rows    int64
	next    int
}

// NewReader reads the end of the file and holds it against the profile. Errors that tell of a bad file match
// [ErrCorrupt], [ErrForeign] or are a [*NewerError] or [*SchemaError]; others come from r.
func NewReader(r io.ReaderAt, size int64) (*Reader, error) {
	data, end, err := readFooter(r, size)
	if err != nil {
		return nil, err
	}
	f, err := parseFooter(data)
	if !f.hasTable && (err == nil || errors.Is(err, ErrCorrupt)) {
		return nil, ErrForeign
	}
	if err != nil {
		return nil, err
	}
	if len(f.table) > MaxMetadata {
		return nil, corrupt("%s of %d bytes", MetadataKey, len(f.table))
	}
	t, err := ParseTable([]byte(f.table))
	var schema *SchemaError
	var newer *NewerError
	if err != nil && !errors.As(err, &schema) && !errors.As(err, &newer) {
		return nil, corrupt("%s: %v", MetadataKey, err)
	} else if err != nil {
		return nil, err
	}
	if err := f.check(t, end); err != nil {
		return nil, err
	}
	t.setUnits(f.columns)
	return &Reader{r: r, table: t, stored: t.Stored(), columns: elements(t), groups: f.groups, rows: f.rows}, nil
}

// setUnits takes over from the file which columns need nanoseconds.
func (t *Table) setUnits(columns []schemaElement) {
	k := 0
	for i := range t.Columns {
		if !t.Columns[i].Generated {
			t.Columns[i].Nanos = columns[k].nanos
			k++
		}
	}
}

// memory keeps buffers for encoded pages and for what they unpack to, so that reading many files does not leave as much to
// the garbage collector.
var memory sync.Pool

func borrow(n int) []byte {
	if b, ok := memory.Get().(*[]byte); ok && cap(*b) >= n {
		return (*b)[:n]
	}
	return make([]byte, n)
}

func giveBack(b []byte) { memory.Put(&b) }

// readFooter returns the footer's bytes and where it begins.
func readFooter(r io.ReaderAt, size int64) ([]byte, int64, error) {
	const tail = 8
	if size < int64(len(magic))+tail {
		return nil, 0, corrupt("a file of %d bytes", size)
	}
	var head [len(magic)]byte
	var end [tail]byte
	if err := readAt(r, head[:], 0); err != nil {
		return nil, 0, err
	}
	if err := readAt(r, end[:], size-tail); err != nil {
		return nil, 0, err
	}
	if string(head[:]) != magic {
		return nil, 0, corrupt("not a Parquet file")
	}
	if !bytes.Equal(end[4:], []byte(magic)) {
		return nil, 0, corrupt("a Parquet file that ends too early")
	}
	n := int64(binary.LittleEndian.Uint32(end[:4]))
	if n > MaxFooter || n > size-tail-int64(len(magic)) {
		return nil, 0, corrupt("a footer of %d bytes in a file of %d", n, size)
	}
	data := make([]byte, n)
	return data, size - tail - n, readAt(r, data, size-tail-n)
}

// readAt fills b. A file that became shorter is a bad file.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	if n, err := r.ReadAt(b, at); n < len(b) {
		if err == io.EOF {
			return corrupt("the file ends at byte %d", at+int64(n))
		}
		return err
	}
	return nil
}

// Table is the table's schema. It must not be changed.
func (r *Reader) Table() *Table { return r.table }

// Stored returns the columns that have values in the file. It must not be changed.
func (r *Reader) Stored() []Column { return r.stored }

// Rows is the number of rows in the table.
func (r *Reader) Rows() int64 { return r.rows }

// Groups is the number of row groups.
func (r *Reader) Groups() int { return len(r.groups) }

// Next fills b, a batch of this table, with the next row group; after the last it returns [io.EOF].
func (r *Reader) Next(b *Batch) error {
	if r.next == len(r.groups) {
		return io.EOF
	}
	r.next++
	return r.ReadGroup(r.next-1, b)
}

// ReadGroup fills b with row group i and checks every value.
func (r *Reader) ReadGroup(i int, b *Batch) error {
	g := &r.groups[i]
	b.Rows = int(g.rows)
	if err := r.read(i, 0, len(g.chunks), b.Columns); err != nil {
		return err
	}
	if size := b.Size(0, b.Rows-1); size >= GroupSize {
		return corrupt("row group %d has %d bytes before its last row", i, size)
	}
	return nil
}

// ReadColumn fills v with column k, counted among the stored ones, of row group i and checks every value.
func (r *Reader) ReadColumn(i, k int, v *Vector) error {
	out := []Vector{*v}
	err := r.read(i, k, k+1, out)
	*v = out[0]
	return err
}

// read decodes the columns from k up to end of a row group, several at once.
func (r *Reader) read(group, k, end int, out []Vector) error {
	g := &r.groups[group]
	from, last := g.chunks[k].offset, g.chunks[end-1]
	src := borrow(int(last.offset + last.length - from))
	defer giveBack(src)
	if err := readAt(r.r, src, from); err != nil {
		return err
	}
	pages := make([]page, end-k)
	raw := int64(0)
	for i := range pages {
		c := g.chunks[k+i]
		head := src[c.offset-from:][:c.length]
		p, err := parsePageHeader(head[:min(len(head), maxPageHeader)])
		if err == nil {
			err = p.check(&r.columns[k+i], int(g.rows), len(head))
		}
		if err != nil {
			return err
		}
		pages[i] = p
		raw += int64(p.raw)
	}
	if bomb(raw, g.size()) {
		return corrupt("row group %d of %d bytes claims to hold %d", group, g.size(), raw)
	}
	return parallel.ForEach(context.Background(), runtime.GOMAXPROCS(0), len(pages), func(_ context.Context, i int) error {
		c := g.chunks[k+i]
		body := src[c.offset-from:][:c.length][pages[i].header:]
		if err := pages[i].decode(&r.columns[k+i], &out[i], body); err != nil {
			return err
		}
		return r.checkColumn(group, k+i, &out[i])
	})
}

func (r *Reader) checkColumn(group, k int, v *Vector) error {
	row, reason := r.stored[k].checkValues(v, 0, v.Len())
	if reason == "" {
		return nil
	}
	first := int64(0)
	for _, before := range r.groups[:group] {
		first += before.rows
	}
	return &ValueError{r.table.Name, r.stored[k].Name, first + int64(row) + 1, reason}
}
