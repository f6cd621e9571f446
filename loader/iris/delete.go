package iris

import (
	"context"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// Delete implements [loader.Content]. Keys are compared exactly, and by their collation, which has the index.
func (x *tx) Delete(ctx context.Context, t *dat.Table, b *dat.Batch) (deleted int64, err error) {
	found, err := x.touch(ctx, t.Name)
	if err != nil {
		return 0, err
	}
	keywords, err := x.outside(ctx, found)
	if err != nil {
		return 0, err
	}
	columns, key := t.Stored(), t.Key()
	var where []string
	var twice []bool
	for _, k := range key {
		name := found.column(columns[k].Name).Name
		where = append(where, quote(name)+" = ?")
		exact := isText(columns[k].SQLType)
		if exact {
			where = append(where, "%EXACT("+quote(name)+") = ?")
		}
		twice = append(twice, exact)
	}
	st, err := x.db.Prepare(ctx, "DELETE "+keywords+quiet(found)+"FROM "+found.name.sql()+" WHERE "+strings.Join(where, " AND "))
	if err != nil {
		return 0, translate(err)
	}
	defer st.Close()
	values := st.NewValues()
	for row := range b.Rows {
		for i, k := range key {
			e := encoder{column: &columns[k]}
			for range 1 + map[bool]int{true: 1}[twice[i]] {
				if err := e.add(ctx, st, values, &b.Columns[k], row); err != nil {
					return deleted, translate(err)
				}
			}
		}
		if values.Sets() < messageRows && values.Size() < messageBytes && row < b.Rows-1 {
			continue
		}
		counts, err := st.ExecBatch(ctx, values)
		if err != nil {
			return deleted, translate(err)
		}
		for _, n := range counts {
			deleted += n
		}
		values.Reset()
	}
	return deleted, nil
}
