package client

import (
	"bufio"
	"context"
	"net"
	"time"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Conn is one connection. It is not safe for concurrent use, and so are the rows, statements and streams of it.
type Conn struct {
	conn net.Conn // what is spoken on: TLS, or the socket
	raw  net.Conn // the socket, closed without ceremony when the connection is lost
	in   *bufio.Reader

	limit   int    // of a reply
	body    []byte // of the request being made
	out     []byte // the request with its header
	reply   []byte // memory of the last reply
	spare   []byte // memory for rows, while none are open
	piece   []byte // of a stream being written
	reading bool   // a stream is being read: its exchange is not over

	nextID        uint32 // odd: even ones are the server's
	nextStatement uint32
	rowsOf        uint32 // statement of the row that was read last
	cache         cache
	transaction   bool

	hello wire.HandshakeReply
	login wire.ConnectReply
	chars *wire.Charset
	lost  error // why the connection is gone
}

// readAhead is the size of the read buffer: most replies are taken from the system at once.
const readAhead = 32 << 10

// closeTimeout bounds the farewell to a server that does not listen.
const closeTimeout = time.Second

// Connect dials and logs in. A refusal of the login is a *LoginError; failures to dial and of TLS are those of the
// standard library.
func Connect(ctx context.Context, cfg Config) (*Conn, error) {
	cfg = cfg.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	conn, raw, err := cfg.dial(ctx)
	if err != nil {
		return nil, err
	}
	c := &Conn{
		conn: conn, raw: raw, in: bufio.NewReaderSize(conn, readAhead),
		limit: cfg.Limit, nextID: 1, nextStatement: 1,
	}
	if err = c.shakeHands(ctx); err == nil {
		err = c.logIn(ctx, cfg)
	}
	if err != nil {
		c.abandon(err)
		return nil, err
	}
	return c, nil
}

// Version is what the server says of itself, such as "IRIS for UNIX (Ubuntu Server LTS for x86-64) 2025.1".
func (c *Conn) Version() string { return c.login.Version }

// Charset is how the server writes 8-bit strings.
func (c *Conn) Charset() *wire.Charset { return c.chars }

// Locale is the name of the server's locale, such as "UNICODE".
func (c *Conn) Locale() string { return c.hello.Locale }

// DelimitedIdentifiers reports whether "x" is an identifier. If not, it is a string.
func (c *Conn) DelimitedIdentifiers() bool { return c.login.DelimitedIdentifiers }

// Lost returns why the connection is gone, or nil.
func (c *Conn) Lost() error { return c.lost }

// Close says farewell and closes the connection; the server rolls back what is not committed. It takes no longer than a
// second, and is nil for a connection that is gone already.
func (c *Conn) Close() error {
	if c.lost != nil {
		return nil
	}
	defer c.abandon(net.ErrClosed)
	if c.reading {
		return nil
	}
	c.raw.SetDeadline(time.Now().Add(closeTimeout))
	_, err := c.conn.Write(wire.AppendRequest(c.out[:0], 0, 0, wire.DC, nil))
	if err != nil {
		return err
	}
	return c.conn.Close()
}

// abandon closes the socket. The connection stays unusable for this reason.
func (c *Conn) abandon(reason error) {
	if c.lost == nil {
		c.lost = reason
	}
	c.raw.Close()
}
