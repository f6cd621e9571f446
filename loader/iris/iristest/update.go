package iristest

import (
	"context"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

func (c *conversation) directUpdate(ctx context.Context, body []byte) error {
	request, err := wire.ParseUpdate(body, c.charset)
	if err != nil {
		return err
	}
	st, err := c.compile(ctx, request.SQL, request.Params)
	if err != nil {
		return err
	}
	counts, err := c.execute(ctx, st, request.Values)
	if err != nil {
		return err
	}
	out, err := wire.UpdateReply{Params: describeParams(st.params), Cacheable: cacheable(st.sql),
		Counts: counts}.Append(nil, c.charset, c.granted)
	if err != nil {
		return err
	}
	return c.reply(statusOf(counts), out)
}

func (c *conversation) preparedUpdate(ctx context.Context, body []byte) error {
	request, err := wire.ParsePreparedUpdate(body, c.charset)
	if err != nil {
		return err
	}
	st, err := c.current()
	if err != nil {
		return err
	}
	counts, err := c.execute(ctx, st, request.Values)
	if err != nil {
		return err
	}
	return c.reply(statusOf(counts), wire.AppendCounts(nil, counts))
}

// statusOf is 100 if no row was affected.
func statusOf(counts []int64) uint16 {
	for _, n := range counts {
		if n != 0 {
			return wire.StatusOK
		}
	}
	return wire.StatusEnd
}

// setFailed is the count of a set that failed. The JDBC driver takes it for Statement.EXECUTE_FAILED, even under status 0,
// and the DB-API drivers leave it out of the number of rows.
const setFailed = -3

// execute carries out a statement for each set of values.
func (c *conversation) execute(ctx context.Context, st *statement, values *wire.Values) ([]int64, error) {
	if st.columns != nil {
		return nil, fail(codeFatal, "DU and PU are not for queries")
	}
	sets, err := c.sets(values, st)
	if err != nil {
		return nil, err
	}
	undo := c.beginBatch(ctx, sets.left)
	var first *failure
	counts := make([]int64, sets.left)
	for i := range counts {
		n, err := c.executeSet(ctx, st, sets, i+1)
		if err == nil {
			counts[i] = n
			continue
		}
		f := failureOf(err)
		if first == nil {
			first = &f
		}
		if counts[i] = setFailed; c.options.Batch != BatchContinues {
			notDone(counts[i:])
			break
		}
	}
	undone, err := undo(first == nil)
	if err != nil {
		return nil, err
	}
	if first == nil {
		return counts, nil
	}
	if undone {
		notDone(counts)
	}
	if len(counts) > 1 {
		first.body = wire.AppendCounts(nil, counts)
	}
	return nil, first
}

func notDone(counts []int64) {
	for i := range counts {
		counts[i] = setFailed
	}
}

func (c *conversation) executeSet(ctx context.Context, st *statement, sets *parameterSets, n int) (int64, error) {
	a, err := c.at(Set, n)
	if err != nil {
		return 0, err
	}
	args, err := sets.next()
	if err != nil {
		return 0, err
	}
	if a.fail != nil {
		return 0, a.fail
	}
	return st.Exec(ctx, args)
}

// beginBatch makes a batch one transaction where the options say so. What it returns ends it, and says whether that undid
// what was done.
func (c *conversation) beginBatch(ctx context.Context, sets int) (end func(done bool) (undone bool, err error)) {
	if c.options.Batch != BatchUndoes || sets < 2 || !c.autocommit || c.session.InTransaction() {
		return func(bool) (bool, error) { return false, nil }
	}
	c.session.Autocommit(false)
	return func(done bool) (bool, error) {
		defer c.session.Autocommit(true)
		if done {
			return false, c.session.Commit(ctx)
		}
		return true, c.session.Rollback(ctx)
	}
}

// generatedKeys answers GG: the keys of the last INSERT, as a result of one row.
func (c *conversation) generatedKeys(body []byte) error {
	if err := wire.ParseEmpty(wire.GG, body); err != nil {
		return err
	}
	columns, keys := c.session.GeneratedKeys()
	if len(columns) == 0 {
		return fail(codeSequence, "no keys were generated")
	}
	out, err := wire.GeneratedKeys{Columns: c.describeColumns(columns)}.Append(nil, c.charset)
	if err != nil {
		return err
	}
	if out, err = c.appendRow(out, columns, keys); err != nil {
		return err
	}
	return c.reply(wire.StatusEnd, out)
}
