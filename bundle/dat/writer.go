package dat

import (
	"context"
	"io"
	"runtime"

	"github.com/irisfix/irisfix/internal/parallel"
)

// Writer writes a table as a .DAT. The bytes depend on the table and its rows only, not on how the rows were divided
// into batches nor on the number of workers. It is not safe for concurrent use.
type Writer struct {
	w       io.Writer
	table   *Table
	columns []schemaElement
	stored  []Column
	key     []int
	workers int
	limit   int // size that ends a row group

	pending *Batch
	size    int // of pending
	last    *Batch
	rows    int64
	at      int64
	groups  int
	footer  thriftWriter
	err     error
}

// WriterOptions are what a caller may choose. None of them changes the bytes of rows that come in order.
type WriterOptions struct {
	Workers int   // columns encoded at once; 0: as many as there are processors
	Key     []int // positions of the stored columns that rows are ordered by; nil: the primary key
}

// NewWriter begins a file. The table must pass [Table.Check]. Nothing is buffered beyond one row group.
func NewWriter(w io.Writer, t *Table, o WriterOptions) (*Writer, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Key == nil {
		o.Key = t.Key()
	}
	return &Writer{
		w: w, table: t, columns: elements(t), stored: t.Stored(), key: o.Key, workers: o.Workers, limit: GroupSize,
		pending: NewBatch(t), last: NewBatch(t),
	}, nil
}

// Rows is the number of rows written so far.
func (w *Writer) Rows() int64 { return w.rows }

// Write adds the rows of a batch, which must come in the order of the key if there is one. It returns an
// [*OrderError] or [*ValueError] for the first row that cannot be written; after any error the file is unusable.
func (w *Writer) Write(b *Batch) error {
	if w.err == nil {
		w.err = w.write(b)
	}
	return w.err
}

func (w *Writer) write(b *Batch) error {
	if err := checkBatch(w.table, w.stored, b, w.rows); err != nil {
		return err
	}
	if err := w.checkOrder(b); err != nil {
		return err
	}
	for i := 0; i < b.Rows; {
		j := w.room(b, i)
		w.pending.Append(b, i, j)
		w.rows += int64(j - i)
		i = j
		if w.size >= w.limit || w.pending.Rows >= GroupRows {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	if b.Rows > 0 && w.key != nil {
		w.last.Reset()
		w.last.Append(b, b.Rows-1, b.Rows)
	}
	return nil
}

// room returns up to which row the batch goes into the current row group, and counts their size.
func (w *Writer) room(b *Batch, i int) int {
	j := i
	for j < b.Rows && w.size < w.limit && w.pending.Rows+j-i < GroupRows {
		w.size += b.Size(j, j+1)
		j++
	}
	return j
}

func (w *Writer) checkOrder(b *Batch) error {
	if w.key == nil || b.Rows == 0 {
		return nil
	}
	if w.last.Rows > 0 && compareRows(w.last, 0, b, 0, w.stored, w.key) > 0 {
		return &OrderError{w.table.Name, w.rows + 1}
	}
	if bad := unordered(b, w.stored, w.key); bad > 0 {
		return &OrderError{w.table.Name, w.rows + int64(bad) + 1}
	}
	return nil
}

// flush writes the pending rows as one row group.
func (w *Writer) flush() error {
	if w.groups == 0 {
		if err := w.put([]byte(magic)); err != nil {
			return err
		}
	}
	pages, raw, err := w.encode(true)
	if err != nil {
		return err
	}
	if bomb(sum(raw), stored(pages)) {
		if pages, raw, err = w.encode(false); err != nil {
			return err
		}
	}
	g := group{rows: int64(w.pending.Rows)}
	for _, p := range pages {
		g.chunks = append(g.chunks, chunk{offset: w.at, length: int64(len(p))})
		if err := w.put(p); err != nil {
			return err
		}
	}
	appendGroup(&w.footer, w.columns, &g, raw)
	w.groups++
	w.pending.Reset()
	w.size = 0
	return nil
}

// encode returns the pages of the pending rows and their sizes before compression.
func (w *Writer) encode(compress bool) (pages [][]byte, raw []int64, err error) {
	pages = make([][]byte, len(w.columns))
	raw = make([]int64, len(w.columns))
	err = parallel.ForEach(context.Background(), w.workers, len(pages), func(_ context.Context, i int) (err error) {
		pages[i], raw[i], err = w.columns[i].encodePage(&w.pending.Columns[i], compress)
		return err
	})
	return pages, raw, err
}

func sum(sizes []int64) (n int64) {
	for _, s := range sizes {
		n += s
	}
	return n
}

func stored(pages [][]byte) (n int64) {
	for _, p := range pages {
		n += int64(len(p))
	}
	return n
}

func (w *Writer) put(b []byte) error {
	n, err := w.w.Write(b)
	w.at += int64(n)
	return err
}

// Close writes what is pending and the footer. It does not close the underlying writer.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.err = w.finish()
	return w.err
}

func (w *Writer) finish() error {
	if w.pending.Rows > 0 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if w.groups == 0 {
		if err := w.put([]byte(magic)); err != nil {
			return err
		}
	}
	meta := appendFooter(nil, w.table, w.rows, w.groups, w.footer.b)
	n := len(meta)
	meta = append(meta, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	return w.put(append(meta, magic...))
}

// checkBatch checks every value of a batch whose first row is the given one of its table, counted from 0.
func checkBatch(t *Table, stored []Column, b *Batch, first int64) error {
	for i := range stored {
		if row, reason := stored[i].checkValues(&b.Columns[i], 0, b.Rows); reason != "" {
			return &ValueError{t.Name, stored[i].Name, first + int64(row) + 1, reason}
		}
	}
	if b.Size(0, b.Rows) <= MaxRowSize {
		return nil
	}
	for i := range b.Rows {
		if n := b.Size(i, i+1); n > MaxRowSize {
			return &ValueError{t.Name, stored[b.widest(i)].Name, first + int64(i) + 1,
				"the row is larger than 1 GiB"}
		}
	}
	return nil
}

// widest is the column with the longest value in a row.
func (b *Batch) widest(row int) int {
	widest, most := 0, -1
	for i := range b.Columns {
		if v := &b.Columns[i]; v.Kind == Bytes && len(v.Bytes(row)) > most {
			widest, most = i, len(v.Bytes(row))
		}
	}
	return widest
}
