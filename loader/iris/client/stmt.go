package client

import (
	"context"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Stmt is a statement that is executed many times.
type Stmt struct {
	c    *Conn
	st   *statement
	rows *Rows // of the last query
}

// Prepare prepares a statement, unless the server knows it already. Each ? in it is a parameter.
func (c *Conn) Prepare(ctx context.Context, sql string) (*Stmt, error) {
	st, err := c.statement(sql)
	if err != nil {
		return nil, err
	}
	s := &Stmt{c: c, st: st}
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// ready makes the server know the statement as it is now.
func (s *Stmt) ready(ctx context.Context) error {
	c, st := s.c, s.st
	if st.known && st.generation == c.cache.generation {
		return nil
	}
	body, err := wire.Prepare{SQL: st.text, Params: wire.UserParams(st.markers)}.Append(reuse(c.body), c.chars)
	if err != nil {
		return err
	}
	c.body = body
	c.fresh(st)
	_, body, err = c.roundTrip(ctx, request{wire.PP, st.id, st.sql, body})
	if err != nil {
		return err
	}
	return c.describe(ctx, wire.PP, st, body)
}

// Params describes the parameters.
func (s *Stmt) Params() []wire.Param { return s.st.params }

// Columns describes the columns of a query; it is nil for other statements.
func (s *Stmt) Columns() []wire.Column { return s.st.columns }

// NewValues returns values to be filled, set after set, for ExecBatch.
func (s *Stmt) NewValues() *wire.Values { return wire.NewValues(s.st.markers, s.c.chars) }

// ExecBatch executes the statement once for each set of values, in one message, and returns the number of rows that
// each affected. After an [*SQLError] it is not known which sets took effect: it should be done in a transaction.
func (s *Stmt) ExecBatch(ctx context.Context, values *wire.Values) ([]int64, error) {
	var counts []int64
	err := s.execute(ctx, func() (err error) {
		counts, err = s.c.updatePrepared(ctx, s.st, values)
		return err
	})
	return counts, err
}

// Query executes the statement as a query, and closes the rows of the query before.
func (s *Stmt) Query(ctx context.Context, args ...any) (*Rows, error) {
	values, err := s.c.values(s.st, args)
	if err != nil {
		return nil, err
	}
	if s.rows != nil {
		s.rows.Close()
		s.rows = nil
	}
	err = s.execute(ctx, func() (err error) {
		s.rows, err = s.c.queryPrepared(ctx, s.st, values, func() {})
		return err
	})
	return s.rows, err
}

// execute prepares again, once, if the server has forgotten the statement: then it has done nothing.
func (s *Stmt) execute(ctx context.Context, do func() error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	err := do()
	if !forgotten(err) {
		return err
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	return do()
}

// Close gives the statement back, so that preparing the same text again asks the server for nothing.
func (s *Stmt) Close() error {
	if s.rows != nil {
		s.rows.Close()
	}
	s.c.cache.give(s.st)
	return nil
}
