package client

import (
	"context"
	"fmt"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Exec executes a statement that is no query and returns the number of rows it affected. Each ? in it takes one of
// args: nil, int64, int, string, []byte, float64 or wire.Number. A value that IRIS cannot hold is an error of package
// wire, and nothing is sent.
func (c *Conn) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	st, err := c.statement(sql)
	if err != nil {
		return 0, err
	}
	defer c.cache.give(st)
	values, err := c.values(st, args)
	if err != nil {
		return 0, err
	}
	if st.known {
		counts, err := c.updatePrepared(ctx, st, values)
		if !forgotten(err) {
			return sum(counts), err
		}
	}
	counts, err := c.update(ctx, st, values)
	return sum(counts), err
}

func sum(counts []int64) (n int64) {
	for _, count := range counts {
		n += count
	}
	return n
}

// values encodes one set.
func (c *Conn) values(st *statement, args []any) (*wire.Values, error) {
	if len(args) != st.markers {
		return nil, fmt.Errorf("statement has %d parameters, %d given", st.markers, len(args))
	}
	values := wire.NewValues(len(args), c.chars)
	for i, arg := range args {
		if err := add(values, arg); err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i+1, err)
		}
	}
	return values, nil
}

func add(values *wire.Values, arg any) error {
	switch v := arg.(type) {
	case nil:
		values.Null()
	case int64:
		values.Int(v)
	case int:
		values.Int(int64(v))
	case float64:
		values.Double(v)
	case wire.Number:
		values.Number(v)
	case string:
		return values.SQLText(v)
	case []byte:
		return values.SQLBytes(v)
	default:
		return fmt.Errorf("%T is no type of a parameter", arg)
	}
	return nil
}

// update executes a statement by its text.
func (c *Conn) update(ctx context.Context, st *statement, values *wire.Values) ([]int64, error) {
	body, err := wire.Update{SQL: st.text, Params: wire.UserParams(st.markers), Keys: wire.KeysNull, Values: values}.Append(reuse(c.body), c.chars)
	if err != nil {
		return nil, err
	}
	c.body = body
	c.fresh(st)
	if st.changes {
		defer c.cache.forget()
	}
	_, body, err = c.roundTrip(ctx, request{wire.DU, st.id, st.sql, body})
	if err != nil {
		return nil, err
	}
	reply, err := wire.ParseUpdateReply(body, c.chars, c.login.Features, values.Sets())
	if err != nil {
		return nil, c.broken(ctx, wire.DU, err)
	}
	st.params, st.known = reply.Params, reply.Cacheable
	return reply.Counts, nil
}

// updatePrepared executes a statement by its id.
func (c *Conn) updatePrepared(ctx context.Context, st *statement, values *wire.Values) ([]int64, error) {
	body, err := wire.PreparedUpdate{Keys: wire.KeysNull, Values: values}.Append(reuse(c.body), c.chars)
	if err != nil {
		return nil, err
	}
	c.body = body
	if st.changes {
		defer c.cache.forget()
	}
	body, err = c.updateReply(ctx, request{wire.PU, st.id, st.sql, body}, values.Sets())
	if err != nil {
		st.known = !forgotten(err)
		return nil, err
	}
	counts, err := wire.ParseCounts(body, values.Sets())
	if err != nil {
		return nil, c.broken(ctx, wire.PU, err)
	}
	return counts, nil
}

// updateReply is a round trip whose refusal may say what became of each set.
func (c *Conn) updateReply(ctx context.Context, r request, sets int) ([]byte, error) {
	x, err := c.start(ctx, r)
	if err != nil {
		return nil, err
	}
	defer x.done()
	status, body, err := x.reply(&c.reply)
	if err != nil || status == wire.StatusOK || status == wire.StatusEnd {
		return body, err
	}
	counts, told := wire.ParseCounts(body, sets) // before the server's words take its place
	err = x.refused(status)
	if told == nil && sets > 1 {
		err = &BatchError{counts, err}
	}
	return nil, err
}
