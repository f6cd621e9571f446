package iristest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"sync"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
)

// Server listens until it is closed. It is safe for concurrent use.
type Server struct {
	options     Options // with defaults
	listener    net.Listener
	system      *engine.System
	certificate *tls.Certificate
	group       *parallel.Group
	stop        context.CancelFunc

	mu       sync.Mutex
	idle     *sync.Cond // told when a connection ended
	open     map[net.Conn]struct{}
	accepted int // connections so far
	loggedIn int
	running  map[int]func() // by job: breaks off what it does
	fault    Fault
	closed   bool
}

// Start listens.
func Start(o Options) (*Server, error) {
	s := &Server{options: o.withDefaults(), open: map[net.Conn]struct{}{}, running: map[int]func(){}, fault: o.Fault, system: o.System}
	s.idle = sync.NewCond(&s.mu)
	if _, err := s.options.charset(); err != nil {
		return nil, err
	}
	if err := s.listen(); err != nil {
		return nil, err
	}
	if s.system == nil {
		system, err := engine.Open(o.Engine)
		if err != nil {
			return nil, errors.Join(err, s.listener.Close())
		}
		s.system = system
	}
	for _, u := range s.options.Users {
		if u.TablesOnly {
			s.system.Restrict(u.Name, tablePrivileges...)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	group, ctx := parallel.NewGroup(ctx)
	s.group = group
	group.Go(func() error { return s.accept(ctx) })
	return s, nil
}

func (s *Server) listen() error {
	l, err := net.Listen("tcp", s.options.Addr)
	if err != nil {
		return err
	}
	if s.options.TLS {
		certificate, err := newCertificate()
		if err != nil {
			return errors.Join(err, l.Close())
		}
		s.certificate = &certificate
	}
	s.listener = l
	return nil
}

// accept starts a conversation for each connection.
func (s *Server) accept(ctx context.Context) error {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return s.unlessClosed(err)
		}
		n := s.admit(conn)
		if n == 0 {
			return conn.Close()
		}
		s.group.Go(func() error {
			defer s.release(conn)
			return converse(ctx, s, conn, n)
		})
	}
}

func (s *Server) unlessClosed(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	return err
}

// Close stops listening, cuts all connections, and returns when every conversation has ended. Further calls do nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	err := s.listener.Close()
	s.stop()
	s.Disconnect()
	err = errors.Join(err, s.group.Wait())
	if s.options.System == nil {
		err = errors.Join(err, s.system.Close())
	}
	return err
}

// Addr is the host and port that the server listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// System is the instance that is served.
func (s *Server) System() *engine.System { return s.system }

// URL names the server, its first user, and the namespace USER.
func (s *Server) URL() string {
	user := s.options.Users[0]
	u := url.URL{Scheme: "iris", User: url.UserPassword(user.Name, user.Password), Host: s.Addr(), Path: "/USER"}
	if s.options.TLS {
		u.RawQuery = "tls=on"
	}
	return u.String()
}
