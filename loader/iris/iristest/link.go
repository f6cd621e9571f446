package iristest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// maxRequest bounds the body of a request: clients send a whole batch in one, however long.
const maxRequest = 1 << 30

// errEnd ends a conversation without a reply. Why is between the fault and the test.
var errEnd = errors.New("the conversation ends here")

// link is a connection as a sequence of messages, with the faults that happen to them.
type link struct {
	server *Server
	conn   net.Conn
	r      *bufio.Reader
	buf    []byte // of the last request
	out    []byte // of the last reply
	moment Moment
}

func newLink(s *Server, conn net.Conn, n int) *link {
	return &link{server: s, conn: conn, r: bufio.NewReader(conn), moment: Moment{Conn: n}}
}

// secure goes on over TLS.
func (l *link) secure(conn *tls.Conn) { l.conn, l.r = conn, bufio.NewReader(conn) }

// receive reads a request. It is valid until the next.
func (l *link) receive() (wire.Header, []byte, error) {
	head, err := l.r.Peek(wire.HeaderSize)
	if err != nil {
		return wire.Header{}, nil, err
	}
	l.moment.N++
	l.moment.Code, l.moment.SQL, l.moment.Part = string(head[12:14]), "", 0
	if _, err := l.at(Arriving, 0); err != nil {
		return wire.Header{}, nil, err
	}
	h, body, err := wire.ReadRequest(l.r, maxRequest, l.buf)
	l.buf = body
	return h, body, err
}

// at plays the fault of a moment, as far as it is not about the bytes of a message.
func (l *link) at(phase Phase, part int) (Action, error) {
	l.moment.Phase, l.moment.Part = phase, part
	a := l.server.at(l.moment)
	switch a.end {
	case goOn:
		return a, nil
	case reset:
		l.reset()
	case stall:
		// Until the client closes, what it still sends is of no interest.
		io.Copy(io.Discard, l.r) //nolint:errcheck // any end will do
	}
	return a, errEnd
}

// reset makes the system discard what is unsent and answer with RST.
func (l *link) reset() {
	conn := l.conn
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
		conn = t.NetConn()
	}
	if t, ok := conn.(*net.TCPConn); ok {
		t.SetLinger(0) //nolint:errcheck // the connection is cut, however that ends
		t.Close()      //nolint:errcheck
	}
}

// message is one message of an answer.
type message struct {
	status uint16
	body   []byte
	part   int  // counted from 1
	whole  bool // not in fragments, unless a fault wants it so
}

// send answers the request with header h, in fragments if so wanted.
func (l *link) send(h wire.Header, m message) error {
	a, err := l.at(Reply, m.part)
	if err != nil {
		return err
	}
	if a.fail != nil && (m.status == wire.StatusOK || m.status == wire.StatusEnd) {
		return a.fail
	}
	size := l.server.options.Fragment
	if m.whole {
		size = 0
	}
	if a.frame > 0 {
		size = a.frame
	}
	raw, body := l.out[:0], m.body
	for size > 0 && len(body) > size {
		raw = wire.AppendReply(raw, h.ID, h.Statement, m.status, true, body[:size])
		body = body[size:]
	}
	raw = wire.AppendReply(raw, h.ID, h.Statement, m.status, false, body)
	l.out = raw
	if err := l.write(raw, a); err != nil {
		return err
	}
	_, err = l.at(Replied, m.part)
	return err
}

func (l *link) write(raw []byte, a Action) error {
	cut := -1
	if a.change != nil {
		raw, cut = a.change(raw)
	}
	if cut >= 0 {
		raw = raw[:cut]
	}
	for size := a.piece; size > 0 && len(raw) > size; raw = raw[size:] {
		if _, err := l.conn.Write(raw[:size]); err != nil {
			return errors.Join(errEnd, err)
		}
	}
	if _, err := l.conn.Write(raw); err != nil {
		return errors.Join(errEnd, err)
	}
	if cut >= 0 {
		return errEnd
	}
	return nil
}
