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

// admit gives the number of the connection, 0 if the server is closing.
func (s *Server) admit(conn net.Conn) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0
	}
	s.accepted++
	s.open[conn] = struct{}{}
	return s.accepted
}

func (s *Server) release(conn net.Conn) {
	conn.Close() //nolint:errcheck // the conversation is over
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
	s.idle.Broadcast()
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

// Disconnect cuts all connections, as a restart of the server would. New ones are accepted.
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		conn.Close() //nolint:errcheck // it is cut, however that ends
	}
}

// WaitIdle returns when no connection is open: what sessions left behind has been rolled back then.
func (s *Server) WaitIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.open) > 0 {
		s.idle.Wait()
	}
}

// Open is the number of connections that are open, logged in or not.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// Accepted is the number of connections that there ever were.
func (s *Server) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
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

// takeLicence says whether one more connection may be logged in, and counts it.
func (s *Server) takeLicence() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.Connections > 0 && s.loggedIn >= s.options.Connections {
		return false
	}
	s.loggedIn++
	return true
}

func (s *Server) giveLicence() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loggedIn--
}
