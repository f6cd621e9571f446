package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// stall is a server that answers part of a reply, says so, and waits until the client closes the socket.
func stall(s step, at int, reached func()) step {
	s.reply = s.reply[:at]
	s.then = func(c net.Conn) {
		reached()
		io.Copy(io.Discard, c)
	}
	return s
}

// conversation is the messages of a session that uses everything, and the session.
var conversation = struct {
	steps []step
	run   func(context.Context, *client.Conn) error
}{
	steps: []step{
		du(5, 1, "START TRANSACTION", 0, items(0, 0, 0)),
		pp(7, 2, "INSERT INTO T VALUES ( :%qpar(1) )", 1, 0, must(wire.Metadata{Params: make([]wire.Param, 1), Cacheable: true}.Append(nil, wire.Unicode, 0))),
		ask(9, 2, wire.SM, bytesOf("03 01 '0' 04 00 00 00 'text'"), 0, items("handle")),
		ask(11, 2, wire.PU, bytesOf("02 01 02 04 03 04 01 03 04 01 08 01 'handle'"), 0, items(1)),
		dq(13, 3, sel, reply(13, 3, 0, integer(true)), reply(13, 3, 0, items(1, 2))),
		fd(15, 3, 100, items(3)),
		ask(17, 3, ss, items("handle"), 0, items(4)),
		{want: wire.AppendRequest(nil, 19, 3, wire.JS, items("handle", 4)),
			reply: append(wire.AppendReply(nil, 19, 3, 0, true, []byte("te")), reply(19, 3, 0, []byte("xt"))...)},
		pq(21, 3, 100, items(1)),
		ask(23, 0, wire.TC, nil, 0, nil),
	},
	run: func(ctx context.Context, c *client.Conn) error {
		if err := c.Begin(ctx); err != nil {
			return err
		}
		stmt, err := c.Prepare(ctx, "INSERT INTO T VALUES ( ? )")
		if err != nil {
			return err
		}
		handle, err := stmt.WriteStream(ctx, strings.NewReader("text"), false)
		if err != nil {
			return err
		}
		values := stmt.NewValues()
		values.Handle(handle)
		if _, err := stmt.ExecBatch(ctx, values); err != nil {
			return err
		}
		if err := drain(ctx, c); err != nil {
			return err
		}
		r, err := c.ReadStream(ctx, handle)
		if err != nil {
			return err
		}
		defer r.Close()
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
		if err := drain(ctx, c); err != nil {
			return err
		}
		return c.Commit(ctx)
	},
}

func drain(ctx context.Context, c *client.Conn) error {
	rows, err := c.Query(ctx, sel)
	if err != nil {
		return err
	}
	defer rows.Close()
	for err == nil {
		_, err = rows.Next(ctx)
	}
	if err == io.EOF {
		return nil
	}
	return err
}

func TestTheConversationWorks(t *testing.T) {
	if err := conversation.run(t.Context(), connect(t, conversation.steps...)); err != nil {
		t.Fatal(err)
	}
}

// Whatever the server is silent about, before its reply or within it, the end of the context is the end of the request
// and closes the socket, which the server waits for.
func TestTheEndOfTheContextEndsEveryRequest(t *testing.T) {
	for i, s := range conversation.steps {
		for _, at := range []int{0, len(s.reply) - 1} {
			ctx, cancel := context.WithCancelCause(t.Context())
			stop := errors.New("stopped")
			steps := append([]step(nil), conversation.steps[:i]...)
			c := connect(t, append(steps, stall(s, at, func() { cancel(stop) }))...)
			err := conversation.run(ctx, c)
			var lost *client.LostError
			if !errors.As(err, &lost) || !lost.Sent || lost.Err != stop || lost.Request != string(s.want[12:14]) {
				t.Errorf("%s, %d bytes: %v", s.want[12:14], at, err)
			}
			if err := c.Rollback(t.Context()); !errors.As(err, &lost) || lost.Sent {
				t.Errorf("%s, %d bytes: afterwards %v", s.want[12:14], at, err)
			}
		}
	}
}

func TestTheEndOfTheContextEndsTheLogin(t *testing.T) {
	for name, tt := range map[string]struct {
		before []step
		stall  step
	}{"HS": {nil, hello}, "CN": {[]step{hello}, welcome}} {
		ctx, cancel := context.WithCancel(t.Context())
		address := serve(t, nil, append(tt.before, stall(tt.stall, 3, cancel))...)
		_, err := client.Connect(ctx, client.Config{Address: address})
		var lost *client.LostError
		if !errors.As(err, &lost) || lost.Request != name || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALoginTakesNoLongerThanItsTimeout(t *testing.T) {
	_, err := client.Connect(t.Context(), client.Config{Address: serve(t, nil, stall(hello, 0, func() {})), Timeout: 1})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("dialling: %v", err)
	}
	l := listener(t)
	_, err = client.Connect(t.Context(), client.Config{Address: l.Addr().String(), Timeout: 50e6})
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, client.ErrLost) {
		t.Errorf("waiting: %v", err)
	}
}

// listener accepts nothing: the system answers for it.
func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestARequestOfAnEndedContextIsNotSent(t *testing.T) {
	c := connect(t, ask(5, 0, wire.TR, nil, 0, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, do := range map[string]func() error{
		"Exec":       func() error { _, err := c.Exec(ctx, insert); return err },
		"Query":      func() error { _, err := c.Query(ctx, sel); return err },
		"Prepare":    func() error { _, err := c.Prepare(ctx, sel); return err },
		"ReadStream": func() error { _, err := c.ReadStream(ctx, []byte("h")); return err },
		"Commit":     func() error { return c.Commit(ctx) },
	} {
		if err := do(); err != context.Canceled {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.Rollback(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A context that ends after the reply has come spoils nothing.
func TestAContextThatEndsTooLateLeavesTheConnectionGood(t *testing.T) {
	c := connect(t, du(5, 1, insert, 0, items(0, 1, 1)), pu(7, 1, 0, items(1)))
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := c.Exec(ctx, insert); err != nil {
		t.Error(err)
	}
	cancel()
	exec(t, c, insert)
}

func TestARequestThatCannotBeSentSaysSo(t *testing.T) {
	var socket net.Conn
	cfg := client.Config{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		socket = c
		return c, err
	}}
	c := connectWith(t, cfg)
	socket.(*net.TCPConn).CloseWrite()
	err := c.Commit(t.Context())
	var lost *client.LostError
	if !errors.As(err, &lost) || lost.Sent || lost.Request != "TC" {
		t.Errorf("got %v", err)
	}
}

// A server that reads no further stops the writing of a large request, which the end of the context ends.
func TestTheEndOfTheContextEndsAWriteThatIsStuck(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	stuck := ask(5, 0, wire.TR, nil, 0, nil)
	stuck.then = func(c net.Conn) {
		io.ReadFull(c, make([]byte, wire.HeaderSize))
		cancel()
		<-over
	}
	c := connect(t, stuck)
	t.Cleanup(func() { close(over) })
	if err := c.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := c.Exec(ctx, "UPDATE T SET a = "+strings.Repeat("'x' || ", 4<<20))
	var lost *client.LostError
	if !errors.As(err, &lost) || !lost.Sent || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
