package iristest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// conversation is what one connection and the server say to each other: one request at a time, in order.
type conversation struct {
	*link
	options *Options
	charset *wire.Charset
	head    wire.Header // of the request under way
	part    int         // messages of its answer so far

	greeted    bool
	compact    bool // doubles may be sent compactly
	autocommit bool
	session    *engine.Session // nil before the login
	granted    int             // features
	isolation  int
	statements map[uint32]*statement
	streams    streams
	failed     failure // what OE is asked about
}

// converse ends with the connection; what a session leaves behind is rolled back then.
func converse(ctx context.Context, s *Server, conn net.Conn, n int) error {
	charset, err := s.options.charset()
	if err != nil {
		return err
	}
	c := &conversation{link: newLink(s, conn, n), options: &s.options, charset: charset,
		statements: map[uint32]*statement{}, isolation: wire.ReadUncommitted}
	defer c.leave()
	if s.certificate != nil {
		secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*s.certificate}})
		c.link.secure(secure)
	}
	for ctx.Err() == nil {
		head, body, err := c.receive()
		if err != nil {
			return nil // the client has gone, or is no client
		}
		c.head, c.part = head, 0
		if err := c.answer(ctx, head.Code, body); err != nil {
			return nil
		}
	}
	return nil
}

// leave closes what belongs to the session.
func (c *conversation) leave() {
	if c.session == nil {
		return
	}
	for _, st := range c.statements {
		st.close()
	}
	c.session.Close() //nolint:errcheck // there is nobody left to be told
	c.server.giveLicence()
}

// answer carries out a request. An error ends the conversation.
func (c *conversation) answer(ctx context.Context, code wire.Code, body []byte) error {
	c.moment.SQL = c.textOf(code, body)
	a, err := c.at(Arrived, 0)
	if err != nil {
		return err
	}
	if a.fail != nil {
		err = a.fail
	} else {
		running, done := c.interruptible(ctx)
		err = broken(running, c.carryOut(running, code, body))
		done()
	}
	switch {
	case err == nil || errors.Is(err, errEnd):
		return err
	case wire.NoReply(code):
		return errEnd // there is no way to say it
	}
	return c.report(err)
}

// carryOut sends what the request is answered with, unless there is an error: that is left to be reported.
func (c *conversation) carryOut(ctx context.Context, code wire.Code, body []byte) error {
	if c.session == nil {
		return c.welcome(ctx, code, body)
	}
	switch code {
	case wire.PP:
		return c.prepare(ctx, body)
	case wire.DQ:
		return c.directQuery(ctx, body)
	case wire.PQ:
		return c.preparedQuery(ctx, body)
	case wire.FD, fetchMore:
		return c.fetch(body)
	case wire.DU:
		return c.directUpdate(ctx, body)
	case wire.PU:
		return c.preparedUpdate(ctx, body)
	case wire.CC, wire.CU:
		return c.closeStatement(code, body)
	case wire.GG:
		return c.generatedKeys(body)
	case wire.OE:
		return c.errorText(body)
	case wire.TC, wire.TR, wire.AF, wire.AN, wire.RC, wire.RU, wire.RN, isolationLevel:
		return c.transaction(ctx, code, body)
	case wire.JS, wire.SB, wire.SM, streamSize, getBytes, wire.CS:
		return c.stream(code, body)
	case wire.DC:
		return errEnd
	case statementBatch:
		return c.statementBatch(ctx, body)
	case prepareProcedure:
		return c.prepareCall(body)
	case updateProcedure:
		return c.call(body)
	case interrupt:
		return c.interrupt(body)
	case currentSchema:
		return c.replyText(wire.StatusOK, "SQLUser")
	case ping, pingTwo:
		return c.reply(wire.StatusOK, nil)
	}
	if q, ok := catalogue[code]; ok {
		return c.askCatalogue(ctx, q, body)
	}
	if code[1] == nativeOperation {
		return c.native(ctx, code[0], body)
	}
	return fail(codeSequence, "function %q is not known here", code.String())
}

// reply sends one message of the answer.
func (c *conversation) reply(status uint16, body []byte) error {
	c.part++
	return c.send(c.head, message{status: status, body: body, part: c.part})
}

// report answers with an error.
func (c *conversation) report(err error) error {
	c.failed = failureOf(err)
	return c.reply(c.failed.status, c.failed.body)
}

// options.charset is that of the handshake.
func (o Options) charset() (*wire.Charset, error) { return wire.CharsetFor(o.Locale, !o.EightBit) }
