package iris

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// blame finds the row that a message was refused for. What became of the other rows is not documented: the first that the
// server says to have failed, unless it says so of all, which may only not have been tried or be undone. Then, or if it says
// nothing, the number of rows tells where it stopped, and the rest is tried one by one. The transaction is doomed, so it
// does not matter what else that does.
func (in *inserter) blame(ctx context.Context, b *dat.Batch, i, n int, refusal error) error {
	var sql *client.SQLError
	if !errors.As(refusal, &sql) {
		return refusal
	}
	var told *client.BatchError
	if errors.As(refusal, &told) {
		k := slices.IndexFunc(told.Counts, func(n int64) bool { return n < 0 })
		some := slices.ContainsFunc(told.Counts, func(n int64) bool { return n >= 0 })
		if k >= 0 && (some || n == 1) {
			return in.refused(k, refusal)
		}
	}
	now, err := in.db.count(ctx, in.target)
	if err != nil {
		return errors.Join(refusal, err)
	}
	for k := max(0, min(n-1, int(now-in.before-in.rows))); k < n; k++ {
		in.values.Reset()
		err := in.encode(ctx, b, i+k)
		if err == nil {
			_, err = in.st.ExecBatch(ctx, in.values)
		}
		if err != nil {
			return in.refused(k, err)
		}
	}
	return inTable(in.table.Name, fmt.Sprintf("one of the rows %d to %d of", in.rows+1, in.rows+int64(n)), translate(refusal))
}

// refused is the error of a row, counted from those that were sent before.
func (in *inserter) refused(k int, err error) error {
	if in.db.Lost() != nil || isLocked(translate(err)) {
		return inTable(in.table.Name, "inserting into", translate(err))
	}
	return &loader.RowError{Table: in.table.Name, Row: in.rows + int64(k) + 1, Err: translate(err)}
}
