package iristest

import "github.com/irisfix/irisfix/loader/iris/wire"

// Moment is where in a conversation something can go wrong.
type Moment struct {
	Conn  int    // connections are counted from 1
	N     int    // requests of the connection are counted from 1; HS is 1, CN 2
	Code  string // of the request
	SQL   string // of the statement that the request brings or names; not yet known in phase [Arriving]
	Phase Phase
	Part  int // of [Reply] and [Replied]: the messages of an answer are counted from 1. Of [Set]: the sets are
}

// Phase is a part of the life of a request.
type Phase int

const (
	// Arriving: the header of the request was read, its body was not.
	Arriving Phase = iota
	// Arrived: the request was read; nothing of it was carried out.
	Arrived
	// Set: the next parameter set of an update is about to be carried out.
	Set
	// Reply: the request was carried out, and a message of the answer is about to be sent.
	Reply
	// Replied: that message was sent.
	Replied
)

func (p Phase) String() string {
	return [...]string{"arriving", "arrived", "set", "reply", "replied"}[p]
}

// A Fault decides at each moment what goes wrong; the zero [Action] is nothing. It is called from all conversations,
// at the same time too.
type Fault func(Moment) Action

// Play replaces the fault of the server, for requests from now on. nil is none.
func (s *Server) Play(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// at asks the fault.
func (s *Server) at(m Moment) Action {
	s.mu.Lock()
	f := s.fault
	s.mu.Unlock()
	if f == nil {
		return Action{}
	}
	return f(m)
}

// On does what it says at the n-th moment, counted from 1 over all connections, of that phase of requests with that
// code. An answer of two messages has two moments of each phase: On(wire.DQ, Reply, 2, …) is about the rows of the first
// query.
func On(code wire.Code, phase Phase, n int, a Action) Fault {
	count := &counter{}
	return func(m Moment) Action {
		if m.Code == code.String() && m.Phase == phase && count.next() == n {
			return a
		}
		return Action{}
	}
}

// Always does what it says at every moment of that phase of requests with that code.
func Always(code wire.Code, phase Phase, a Action) Fault {
	return func(m Moment) Action {
		if m.Code == code.String() && m.Phase == phase {
			return a
		}
		return Action{}
	}
}

// Each does what it says at the moment with that number, counted from 0 over all connections and phases: to go through
// a conversation moment by moment. See [Record].
func Each(moment int, a Action) Fault {
	count := &counter{}
	return func(Moment) Action {
		if count.next() == moment+1 {
			return a
		}
		return Action{}
	}
}
