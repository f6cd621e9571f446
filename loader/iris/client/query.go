package client

import (
	"context"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Query executes a query; see [Conn.Exec] for args. The rows should be closed; until then the same text queried again
// is another statement on the server.
func (c *Conn) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	st, err := c.statement(sql)
	if err != nil {
		return nil, err
	}
	give := func() { c.cache.give(st) }
	rows, err := c.query(ctx, st, args, give)
	if err != nil {
		give()
	}
	return rows, err
}

func (c *Conn) query(ctx context.Context, st *statement, args []any, done func()) (*Rows, error) {
	values, err := c.values(st, args)
	if err != nil {
		return nil, err
	}
	if st.known {
		rows, err := c.queryPrepared(ctx, st, values, done)
		if !forgotten(err) {
			return rows, err
		}
	}
	body, err := wire.Query{SQL: st.text, Params: wire.UserParams(st.markers), Values: values}.Append(reuse(c.body), c.chars)
	if err != nil {
		return nil, err
	}
	c.body = body
	c.fresh(st)
	return c.open(ctx, request{wire.DQ, st.id, st.sql, body}, st, done)
}

// queryPrepared executes a query by its id.
func (c *Conn) queryPrepared(ctx context.Context, st *statement, values *wire.Values, done func()) (*Rows, error) {
	body, err := wire.Execute{Values: values}.Append(reuse(c.body), c.chars)
	if err != nil {
		return nil, err
	}
	c.body = body
	rows, err := c.open(ctx, request{wire.PQ, st.id, st.sql, body}, st, done)
	st.known = !forgotten(err)
	return rows, err
}

// open sends a query. The reply to DQ is metadata, and rows in a second reply; that to PQ is rows.
func (c *Conn) open(ctx context.Context, r request, st *statement, done func()) (*Rows, error) {
	x, err := c.start(ctx, r)
	if err != nil {
		return nil, err
	}
	defer x.done()
	if r.code == wire.DQ {
		_, body, err := x.success(&c.reply)
		if err != nil {
			return nil, err
		}
		if err := c.describe(ctx, wire.DQ, st, body); err != nil {
			return nil, err
		}
	}
	rows := &Rows{c: c, st: st, id: st.id, page: c.spare, row: make([]wire.Item, len(st.columns)), done: done}
	c.spare = nil
	if err := rows.receive(x); err != nil {
		return nil, err
	}
	return rows, nil
}

// describe takes the metadata of a statement from the reply to PP or DQ.
func (c *Conn) describe(ctx context.Context, code wire.Code, st *statement, body []byte) error {
	m, err := wire.ParseMetadata(body, c.chars, c.login.Features)
	if err != nil {
		return c.broken(ctx, code, err)
	}
	if len(m.Params) != st.markers {
		return c.broken(ctx, code, &wire.CountError{What: "parameters", Want: int64(st.markers), Got: int64(len(m.Params))})
	}
	st.columns, st.params, st.known = m.Columns, m.Params, m.Cacheable || code == wire.PP
	return nil
}
