package iristest

import (
	"context"
	"encoding/binary"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// statementBatch takes EB, by which the JDBC driver sends different statements at once: their number as four raw bytes,
// a timeout, and for each its text and one set of values. The reply has a count for each, as that of PU.
func (c *conversation) statementBatch(ctx context.Context, body []byte) error {
	r := wire.NewReader(body)
	raw, err := r.Raw(4)
	if err != nil {
		return err
	}
	if _, err := r.Int(); err != nil {
		return err
	}
	n := int(binary.LittleEndian.Uint32(raw))
	if n > len(r.Rest()) {
		return fail(codeFatal, "%d statements in %d bytes", n, len(r.Rest()))
	}
	var first *failure
	counts := make([]int64, n)
	for i := range counts {
		sql, values, err := c.batched(r)
		if err != nil {
			return err
		}
		if first != nil && c.options.Batch != BatchContinues {
			counts[i] = setFailed
			continue
		}
		if counts[i], err = c.runBatched(ctx, sql, values); err != nil {
			f := failureOf(err)
			if counts[i] = setFailed; first == nil {
				first = &f
			}
		}
	}
	if r.More() {
		return wire.ErrTrailing
	}
	if first != nil {
		first.body = wire.AppendCounts(nil, counts)
		return first
	}
	return c.reply(wire.StatusOK, wire.AppendCounts(nil, counts))
}

// batched reads one statement of a batch.
func (c *conversation) batched(r *wire.Reader) (sql string, values []wire.Item, err error) {
	sql, err = c.chunks(r)
	if err != nil {
		return "", nil, err
	}
	sets, err := r.Int()
	if err != nil {
		return "", nil, err
	}
	n, err := r.Int()
	if err != nil {
		return "", nil, err
	}
	if sets != 1 || n < 0 || n > int64(len(r.Rest())) {
		return "", nil, fail(codeFatal, "%d sets of %d values in a batch of statements", sets, n)
	}
	values = make([]wire.Item, n)
	for i := range values {
		if values[i], err = r.Next(); err != nil {
			return "", nil, err
		}
	}
	return sql, values, nil
}

func (c *conversation) runBatched(ctx context.Context, sql string, values []wire.Item) (int64, error) {
	st, err := c.session.Prepare(ctx, sql)
	if err != nil {
		return 0, err
	}
	defer st.Close() //nolint:errcheck // it is forgotten in any case
	params := st.Params()
	if len(params) != len(values) {
		return 0, fail(codeFatal, "%d values for %d parameters", len(values), len(params))
	}
	args := make([]any, len(values))
	for i, it := range values {
		if args[i], err = c.value(it, params[i]); err != nil {
			return 0, err
		}
	}
	return st.Exec(ctx, args)
}
