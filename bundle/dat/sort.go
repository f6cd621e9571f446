package dat

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

const (
	runSize  = 16 << 20 // rows sorted in memory at once
	runGroup = 1 << 20  // row groups of a sorted run, of which a merge holds one each
	fanIn    = 16       // runs merged at once
	outRows  = 1024     // rows handed on at once
)

// Sort writes the rows that next delivers, until [io.EOF], to w in the order of its key. Memory is bounded; what does
// not fit is kept in temporary files in dir. Rows with equal keys stay in the order in which they came.
func Sort(ctx context.Context, dir string, t *Table, w *Writer, next func(*Batch) error) error {
	s := &sorter{dir: dir, table: t, stored: w.stored, key: w.key, runSize: runSize}
	return s.sort(ctx, w, next)
}

type sorter struct {
	dir    string
	table  *Table
	stored []Column
	key    []int
	runs   []*run // in the order of their rows

	runSize int
}

func (s *sorter) sort(ctx context.Context, w *Writer, next func(*Batch) error) (err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.split(ctx, w, next); err != nil {
		return err
	}
	for len(s.runs) > fanIn {
		if err := s.shrink(ctx); err != nil {
			return err
		}
	}
	return s.merge(ctx, w, s.runs)
}

// run is a sorted temporary file in the format of a .DAT.
type run struct {
	file *os.File
	size int64
}

func (r *run) remove() error { return errors.Join(r.file.Close(), os.Remove(r.file.Name())) }

func (s *sorter) close() error {
	var errs []error
	for _, r := range s.runs {
		errs = append(errs, r.remove())
	}
	return errors.Join(errs...)
}

// split sorts the rows piece by piece. A single piece goes to w at once.
func (s *sorter) split(ctx context.Context, w *Writer, next func(*Batch) error) error {
	in, block, sorted := NewBatch(s.table), NewBatch(s.table), NewBatch(s.table)
	for end := false; !end; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		in.Reset()
		if err := next(in); err == io.EOF {
			end = true
		} else if err != nil {
			return err
		}
		block.Append(in, 0, in.Rows)
		if !end && block.Size(0, block.Rows) < s.runSize {
			continue
		}
		sorted.Pick(block, s.order(block))
		block.Reset()
		if end && len(s.runs) == 0 {
			return w.Write(sorted)
		}
		r, err := s.newRun(func(out *Writer) error { return out.Write(sorted) })
		if err != nil {
			return err
		}
		s.runs = append(s.runs, r)
	}
	return nil
}

// shrink merges neighbouring runs, as many as may be merged at once.
func (s *sorter) shrink(ctx context.Context) error {
	for i := 0; i < len(s.runs); i++ {
		group := slices.Clone(s.runs[i:min(i+fanIn, len(s.runs))])
		merged, err := s.newRun(func(out *Writer) error { return s.merge(ctx, out, group) })
		if err != nil {
			return err
		}
		s.runs = slices.Replace(s.runs, i, i+len(group), merged)
		for _, r := range group {
			if err := r.remove(); err != nil {
				return err
			}
		}
	}
	return nil
}

// order returns the positions of the rows in the order of their keys.
func (s *sorter) order(b *Batch) []int {
	rows := make([]int, b.Rows)
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(i, j int) int { return compareRows(b, i, b, j, s.stored, s.key) })
	return rows
}

func (s *sorter) newRun(fill func(*Writer) error) (*run, error) {
	f, err := os.CreateTemp(s.dir, atomicfile.TempPrefix+"sort-*.tmp")
	if err != nil {
		return nil, err
	}
	r := &run{file: f}
	w, err := NewWriter(f, s.table, WriterOptions{Key: s.key})
	if err == nil {
		w.limit = runGroup
		err = errors.Join(fill(w), w.Close())
		r.size = w.at
	}
	if err != nil {
		return nil, errors.Join(err, r.remove())
	}
	return r, nil
}

// cursor is the place of a merge in one run.
type cursor struct {
	reader *Reader
	batch  *Batch
	row    int
}

// advance moves to the next row and reports whether there is one.
func (c *cursor) advance() (bool, error) {
	if c.row++; c.row < c.batch.Rows {
		return true, nil
	}
	c.row = 0
	err := c.reader.Next(c.batch)
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

// merge writes the rows of sorted runs in order. Of equal keys that of the earlier run comes first.
func (s *sorter) merge(ctx context.Context, w *Writer, runs []*run) error {
	var open []*cursor
	for _, r := range runs {
		reader, err := NewReader(r.file, r.size)
		if err != nil {
			return err
		}
		c := &cursor{reader: reader, batch: NewBatch(s.table)}
		if more, err := c.advance(); err != nil {
			return err
		} else if more {
			open = append(open, c)
		}
	}
	out := NewBatch(s.table)
	for len(open) > 0 {
		k := 0
		for i := 1; i < len(open); i++ {
			if compareRows(open[i].batch, open[i].row, open[k].batch, open[k].row, s.stored, s.key) < 0 {
				k = i
			}
		}
		out.Append(open[k].batch, open[k].row, open[k].row+1)
		more, err := open[k].advance()
		if err != nil {
			return err
		}
		if !more {
			open = slices.Delete(open, k, k+1)
		}
		if out.Rows == outRows || out.Size(0, out.Rows) >= runGroup || len(open) == 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := w.Write(out); err != nil {
				return err
			}
			out.Reset()
		}
	}
	return nil
}
