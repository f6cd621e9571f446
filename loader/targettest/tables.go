package targettest

import (
	"context"
	"fmt"
	"io"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// filled is a table with rows. As loader.Rows it hands them out at once.
type filled struct {
	table *dat.Table
	batch *dat.Batch
	done  bool
}

// row has a value for each column: nil, int, float64, []byte, or a text as people write values of the column's type.
type row []any

// tableOf makes a table whose first columns are the primary key.
func tableOf(name string, keys int, columns ...dat.Column) *dat.Table {
	t := &dat.Table{Format: dat.FormatVersion, Name: name, Columns: columns}
	for i := range columns {
		if i < keys {
			t.PrimaryKey = append(t.PrimaryKey, columns[i].Name)
		}
		columns[i].Nullable = i >= keys
	}
	return t
}

// column makes a column; the numbers are length, or precision and scale.
func column(name, sqlType string, numbers ...int) dat.Column {
	c := dat.Column{Name: name, SQLType: sqlType}
	switch sqlType {
	case "NUMERIC", "DECIMAL", "MONEY":
		c.Precision, c.Scale = &numbers[0], &numbers[1]
	case "TIME", "TIMESTAMP", "POSIXTIME", "DATETIME":
		if len(numbers) > 0 {
			c.Precision = &numbers[0]
		}
	default:
		if len(numbers) > 0 {
			c.Length = numbers[0]
		}
	}
	return c
}

// with makes a table with rows.
func with(t *dat.Table, rows ...row) filled {
	b := dat.NewBatch(t)
	stored := t.Stored()
	for _, r := range rows {
		for i := range stored {
			put(&stored[i], &b.Columns[i], r[i])
		}
		b.Rows++
	}
	return filled{table: t, batch: b}
}

// put adds a value to a column.
func put(c *dat.Column, v *dat.Vector, x any) {
	ok := true
	switch x := x.(type) {
	case nil:
		v.AppendNull()
	case int:
		v.AppendInt(int64(x))
	case float64:
		v.AppendFloat(x)
	case []byte:
		v.AppendBytes(x)
	case string:
		ok = putText(c, v, []byte(x))
	}
	if !ok {
		panic(fmt.Sprintf("%s does not hold %v", c.SQLType, x))
	}
}

func putText(c *dat.Column, v *dat.Vector, text []byte) (ok bool) {
	var n int64
	switch c.SQLType {
	case "NUMERIC", "DECIMAL", "MONEY":
		d, parsed := dat.ParseDecimal(text)
		return parsed && v.AppendDecimal(c, d)
	case "DATE":
		n, ok = dat.ParseDate(text)
	case "TIME":
		n, ok = dat.ParseTime(text, c.Unit())
	case "TIMESTAMP", "POSIXTIME", "DATETIME":
		n, ok = dat.ParseTimestamp(text, c.Unit())
	default:
		v.AppendBytes(text)
		return true
	}
	v.AppendInt(n)
	return ok
}

// memory is a source of filled tables.
type memory []filled

func (m memory) Describe(context.Context) (loader.Description, error) {
	d := loader.Description{Where: "memory", Version: "test"}
	for _, f := range m {
		d.Tables = append(d.Tables, f.table.Name)
	}
	return d, nil
}

func (m memory) Rows(_ context.Context, s loader.Selection) (loader.Rows, error) {
	for _, f := range m {
		if f.table.Name == s.Table {
			return &f, nil
		}
	}
	return nil, &loader.TableNotFoundError{Table: s.Table, Where: "memory"}
}

func (f *filled) Table() *dat.Table          { return f.table }
func (f *filled) Warnings() []loader.Warning { return nil }
func (f *filled) Close() error               { return nil }

func (f *filled) Next(_ context.Context, b *dat.Batch) error {
	if f.done {
		return io.EOF
	}
	f.done = true
	b.Append(f.batch, 0, f.batch.Rows)
	return nil
}

// parents and children are the tables of most promises: p, and c that refers to it.
func parents(rows ...row) filled {
	return with(tableOf("p", 1, column("id", "BIGINT"), column("v", "VARCHAR", 40)), rows...)
}

func children(rows ...row) filled {
	t := tableOf("c", 1, column("id", "BIGINT"), column("p", "BIGINT"))
	t.ForeignKeys = []dat.ForeignKey{{Columns: []string{"p"}, RefTable: "p"}}
	return with(t, rows...)
}

func family() memory {
	return memory{parents(row{1, "a"}, row{2, "b"}), children(row{1, 1}, row{2, 2}, row{3, nil})}
}
