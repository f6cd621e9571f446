package iris

import (
	"context"
	"fmt"
	"io"

	"github.com/irisfix/irisfix/bundle/dat"
)

// copyOf is a table for the rows of another one, to be kept while that is made anew: columns by position, nothing that
// refuses or changes a value.
func copyOf(t *dat.Table, name string) *dat.Table {
	out := &dat.Table{Format: dat.FormatVersion, Name: name}
	for i, c := range t.Stored() {
		c.Name, c.Nullable, c.Identity, c.Default, c.Collation = fmt.Sprintf("c%d", i), true, false, nil, ""
		if c.SQLType == "SERIAL" {
			c.SQLType = "BIGINT"
		}
		out.Columns = append(out.Columns, c)
	}
	return out
}

// copyRows puts all rows of a table into another whose columns are the same by position, in one transaction that ends
// with what last does. They go by way of this process: that a copy within IRIS has streams of its own stands in no
// document.
func (d *db) copyRows(ctx context.Context, from, to *dat.Table, last func() error) error {
	found, err := d.find(ctx, parseName(from.Name))
	if err != nil {
		return err
	}
	if err := d.Begin(ctx); err != nil {
		return err
	}
	r := &rows{db: d, table: from, sql: selection(from, found)}
	defer r.Close()
	in, err := d.inserter(ctx, to, "")
	if err != nil {
		return err
	}
	defer in.Close()
	b := dat.NewBatch(from)
	for {
		b.Reset()
		err := r.Next(ctx, b)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := in.Insert(ctx, b); err != nil {
			return err
		}
	}
	if err := last(); err != nil {
		return err
	}
	return d.Commit(ctx)
}
