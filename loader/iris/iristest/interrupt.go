package iristest

import (
	"context"
	"errors"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Why a statement is broken off.
var (
	errInterrupted = errors.New("interrupted by another connection")
	errTimeout     = errors.New("timeout")
)

// jobNumber is what the server calls the process of a connection.
func jobNumber(conn int) int { return 1000 + conn }

// interruptible gives the context of a request, which EI of another connection ends.
func (c *conversation) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	job := jobNumber(c.moment.Conn)
	s := c.server
	s.mu.Lock()
	s.running[job] = func() { cancel(errInterrupted) }
	s.mu.Unlock()
	return ctx, func() {
		s.mu.Lock()
		delete(s.running, job)
		s.mu.Unlock()
		cancel(nil)
	}
}

// interrupt takes EI: the JDBC driver logs in a second time and names the job of the first connection, followed by 0.
// A job that runs nothing is left alone.
func (c *conversation) interrupt(body []byte) error {
	r := wire.NewReader(body)
	job, err := r.Int()
	if err != nil {
		return err
	}
	if _, err := r.Int(); err != nil {
		return err
	}
	if r.More() {
		return wire.ErrTrailing
	}
	c.server.mu.Lock()
	stop := c.server.running[int(job)]
	c.server.mu.Unlock()
	if stop != nil {
		stop()
	}
	return c.reply(wire.StatusOK, nil)
}

// broken gives the error of a statement whose context has ended the SQLCODE for that.
func broken(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case err == nil || cause == nil:
		return err
	case errors.Is(cause, errTimeout):
		return fail(codeTimeout, "the query took too long")
	case errors.Is(cause, errInterrupted):
		return fail(codeInterrupted, "")
	}
	return err
}
