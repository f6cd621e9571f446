package iris

import (
	"context"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// Delete implements [loader.Content]. Keys are compared exactly, and by their collation, which has the index.
func (x *tx) Delete(ctx context.Context, t *dat.Table, b *dat.Batch) (deleted int64, err error) {
	found, err := x.touch(ctx, t.Name)
	if err != nil {
		return 0, err
	}
	outside, err := x.outside(ctx, found)
	if err != nil {
		return 0, err
	}
	where, encoders := byKey(t, found)
	st, err := x.db.Prepare(ctx, "DELETE "+unhindered(outside)+quiet(found)+"FROM "+found.name.sql()+" WHERE "+where)
	if err != nil {
		return 0, translate(err)
	}
	defer st.Close()
	if deleted, err = deleteAll(ctx, st, encoders, b); err != nil {
		return deleted, translate(err)
	}
	return deleted, x.untouched(ctx, outside)
}

// keyEncoder puts one column of a key into the parameters.
type keyEncoder struct {
	encoder
	column int // of the batch
}

// byKey is the condition for one row, and what encodes its parameters.
func byKey(t *dat.Table, found *table) (where string, encoders []keyEncoder) {
	columns := t.Stored()
	var conditions []string
	for _, k := range t.Key() {
		name := quote(found.column(columns[k].Name).Name)
		conditions = append(conditions, name+" = ?")
		encoders = append(encoders, keyEncoder{encoder{column: &columns[k]}, k})
		if isText(columns[k].SQLType) {
			conditions = append(conditions, "%EXACT("+name+") = ?")
			encoders = append(encoders, keyEncoder{encoder{column: &columns[k]}, k})
		}
	}
	return strings.Join(conditions, " AND "), encoders
}

// deleteAll deletes the rows of a batch and counts those that were there.
func deleteAll(ctx context.Context, st *client.Stmt, encoders []keyEncoder, b *dat.Batch) (deleted int64, err error) {
	values := st.NewValues()
	for row := range b.Rows {
		for i := range encoders {
			if err := encoders[i].add(ctx, st, values, &b.Columns[encoders[i].column], row); err != nil {
				return deleted, err
			}
		}
		if values.Sets() < messageRows && values.Size() < messageBytes && row < b.Rows-1 {
			continue
		}
		counts, err := st.ExecBatch(ctx, values)
		if err != nil {
			return deleted, err
		}
		for _, n := range counts {
			deleted += n
		}
		values.Reset()
	}
	return deleted, nil
}
