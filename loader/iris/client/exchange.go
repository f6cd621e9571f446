package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// keep is the largest buffer that is kept for the next message.
const keep = 4 << 20

// request is a message to be sent.
type request struct {
	code      wire.Code
	statement uint32
	sql       string // for errors
	body      []byte
}

// exchange is a request that is under way: between start and done it has the connection to itself.
type exchange struct {
	request
	c       *Conn
	ctx     context.Context
	id      uint32
	release func() // ends the watch over ctx
}

// start sends a request in one write. If ctx has ended before, nothing is sent and the connection stays good.
func (c *Conn) start(ctx context.Context, r request) (*exchange, error) {
	switch {
	case c.lost != nil:
		return nil, &LostError{Request: r.code.String(), Err: c.lost}
	case c.reading:
		return nil, ErrBusy
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	x := &exchange{request: r, c: c, ctx: ctx, id: c.nextID}
	c.nextID += 2
	c.out = wire.AppendRequest(reuse(c.out), x.id, r.statement, r.code, r.body)
	x.release = c.watch(ctx)
	if n, err := c.conn.Write(c.out); err != nil {
		x.done()
		return nil, c.lose(ctx, r.code, n > 0, err)
	}
	return x, nil
}

func (x *exchange) done() { x.release() }

func reuse(buf []byte) []byte {
	if cap(buf) > keep {
		return nil
	}
	return buf[:0]
}

// watch makes reads and writes fail once ctx has ended, until it is released. It needs no goroutine before that.
func (c *Conn) watch(ctx context.Context) (release func()) {
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.raw.SetDeadline(time.Unix(1, 0))
		close(fired)
	})
	return func() {
		if !stop() {
			<-fired
			c.raw.SetDeadline(time.Time{})
		}
	}
}

// lose closes the socket because of err, or of the end of ctx.
func (c *Conn) lose(ctx context.Context, code wire.Code, sent bool, err error) error {
	var frame *wire.FrameError
	var size *wire.SizeError
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF // io.EOF within an error could be taken for the end of rows
	case errors.As(err, &frame), errors.As(err, &size):
		err = &ProtocolError{Request: code.String(), Err: err}
	}
	c.abandon(err)
	return &LostError{Request: code.String(), Sent: sent, Err: err}
}

// broken closes the socket because a reply cannot be understood.
func (c *Conn) broken(ctx context.Context, code wire.Code, err error) error {
	return c.lose(ctx, code, true, &ProtocolError{Request: code.String(), Err: err})
}

// reply reads one reply into buf.
func (x *exchange) reply(buf *[]byte) (status uint16, body []byte, err error) {
	h, body, err := wire.ReadReply(x.c.in, x.c.limit, reuse(*buf))
	if err != nil {
		return 0, nil, x.c.lose(x.ctx, x.code, true, err)
	}
	*buf = body
	if err := x.mine(h); err != nil {
		return 0, nil, err
	}
	return h.Status(), body, nil
}

// mine loses the connection if a reply does not answer this request. Even ids are the server's; which replies repeat the
// statement is what the DB-API client insists on.
func (x *exchange) mine(h wire.Header) error {
	if h.ID != x.id {
		return x.c.broken(x.ctx, x.code, fmt.Errorf("message %d came, message %d was asked", h.ID, x.id))
	}
	switch x.code {
	case wire.OE, wire.GG, wire.HS, wire.CN, wire.TC, wire.TR:
		return nil
	}
	if h.Statement != x.statement {
		return x.c.broken(x.ctx, x.code, fmt.Errorf("statement %d is answered, statement %d was asked", h.Statement, x.statement))
	}
	return nil
}

// success reads a reply that must be one.
func (x *exchange) success(buf *[]byte) (status uint16, body []byte, err error) {
	if status, body, err = x.reply(buf); err != nil {
		return 0, nil, err
	}
	if err := x.refused(status); err != nil {
		return 0, nil, err
	}
	return status, body, nil
}

// roundTrip is a request with one reply, which must be a success. The body is valid until the next round trip.
func (c *Conn) roundTrip(ctx context.Context, r request) (status uint16, body []byte, err error) {
	x, err := c.start(ctx, r)
	if err != nil {
		return 0, nil, err
	}
	defer x.done()
	return x.success(&c.reply)
}

// refused makes an error of a status that is no success. The server must be asked for its words before anything else.
func (x *exchange) refused(status uint16) error {
	if status == wire.StatusOK || status == wire.StatusEnd {
		return nil
	}
	e := &SQLError{Code: -int(status), Status: status, Statement: x.sql}
	if status != wire.StatusUnknown {
		e.Text = x.c.errorText(x.ctx, status, x.statement)
	}
	return e
}

// errorText asks for the words of an error; without them there is still its code.
func (c *Conn) errorText(ctx context.Context, status uint16, statement uint32) string {
	x, err := c.start(ctx, request{code: wire.OE, statement: statement, body: wire.ErrorRequest{Status: status}.Append(nil)})
	if err != nil {
		return ""
	}
	defer x.done()
	status, body, err := x.reply(&c.reply)
	if err != nil || status != wire.StatusOK && status != wire.StatusEnd {
		return ""
	}
	text, err := wire.ParseErrorText(body, c.chars)
	if err != nil {
		return ""
	}
	return text.Text
}
