package live

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// raw is a connection that sends messages as bytes, so that the replies can be looked at as they came.
type raw struct {
	conn      net.Conn
	in        *bufio.Reader
	id        uint32
	statement uint32
	chars     *wire.Charset
	hello     reply // to HS
	login     reply // to CN
	features  int
}

// reply is one that was joined from its fragments.
type reply struct {
	status    uint16
	body      []byte
	fragments int
}

func (r reply) String() string { return fmt.Sprintf("status %d, body %s", r.status, hexed(r.body)) }

// dial logs in, offering a version and asking for an isolation level. The end of the context closes the connection.
func dial(ctx context.Context, cfg client.Config, version uint16, isolation int) (*raw, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", cfg.Address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	if cfg.TLS != nil {
		secure := cfg.TLS.Clone()
		if secure.ServerName == "" {
			secure.ServerName, _, _ = net.SplitHostPort(cfg.Address)
		}
		conn = tls.Client(conn, secure)
	}
	r := &raw{conn: conn, in: bufio.NewReader(conn), chars: wire.Unicode}
	if err := r.enter(cfg, version, isolation); err != nil {
		conn.Close()
		return nil, err
	}
	return r, nil
}

func (r *raw) enter(cfg client.Config, version uint16, isolation int) (err error) {
	if r.hello, err = r.ask(wire.HS, 0, wire.Handshake{Version: version}.Append(nil)); err != nil {
		return err
	}
	hello, err := wire.ParseHandshakeReply(r.hello.body)
	if err != nil {
		return err
	}
	if r.chars, err = hello.Charset(); err != nil {
		return err
	}
	body, err := wire.Connect{Namespace: cfg.Namespace, User: cfg.User, Password: cfg.Password,
		OSUser: "irisfix", Host: "irisfix", Application: "irisfix", MachineInfo: make([]byte, 12), ServerAddress: cfg.Address,
		Autocommit: wire.AutocommitOn, Isolation: isolation}.Append(nil, r.chars)
	if err != nil {
		return err
	}
	if r.login, err = r.ask(wire.CN, 0, body); err != nil {
		return err
	}
	if r.login.status != wire.StatusOK {
		return fmt.Errorf("login refused with %v", r.login)
	}
	in, err := wire.ParseConnectReply(r.login.body, r.chars)
	r.features = in.Features
	return err
}

func (r *raw) close() {
	r.send(wire.DC, 0, nil) //nolint:errcheck // nobody listens any more
	r.conn.Close()
}

// next is a statement id that was not used yet.
func (r *raw) next() uint32 {
	r.statement++
	return r.statement
}

func (r *raw) send(code wire.Code, statement uint32, body []byte) error {
	r.id += 2
	_, err := r.conn.Write(wire.AppendRequest(nil, r.id-1, statement, code, body))
	return err
}

func (r *raw) receive() (reply, error) {
	var out reply
	for {
		h, err := wire.ReadHeader(r.in)
		if err != nil {
			return out, err
		}
		n, err := io.Copy((*body)(&out.body), io.LimitReader(r.in, int64(h.Length)))
		if err == nil && n < int64(h.Length) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return out, err
		}
		out.status, out.fragments = h.Status(), out.fragments+1
		if !h.More {
			return out, nil
		}
	}
}

// body grows with what arrives.
type body []byte

func (b *body) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// ask sends a request and takes one reply.
func (r *raw) ask(code wire.Code, statement uint32, body []byte) (reply, error) {
	if err := r.send(code, statement, body); err != nil {
		return reply{}, err
	}
	return r.receive()
}

// update executes a text without parameters.
func (r *raw) update(sql string, keys wire.Keys) (reply, error) {
	body, err := wire.Update{SQL: sql, Keys: keys}.Append(nil, r.chars)
	if err != nil {
		return reply{}, err
	}
	return r.ask(wire.DU, r.next(), body)
}

// query sends a query without parameters. The second reply is only there if the first has no error.
func (r *raw) query(sql string, timeout int) (id uint32, metadata, rows reply, err error) {
	body, err := wire.Query{SQL: sql, Timeout: timeout}.Append(nil, r.chars)
	if err != nil {
		return 0, reply{}, reply{}, err
	}
	id = r.next()
	if metadata, err = r.ask(wire.DQ, id, body); err != nil || metadata.failed() {
		return id, metadata, rows, err
	}
	rows, err = r.receive()
	return id, metadata, rows, err
}

func (r reply) failed() bool { return r.status != wire.StatusOK && r.status != wire.StatusEnd }
