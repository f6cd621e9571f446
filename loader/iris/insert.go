package iris

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// A message has at most so many rows and, but for its last row, bytes: beyond it nothing is gained, and the server
// holds all of it in memory.
const (
	messageRows  = 1000
	messageBytes = 1 << 20
)

// inserter puts batches into one table.
type inserter struct {
	db       *db
	table    *dat.Table
	target   tableName
	st       *client.Stmt
	values   *wire.Values
	encoders []encoder
	before   int64    // rows that were in the table
	rows     int64    // that were put in
	sums     []uint64 // of what is in the columns whose spelling may change: see [spelled]
}

// inserter prepares a table for rows, which go by the names of its columns. Keywords are those of INSERT. Rows that are
// added to others get RowIDs of the target's own, unless a foreign key refers to them.
func (d *db) inserter(ctx context.Context, t *dat.Table, keywords string) (*inserter, error) {
	found, err := d.find(ctx, parseName(t.Name))
	if err != nil || found == nil {
		return nil, errors.Join(err, inTable(t.Name, "inserting into", errors.New("no such table")))
	}
	in := &inserter{db: d, table: t, target: found.name}
	if in.before, err = d.count(ctx, found.name); err != nil {
		return nil, err
	}
	names, places, err := in.prepare(ctx, found)
	if err != nil {
		return nil, err
	}
	in.st, err = d.Prepare(ctx, fmt.Sprintf("INSERT %sINTO %s (%s) VALUES (%s)", keywords, found.name.sql(), strings.Join(names, ", "), strings.Join(places, ", ")))
	if err != nil {
		return nil, inTable(t.Name, "inserting into", translate(err))
	}
	in.values = in.st.NewValues()
	return in, nil
}

// prepare makes the encoders, and the columns and parameters that they are for.
func (in *inserter) prepare(ctx context.Context, found *table) (names, places []string, err error) {
	keep, err := in.keepsRowIDs(ctx, found)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range in.table.Stored() {
		if c.Name == rowIDColumn && !keep {
			in.encoders = append(in.encoders, encoder{column: &c, skip: true})
			continue
		}
		name, f := found.rowID, found.column(c.Name)
		if f != nil {
			name = f.Name
		}
		if f == nil && c.Name != rowIDColumn {
			return nil, nil, inTable(in.table.Name, "inserting into", fmt.Errorf("no column %s", c.Name))
		}
		if name == found.rowID {
			if err := in.db.allowIdentity(ctx); err != nil {
				return nil, nil, err
			}
		}
		names = append(names, quote(name))
		places = append(places, placeholder(&c, f))
		in.encoders = append(in.encoders, encoder{column: &c, stream: f != nil && isStream(f.SQLType)})
	}
	return names, places, nil
}

// keepsRowIDs reports whether rows get the RowIDs that the fixture has.
func (in *inserter) keepsRowIDs(ctx context.Context, found *table) (bool, error) {
	if in.before == 0 {
		return true, nil
	}
	references, err := in.db.references(ctx, found.name, found.rowID)
	return slices.ContainsFunc(references, func(r reference) bool { return r.rowID }), err
}

// placeholder is the parameter for a column. The type of a vector's elements cannot be a parameter (RSQL:to_vector).
func placeholder(c *dat.Column, found *column) string {
	if c.SQLType == "VECTOR" && found != nil && found.SQLType == "VECTOR" {
		return "TO_VECTOR(?, " + c.ElementType + ")"
	}
	return "?"
}

// allowIdentity lets this process give values to RowIDs (class reference, %SYSTEM.SQL.Util, SetOption). It ends with the
// connection.
func (d *db) allowIdentity(ctx context.Context) error {
	_, err := d.value(ctx, "SELECT %SYSTEM_SQL.Util_SetOption('IdentityInsert','1')")
	return err
}

// Insert implements [loader.Inserter].
func (in *inserter) Insert(ctx context.Context, b *dat.Batch) error {
	for i := 0; i < b.Rows; {
		n, err := in.fill(ctx, b, i)
		if err != nil {
			return in.refused(n, err)
		}
		if err := in.send(ctx, b, i, n); err != nil {
			return err
		}
		i += n
		in.rows += int64(n)
	}
	return nil
}

// fill encodes rows from i on, as many as go into a message, and returns their number, or that of those before the one
// that cannot be encoded.
func (in *inserter) fill(ctx context.Context, b *dat.Batch, i int) (n int, err error) {
	in.values.Reset()
	for n = 0; n < messageRows && i+n < b.Rows && in.values.Size() < messageBytes; n++ {
		if err := in.encode(ctx, b, i+n); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (in *inserter) encode(ctx context.Context, b *dat.Batch, row int) error {
	for k := range in.encoders {
		if in.encoders[k].skip {
			continue
		}
		if err := in.encoders[k].add(ctx, in.st, in.values, &b.Columns[k], row); err != nil {
			return err
		}
	}
	return nil
}

// send executes what fill encoded.
func (in *inserter) send(ctx context.Context, b *dat.Batch, i, n int) error {
	counts, err := in.st.ExecBatch(ctx, in.values)
	if err != nil {
		return in.blame(ctx, b, i, n, err)
	}
	for k, count := range counts {
		if count != 1 {
			return in.refused(k, fmt.Errorf("%d rows were inserted instead of 1", count))
		}
	}
	in.sum(b, i, n)
	return nil
}

// Close implements [loader.Inserter].
func (in *inserter) Close() error { return in.st.Close() }
