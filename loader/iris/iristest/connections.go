package iristest

import "net"

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
