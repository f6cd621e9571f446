package client_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// patience is for what must not happen: a test that waits so long fails.
const patience = 20 * time.Second

// bytesOf reads bytes written as in protocol notes: hex pairs, and text between quotation marks.
func bytesOf(notes string) []byte {
	var out []byte
	for i, part := range strings.Split(notes, "'") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "", "\t", "", "|", "").Replace(part))
		if err != nil {
			panic(err)
		}
		out = append(out, b...)
	}
	return out
}

// step is a request that a scripted server expects and what it sends then.
type step struct {
	want  []byte // the whole request; nil for any
	reply []byte
	then  func(net.Conn) // after the reply, or nil
}

// on is a step written in notes.
func on(want, reply string) step { return step{want: bytesOf(want), reply: bytesOf(reply)} }

// ask is a step whose messages are built: a request with this id, and one reply to it.
func ask(id, statement uint32, code wire.Code, body []byte, status uint16, reply []byte) step {
	return step{
		want:  wire.AppendRequest(nil, id, statement, code, body),
		reply: wire.AppendReply(nil, id, statement, status, false, reply),
	}
}

func (s step) closing() step {
	s.then = func(c net.Conn) { c.Close() }
	return s
}

// play is one connection of a scripted server.
func play(c net.Conn, steps []step) error {
	for i, s := range steps {
		h, body, err := wire.ReadRequest(c, 0, nil)
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
		got := wire.AppendRequest(nil, h.ID, h.Statement, h.Code, body)
		if s.want != nil && !bytes.Equal(got, s.want) {
			return fmt.Errorf("step %d:\n got %.200x %.100q\nwant %.200x %.100q", i, got, got, s.want, s.want)
		}
		if _, err := c.Write(s.reply); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
		if s.then != nil {
			s.then(c)
		}
	}
	h, body, err := wire.ReadRequest(c, 0, nil)
	if err == nil && h.Code != wire.DC {
		return fmt.Errorf("after the last step: %s %.100x", wire.Code(h.Code), body)
	}
	return nil
}

// serve runs a scripted server for one connection; wrap may put TLS on it.
func serve(t *testing.T, wrap func(net.Conn) net.Conn, steps ...step) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			ended <- nil
			return
		}
		defer c.Close()
		if wrap != nil {
			c = wrap(c)
		}
		ended <- play(c, steps)
	}()
	t.Cleanup(func() {
		l.Close()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("server: %v", err)
			}
		case <-time.After(patience):
			t.Error("the server still waits: the client closed nothing")
		}
	})
	return l.Addr().String()
}

// hello answers HS: version 65, Unicode, locale UNICODE (bytes as accepted by the DB-API client).
var hello = on("02 00 00 00  01 00 00 00  00 00 00 00  48 53 | 41 00",
	"0d 00 00 00  01 00 00 00  00 00 00 00  00 00 | 41 00 03 00 09 01 'UNICODE'")

// welcome answers CN, whatever it says.
var welcome = step{reply: bytesOf("22 00 00 00  03 00 00 00  00 00 00 00  00 00 | 11 01 'IRIS 1|/usr/iri' 03 04 01 02 04 02 04 06 01 '1234' 02 04 02 04")}

// connect logs in to a server that then plays the steps. The next message has id 5, the next statement id 1.
func connect(t *testing.T, steps ...step) *client.Conn {
	t.Helper()
	return connectWith(t, client.Config{}, steps...)
}

func connectWith(t *testing.T, cfg client.Config, steps ...step) *client.Conn {
	t.Helper()
	cfg.Address = serve(t, nil, append([]step{hello, welcome}, steps...)...)
	c, err := client.Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// items is a body of items.
func items(values ...any) []byte {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			b = wire.AppendNull(b)
		case int:
			b = wire.AppendInt(b, int64(v))
		case string:
			var err error
			if b, err = wire.AppendSQLText(b, v, wire.Unicode); err != nil {
				panic(err)
			}
		case []byte:
			b = append(b, v...)
		default:
			panic(v)
		}
	}
	return b
}

// read reads all rows as text, NULL as "NULL".
func read(ctx context.Context, rows *client.Rows) (out []string, err error) {
	for {
		row, err := rows.Next(ctx)
		if err != nil {
			return out, err
		}
		var cells []string
		for _, it := range row {
			text, err := it.SQLText(wire.Unicode)
			if err != nil {
				return out, err
			}
			if it.Null() {
				text = "NULL"
			}
			cells = append(cells, text)
		}
		out = append(out, strings.Join(cells, ","))
	}
}
