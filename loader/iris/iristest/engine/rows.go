package engine

import "io"

// Rows are the rows of a query. They are not safe for concurrent use.
type Rows struct {
	rows [][]any
}

// Next returns the next row, and io.EOF after the last.
func (r *Rows) Next() ([]any, error) {
	if len(r.rows) == 0 {
		return nil, io.EOF
	}
	row := r.rows[0]
	r.rows = r.rows[1:]
	return row, nil
}

// Close gives up the rest of the rows.
func (r *Rows) Close() error {
	r.rows = nil
	return nil
}
