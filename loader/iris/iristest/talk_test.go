package iristest_test

import (
	"crypto/tls"
	"encoding/hex"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// patience ends a test that hangs; nothing waits for it otherwise.
const patience = 30 * time.Second

// talker is a client that sends bytes and looks at bytes.
type talker struct {
	t  testing.TB
	c  net.Conn
	id uint32

	charset *wire.Charset
}

// dial connects without a word, with TLS if the server has it.
func dial(t testing.TB, s *iristest.Server) *talker {
	t.Helper()
	k := dialPlain(t, s)
	if roots := s.Roots(); roots != nil {
		k.c = tls.Client(k.c, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
	}
	return k
}

func dialPlain(t testing.TB, s *iristest.Server) *talker {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return &talker{t: t, c: c, id: 1, charset: wire.Unicode}
}

// login connects as _SYSTEM with the bytes that the DB-API driver was seen to send.
func login(t testing.TB, s *iristest.Server) *talker {
	t.Helper()
	k := dial(t, s)
	if status, _ := k.ask(wire.HS, 0, "41 00"); status != 0 {
		t.Fatalf("HS: status %d", status)
	}
	if status, body := k.ask(wire.CN, 0, recordedConnect); status != 0 {
		t.Fatalf("CN: status %d, %q", status, body)
	}
	return k
}

// recordedConnect is the CN body of the DB-API driver 3.8.0: _SYSTEM, SYS, USER.
const recordedConnect = "06 01 55 53 45 52  09 01 5d 7c be fe 40 3f df  05 01 9e ff de  06 01 72 6f 6f 74  04 01 76 6d" +
	"05 01 61 70 70  0e 01 00 00 00 00 00 00 00 00 00 00 00 00  0b 01 31 32 37 2e 30 2e 30 2e 31  03 01 00" +
	"03 04 01  03 04 01  03 04 20"

// send sends a request whose body is given in hexadecimal, with the next odd id.
func (k *talker) send(code wire.Code, statement uint32, body string) {
	k.t.Helper()
	raw, err := hex.DecodeString(strings.Join(strings.Fields(body), ""))
	if err != nil {
		k.t.Fatal(err)
	}
	if _, err := k.c.Write(wire.AppendRequest(nil, k.id, statement, code, raw)); err != nil {
		k.t.Fatal(err)
	}
	k.id += 2
}

// receive reads a reply to the last request, which must carry its ids.
func (k *talker) receive(statement uint32) (status uint16, body string) {
	k.t.Helper()
	h, raw, err := wire.ReadReply(k.c, 0, nil)
	if err != nil {
		k.t.Fatalf("no reply: %v", err)
	}
	if h.ID != k.id-2 || h.Statement != statement {
		k.t.Fatalf("reply to message %d, statement %d, want %d, %d", h.ID, h.Statement, k.id-2, statement)
	}
	return h.Status(), hex.EncodeToString(raw)
}

func (k *talker) ask(code wire.Code, statement uint32, body string) (status uint16, reply string) {
	k.t.Helper()
	k.send(code, statement, body)
	return k.receive(statement)
}

// text decodes a reply of one string.
func text(t testing.TB, body string) string {
	t.Helper()
	raw, err := hex.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	m, err := wire.ParseErrorText(raw, wire.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	return m.Text
}

// ended checks that the server closed the connection without another word.
func (k *talker) ended() {
	k.t.Helper()
	if b, err := io.ReadAll(k.c); err == nil && len(b) > 0 {
		k.t.Fatalf("%d bytes more: %x", len(b), b)
	} else if e, ok := err.(net.Error); ok && e.Timeout() {
		k.t.Fatal("the connection is still open")
	}
}

// plain is hexadecimal without blanks.
func plain(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
