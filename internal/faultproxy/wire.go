package faultproxy

import (
	"net"
	"sync"
)

// listener hands out connections with small buffers, some of which end early.
type listener struct {
	net.Listener
	options Options

	mu sync.Mutex
	n  int
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok && l.options.WriteBuffer > 0 {
		_ = tcp.SetWriteBuffer(l.options.WriteBuffer)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.options.CutWire != nil {
		if left := l.options.CutWire(l.n); left > 0 {
			c = &shortConn{Conn: c, left: left}
		}
	}
	l.n++
	return c, nil
}

// shortConn ends after so many bytes, wherever that is in a record.
type shortConn struct {
	net.Conn
	mu   sync.Mutex
	left int64
}

func (c *shortConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if int64(len(b)) < c.left {
		c.left -= int64(len(b))
		return c.Conn.Write(b)
	}
	n, _ := c.Conn.Write(b[:c.left])
	c.left = 0
	c.Conn.Close()
	return n, net.ErrClosed
}
