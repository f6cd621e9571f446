package dat

import "context"

// Check reads all rows: every value is checked, and the order of the primary key. It returns an error matching
// [ErrCorrupt], an [*OrderError], a [*ValueError], or one of the reader underneath.
func (r *Reader) Check(ctx context.Context) error {
	key := r.table.Key()
	b, last := NewBatch(r.table), NewBatch(r.table)
	row := int64(0)
	for i := range r.groups {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := r.ReadGroup(i, b); err != nil {
			return err
		}
		if key != nil {
			if last.Rows > 0 && compareRows(last, 0, b, 0, r.stored, key) > 0 {
				return &OrderError{r.table.Name, row + 1}
			}
			if bad := unordered(b, r.stored, key); bad > 0 {
				return &OrderError{r.table.Name, row + int64(bad) + 1}
			}
			last.Reset()
			last.Append(b, b.Rows-1, b.Rows)
		}
		row += int64(b.Rows)
	}
	return nil
}
