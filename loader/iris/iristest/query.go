package iristest

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// cursor is a result that has not been fetched to its end.
type cursor struct {
	*engine.Rows
	left int   // rows that are still wanted; less than 0: all
	next []any // read ahead, to know whether there is more
}

// row gives the next row, nil after the last.
func (r *cursor) row() ([]any, error) {
	if row := r.next; row != nil {
		r.next = nil
		return row, nil
	}
	if r.left == 0 {
		return nil, nil
	}
	row, err := r.Next()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	r.left--
	return row, err
}

// more says whether there is a next row.
func (r *cursor) more() (bool, error) {
	if r.next == nil {
		row, err := r.row()
		if err != nil {
			return false, err
		}
		r.next = row
	}
	return r.next != nil, nil
}

func (c *conversation) directQuery(ctx context.Context, body []byte) error {
	request, err := wire.ParseQuery(body, c.charset)
	if err != nil {
		return err
	}
	st, err := c.compile(ctx, request.SQL, request.Params)
	if err != nil {
		return err
	}
	if st.columns == nil {
		return fail(codeFatal, "DQ is for queries")
	}
	if err := c.describe(st); err != nil {
		return err
	}
	return c.run(ctx, st, wire.Execute{Values: request.Values, Timeout: request.Timeout, MaxRows: request.MaxRows})
}

func (c *conversation) preparedQuery(ctx context.Context, body []byte) error {
	request, err := wire.ParseExecute(body, c.charset)
	if err != nil {
		return err
	}
	st, err := c.current()
	if err != nil {
		return err
	}
	if st.columns == nil {
		return fail(codeFatal, "PQ is for queries")
	}
	return c.run(ctx, st, request)
}

// run begins a query and sends its first rows.
func (c *conversation) run(ctx context.Context, st *statement, request wire.Execute) error {
	st.closeCursor()
	sets, err := c.sets(request.Values, st)
	if err != nil {
		return err
	}
	if sets.left != 1 {
		return fail(codeFatal, "a query has one set of parameters, not %d", sets.left)
	}
	args, err := sets.next()
	if err != nil {
		return err
	}
	limited, cancel := context.WithCancel(ctx)
	if request.Timeout > 0 {
		limited, cancel = context.WithTimeoutCause(ctx, time.Duration(request.Timeout)*time.Second, errTimeout)
	}
	defer cancel()
	rows, err := st.Query(limited, args)
	if err != nil {
		return broken(limited, err)
	}
	st.cursor = &cursor{Rows: rows, left: -1}
	if request.MaxRows > 0 {
		st.cursor.left = request.MaxRows
	}
	return c.page(st)
}

// fetch takes FD. At the end of a result there is nothing more, however often it is asked for.
func (c *conversation) fetch(body []byte) error {
	if err := wire.ParseEmpty(wire.FD, body); err != nil {
		return err
	}
	st, err := c.compiled()
	if err != nil {
		return err
	}
	if st.columns == nil {
		return fail(codeSequence, "FD without a query")
	}
	return c.page(st)
}

// page sends the next rows of a result: with status 0 if more follow, with 100 if not.
func (c *conversation) page(st *statement) error {
	var out []byte
	for n := 0; st.cursor != nil; n++ {
		more, err := st.cursor.more()
		if err != nil {
			return err
		}
		if !more {
			st.closeCursor()
			break
		}
		if n > 0 && (n == c.options.PageRows || len(out) >= c.options.PageBytes) {
			c.part++
			return c.send(c.head, message{status: wire.StatusOK, body: out, part: c.part, whole: true})
		}
		row, err := st.cursor.row()
		if err != nil {
			return err
		}
		if out, err = c.appendRow(out, st.columns, row); err != nil {
			return err
		}
	}
	return c.reply(wire.StatusEnd, out)
}
