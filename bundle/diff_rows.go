package bundle

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/internal/atomicfile"
)

// rowDiff merges two tables in the order of their key. It sees the columns that both have with the same type; without
// a common primary key all of them are the key, and both sides are sorted first.
type rowDiff struct {
	left, right *side
	columns     []dat.Column
	key         []int
	rest        []int // positions of the columns that are not in the key
	sample      int
	diff        Difference
	changed     []int64 // by column
}

// side is one of the two tables, of which it shows the common columns.
type side struct {
	number int // 0 or 1
	path   string
	reader *dat.Reader
	pick   []int // its columns in the common order
	whole  *dat.Batch
	batch  dat.Batch
	row    int
	temp   *os.File
}

func newRowDiff(ctx context.Context, left, right *side, o DiffOptions) (*rowDiff, error) {
	d := &rowDiff{left: left, right: right, sample: o.Sample, diff: Difference{Kind: RowsChanged}}
	a, b := left.reader, right.reader
	theirs := b.Stored()
	for i, c := range a.Stored() {
		k := slices.IndexFunc(theirs, func(x dat.Column) bool { return x.Name == c.Name && x.Comparable(&c) })
		if k >= 0 {
			d.left.pick, d.right.pick = append(d.left.pick, i), append(d.right.pick, k)
			d.columns = append(d.columns, c)
		}
	}
	d.changed = make([]int64, len(d.columns))
	if slices.Equal(a.Table().PrimaryKey, b.Table().PrimaryKey) && len(a.Table().PrimaryKey) > 0 {
		for _, name := range a.Table().PrimaryKey {
			d.key = append(d.key, slices.IndexFunc(d.columns, func(c dat.Column) bool { return c.Name == name }))
		}
	}
	if len(d.key) == 0 || slices.Contains(d.key, -1) {
		d.key = nil
		for i := range d.columns {
			d.key = append(d.key, i)
		}
		for _, s := range []*side{d.left, d.right} {
			if err := s.sort(ctx, o.Temp, d.columns); err != nil {
				return nil, errors.Join(err, d.close())
			}
		}
	}
	for i := range d.columns {
		if !slices.Contains(d.key, i) {
			d.rest = append(d.rest, i)
		}
	}
	return d, nil
}

// sort replaces the side by a sorted copy of its common columns in a temporary file.
func (s *side) sort(ctx context.Context, dir string, columns []dat.Column) (err error) {
	if len(columns) == 0 {
		return nil
	}
	f, err := os.CreateTemp(dir, atomicfile.TempPrefix+"diff-*.tmp")
	if err != nil {
		return err
	}
	s.temp = f
	t := &dat.Table{Format: dat.FormatVersion, Name: "sorted", Columns: slices.Clone(columns)}
	all := make([]int, len(columns))
	for i := range all {
		all[i] = i
		t.Columns[i].Nullable = true // one side may allow what the other does not
	}
	w, err := dat.NewWriter(f, t, dat.WriterOptions{Key: all})
	if err != nil {
		return err
	}
	err = dat.Sort(ctx, dir, t, w, func(b *dat.Batch) error {
		more, err := s.load()
		if err == nil && !more {
			err = io.EOF
		}
		if err == nil {
			b.Append(&s.batch, 0, s.batch.Rows)
		}
		return err
	})
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	s.reader, err = dat.NewReader(f, size)
	s.pick, s.whole, s.batch, s.row = all, nil, dat.Batch{}, 0
	return err
}

// load brings the next row group into the batch.
func (s *side) load() (bool, error) {
	if s.whole == nil {
		s.whole = dat.NewBatch(s.reader.Table())
	}
	err := s.reader.Next(s.whole)
	if err == io.EOF {
		return false, nil
	} else if err != nil {
		return false, &SideError{s.number, TableError(s.path, err)}
	}
	s.row = 0
	s.batch = dat.Batch{Rows: s.whole.Rows, Columns: s.batch.Columns[:0]}
	for _, k := range s.pick {
		s.batch.Columns = append(s.batch.Columns, s.whole.Columns[k])
	}
	return true, nil
}

// next moves to the next row and reports whether there is one.
func (s *side) next() (bool, error) {
	if s.row++; s.row < s.batch.Rows {
		return true, nil
	}
	return s.load()
}

func (d *rowDiff) close() error {
	var errs []error
	for _, s := range []*side{d.left, d.right} {
		if s.temp != nil {
			errs = append(errs, s.temp.Close(), os.Remove(s.temp.Name()))
			s.temp = nil
		}
	}
	return errors.Join(errs...)
}

// run merges the two sides.
func (d *rowDiff) run(ctx context.Context) (*Difference, error) {
	if len(d.columns) == 0 {
		return nil, nil
	}
	l, errL := d.left.next()
	r, errR := d.right.next()
	for n := 0; l || r; n++ {
		if err := errors.Join(errL, errR); err != nil {
			return nil, err
		}
		if n%4096 == 0 && context.Cause(ctx) != nil {
			return nil, context.Cause(ctx)
		}
		order := 0
		switch {
		case !l:
			order = 1
		case !r:
			order = -1
		default:
			order = dat.Compare(&d.left.batch, d.left.row, &d.right.batch, d.right.row, d.columns, d.key)
		}
		d.count(order)
		if order <= 0 {
			l, errL = d.left.next()
		}
		if order >= 0 {
			r, errR = d.right.next()
		}
	}
	for i, n := range d.changed {
		if n > 0 {
			d.diff.Columns = append(d.diff.Columns, ColumnChange{d.columns[i].Name, n})
		}
	}
	return &d.diff, errors.Join(errL, errR)
}

// count takes down what the comparison of the two present rows gave.
func (d *rowDiff) count(order int) {
	change := RowChange{Change: "changed"}
	var differ []int
	switch {
	case order < 0:
		d.diff.Removed++
		change.Change, differ = "removed", d.rest
	case order > 0:
		d.diff.Added++
		change.Change, differ = "added", d.rest
	default:
		for _, k := range d.rest {
			if !dat.SameValue(&d.left.batch.Columns[k], d.left.row, &d.right.batch.Columns[k], d.right.row) {
				d.changed[k]++
				differ = append(differ, k)
			}
		}
		if differ == nil {
			return
		}
		d.diff.Changed++
	}
	if len(d.diff.Sample) < d.sample {
		change.Key, change.Cells = d.cells(d.key, order), d.cells(differ, order)
		d.diff.Sample = append(d.diff.Sample, change)
	}
}

func (d *rowDiff) cells(columns []int, order int) []Cell {
	text := func(s *side, k int) *string {
		if s.batch.Columns[k].IsNull(s.row) {
			return nil
		}
		t := string(s.batch.Columns[k].AppendText(nil, &d.columns[k], s.row))
		return &t
	}
	list := make([]Cell, len(columns))
	for i, k := range columns {
		list[i].Column = d.columns[k].Name
		if order <= 0 {
			list[i].Before = text(d.left, k)
		}
		if order >= 0 {
			list[i].After = text(d.right, k)
		}
	}
	return list
}
