package client

import (
	"context"
	"errors"
	"io"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// emptyPages is how often rows are asked for again after a reply without any that does not say it is the last. The
// public clients take such a reply for the end; asking again costs little and loses no rows.
const emptyPages = 3

var errClosed = errors.New("rows are closed")

// Rows is the result of a query, fetched as it is read.
type Rows struct {
	c     *Conn
	st    *statement
	id    uint32    // of the statement as it was executed
	code  wire.Code // of the request that brought the last rows
	page  []byte    // memory of the last rows
	items *wire.Reader
	row   []wire.Item
	more  bool   // the server has further rows
	err   error  // why there are no more rows to read
	done  func() // once, when the statement is free again
}

// Columns describes the columns of the result.
func (r *Rows) Columns() []wire.Column { return r.st.columns }

// Next returns the next row, which is valid until the next call, or io.EOF after the last. An *SQLError ends the rows:
// the result is not complete.
func (r *Rows) Next(ctx context.Context) ([]wire.Item, error) {
	if r.err != nil {
		return nil, r.err
	}
	for empty := 0; !r.items.More(); empty++ {
		if !r.more || empty == emptyPages {
			return nil, r.end(io.EOF)
		}
		if err := r.fetch(ctx); err != nil {
			return nil, err
		}
	}
	err := r.items.Row(r.row)
	if err == nil && len(r.row) == 0 {
		err = errors.New("rows of no columns")
	}
	if err != nil {
		return nil, r.end(r.c.broken(ctx, r.code, err))
	}
	r.c.rowsOf = r.id
	return r.row, nil
}

// Close gives up what was not read. The connection stays usable; the server is not told, since no client does.
func (r *Rows) Close() error {
	r.end(errClosed)
	return nil
}

func (r *Rows) end(err error) error {
	if r.err == nil {
		r.err = err
		r.c.spare, r.page, r.items = reuse(r.page), nil, nil
		r.done()
	}
	return r.err
}

// fetch asks for the next rows.
func (r *Rows) fetch(ctx context.Context) error {
	x, err := r.c.start(ctx, request{code: wire.FD, statement: r.id, sql: r.st.sql})
	if err != nil {
		return err
	}
	defer x.done()
	if err := r.receive(x); err != nil {
		return r.end(err)
	}
	return nil
}

// receive reads a reply of rows.
func (r *Rows) receive(x *exchange) error {
	status, body, err := x.success(&r.page)
	if err != nil {
		return err
	}
	r.code, r.items, r.more = x.code, wire.NewReader(body), status == wire.StatusOK
	return nil
}
