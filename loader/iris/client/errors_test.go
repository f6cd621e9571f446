package client_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// must is for bodies that cannot fail.
func must(body []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return body
}

func du(id, statement uint32, sql string, status uint16, reply []byte) step {
	return ask(id, statement, wire.DU, must(wire.Update{SQL: sql, Keys: wire.KeysNull}.Append(nil, wire.Unicode)), status, reply)
}

func pp(id, statement uint32, sql string, params int, status uint16, reply []byte) step {
	return ask(id, statement, wire.PP, must(wire.Prepare{SQL: sql, Params: wire.UserParams(params)}.Append(nil, wire.Unicode)), status, reply)
}

func dq(id, statement uint32, sql string, replies ...[]byte) step {
	s := step{want: wire.AppendRequest(nil, id, statement, wire.DQ, must(wire.Query{SQL: sql}.Append(nil, wire.Unicode)))}
	for _, r := range replies {
		s.reply = append(s.reply, r...)
	}
	return s
}

func pq(id, statement uint32, status uint16, reply []byte) step {
	return ask(id, statement, wire.PQ, must(wire.Execute{}.Append(nil, wire.Unicode)), status, reply)
}

func fd(id, statement uint32, status uint16, reply []byte) step {
	return ask(id, statement, wire.FD, nil, status, reply)
}

// oe is the question for the words of an error, which must follow it at once and carry its statement.
func oe(id, statement uint32, status int, text string) step {
	return ask(id, statement, wire.OE, items(status), 0, items(text))
}

// integer is the metadata of a query for one integer without parameters.
func integer(cacheable bool) []byte {
	return must(wire.Metadata{Columns: []wire.Column{{Name: "n", Type: wire.SQLInteger, Label: "n"}}, Cacheable: cacheable}.
		Append(nil, wire.Unicode, 0))
}

func reply(id, statement uint32, status uint16, body []byte) []byte {
	return wire.AppendReply(nil, id, statement, status, false, body)
}

const words = "[SQLCODE: <-119>:<UNIQUE or PRIMARY KEY constraint failed>]"

// Every status but 0 and 100 is an error in every reply; the server is asked for its words with the same statement, and
// the connection stays good.
func TestEveryRefusalIsAnErrorWithTheWordsOfTheServer(t *testing.T) {
	const insert, query = "INSERT INTO T VALUES (1)", "SELECT n FROM T"
	exec := func(c *client.Conn) error { _, err := c.Exec(t.Context(), insert); return err }
	readAll := func(c *client.Conn) error {
		rows, err := c.Query(t.Context(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		_, err = read(t.Context(), rows)
		return err
	}
	batch := func(c *client.Conn) error {
		stmt, err := c.Prepare(t.Context(), insert)
		if err != nil {
			return err
		}
		_, err = stmt.ExecBatch(t.Context(), stmt.NewValues())
		return err
	}
	stream := func(c *client.Conn) error { _, err := c.ReadStream(t.Context(), []byte("h")); return err }
	none := must(wire.Metadata{}.Append(nil, wire.Unicode, 0))
	for name, tt := range map[string]struct {
		steps     []step
		do        func(*client.Conn) error
		statement string
	}{
		"DU": {[]step{du(5, 1, insert, 119, []byte("anything")), oe(7, 1, 119, words)}, exec, insert},
		"PP": {[]step{pp(5, 1, insert, 0, 119, nil), oe(7, 1, 119, words)}, batch, insert},
		"PU": {[]step{pp(5, 1, insert, 0, 0, none), ask(7, 1, wire.PU, must(wire.PreparedUpdate{Keys: wire.KeysNull}.Append(nil, wire.Unicode)), 119, nil),
			oe(9, 1, 119, words)}, batch, insert},
		"first of DQ":  {[]step{dq(5, 1, query, reply(5, 1, 119, nil)), oe(7, 1, 119, words)}, readAll, query},
		"second of DQ": {[]step{dq(5, 1, query, reply(5, 1, 0, integer(false)), reply(5, 1, 119, items(1))), oe(7, 1, 119, words)}, readAll, query},
		"FD": {[]step{dq(5, 1, query, reply(5, 1, 0, integer(false)), reply(5, 1, 0, items(1))),
			fd(7, 1, 119, nil), oe(9, 1, 119, words)}, readAll, query},
		"TC": {[]step{ask(5, 0, wire.TC, nil, 119, nil), oe(7, 0, 119, words)},
			func(c *client.Conn) error { return c.Commit(t.Context()) }, "TC"},
		"TR": {[]step{ask(5, 0, wire.TR, nil, 119, nil), oe(7, 0, 119, words)},
			func(c *client.Conn) error { return c.Rollback(t.Context()) }, "TR"},
		"START TRANSACTION": {[]step{du(5, 1, "START TRANSACTION", 119, nil), oe(7, 1, 119, words)},
			func(c *client.Conn) error { return c.Begin(t.Context()) }, "START TRANSACTION"},
		"SS": {[]step{ask(5, 1, ss, items("h"), 119, nil), oe(7, 1, 119, words)}, stream, "SS"},
		"JS": {[]step{ask(5, 1, ss, items("h"), 0, items(8)), ask(7, 1, wire.JS, items("h", 8), 119, []byte("anything")),
			oe(9, 1, 119, words)}, stream, "JS"},
		"SM": {[]step{pp(5, 1, insert, 0, 0, none), ask(7, 1, wire.SM, bytesOf("03 01 '0' 01 00 00 00 'x'"), 119, nil), oe(9, 1, 119, words)},
			func(c *client.Conn) error {
				stmt, err := c.Prepare(t.Context(), insert)
				if err != nil {
					return err
				}
				_, err = stmt.WriteStream(t.Context(), strings.NewReader("x"), false)
				return err
			}, insert},
	} {
		t.Run(name, func(t *testing.T) {
			next := uint32(5 + 2*len(tt.steps))
			c := connect(t, append(tt.steps, ask(next, 0, wire.TC, nil, 0, nil))...)
			err := tt.do(c)
			var refused *client.SQLError
			if !errors.As(err, &refused) || errors.Is(err, client.ErrLost) {
				t.Fatalf("got %v", err)
			}
			if want := (client.SQLError{Code: -119, Text: words, Status: 119, Statement: tt.statement}); *refused != want {
				t.Errorf("got %+v, want %+v", *refused, want)
			}
			if want := "SQLCODE -119: " + words; err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
			if c.InTransaction() {
				t.Error("in a transaction")
			}
			if err := c.Commit(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestARefusalWithoutWordsIsItsCode(t *testing.T) {
	for name, words := range map[string]step{
		"refused too":      ask(7, 1, wire.OE, items(119), 415, nil),
		"no text":          ask(7, 1, wire.OE, items(119), 0, nil),
		"a broken text":    ask(7, 1, wire.OE, items(119), 0, bytesOf("ff 01 00")),
		"a lone surrogate": ask(7, 1, wire.OE, items(119), 0, bytesOf("04 02 00 d8")),
	} {
		c := connect(t, du(5, 1, "X", 119, nil), words, ask(9, 0, wire.TC, nil, 0, nil))
		if _, err := c.Exec(t.Context(), "X"); err == nil || err.Error() != "SQLCODE -119" {
			t.Errorf("%s: got %v", name, err)
		}
		if err := c.Commit(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := connect(t, du(5, 1, "X", 119, nil), step{}.closing())
	var refused *client.SQLError
	if _, err := c.Exec(t.Context(), "X"); !errors.As(err, &refused) || errors.Is(err, client.ErrLost) || err.Error() != "SQLCODE -119" {
		t.Errorf("got %v", err)
	}
	if c.Lost() == nil {
		t.Error("the connection is not lost")
	}
}

// A refused commit leaves the transaction open; one whose reply is lost leaves its outcome unknown, and the two can be
// told apart.
func TestALostCommitIsToldFromARefusedOne(t *testing.T) {
	start := du(5, 1, "START TRANSACTION", 0, items(0, 0, 0))
	begin := func(steps ...step) *client.Conn {
		c := connect(t, append([]step{start}, steps...)...)
		if err := c.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := begin(ask(7, 0, wire.TC, nil, 415, nil), oe(9, 0, 415, "disk full"))
	if err := c.Commit(t.Context()); err == nil || err.Error() != "SQLCODE -415: disk full" || !c.InTransaction() {
		t.Errorf("refused: %v, in transaction %v", err, c.InTransaction())
	}
	for name, answer := range map[string]step{
		"no reply":       step{}.closing(),
		"half a header":  step{reply: make([]byte, 7)}.closing(),
		"another's":      {reply: reply(5, 0, 0, nil)},
		"the server's":   {reply: reply(8, 0, 0, nil)},
		"a ping":         {reply: append(make([]byte, 12), "YQ"...)},
		"end of service": {reply: append(make([]byte, 12), "Y4"...)},
	} {
		c := begin(answer)
		err := c.Commit(t.Context())
		var lost *client.LostError
		if !errors.As(err, &lost) || !errors.Is(err, client.ErrLost) || lost.Request != "TC" || !lost.Sent || errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		if c.InTransaction() {
			t.Errorf("%s: still in a transaction", name)
		}
		err = c.Rollback(t.Context())
		if !errors.As(err, &lost) || lost.Request != "TR" || lost.Sent {
			t.Errorf("%s: afterwards %v", name, err)
		}
	}
}

func TestRepliesThatAnswerSomethingElseEndTheConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		answer []byte
		want   string
	}{
		"another message":   {reply(7, 1, 0, items(0, 0, 0)), "message 7 came, message 5 was asked"},
		"another statement": {reply(5, 2, 0, items(0, 0, 0)), "statement 2 is answered, statement 1 was asked"},
		"the server's own":  {reply(6, 1, 0, items(0, 0, 0)), "message 6 came, message 5 was asked"},
		"a fragment of another": {append(wire.AppendReply(nil, 5, 1, 0, true, items(0)), reply(7, 1, 0, items(0, 0))...),
			"message 7 of statement 1: a fragment of another message"},
		"too large":           {wire.Header{Length: 1 << 31, ID: 5, Statement: 1}.Append(nil), "message 5 has 2147483648 bytes, limit 1000000"},
		"no count":            {reply(5, 1, 0, items(0, 0)), "DU reply: counts: 0 counts, not 1"},
		"two counts":          {reply(5, 1, 0, items(0, 0, 1, 1)), "DU reply: counts: 2 counts, not 1"},
		"a count that is not": {reply(5, 1, 0, items(0, 0, "x")), "DU reply: counts: item is a 8-bit string, not an integer"},
	} {
		c := connectWith(t, client.Config{Limit: 1e6}, step{reply: tt.answer})
		_, err := c.Exec(t.Context(), "X")
		var protocol *client.ProtocolError
		want := "connection lost after DU was sent: protocol error: reply to DU: " + tt.want
		if !errors.As(err, &protocol) || !errors.Is(err, client.ErrLost) || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", name, err, want)
		}
		if c.Lost() == nil {
			t.Errorf("%s: the connection is still used", name)
		}
	}
}
