package engine

import (
	"fmt"
)

// lockedByOthers says whether DDL has to wait.
func (s *Session) lockForDDL(t *table) error {
	l := s.sys.locks[t]
	if l != nil && (others(l.exclusive, s) || others(l.shared, s) || l.rowsOfOthers(s)) {
		return &lockConflict{timeout: -1, code: -110, detail: fmt.Sprintf("Unable to acquire exclusive table lock for table '%s'", t.shown())}
	}
	return nil
}

// readable makes a query at READ COMMITTED wait for the changes of others.
func (s *Session) readable(tables []*table) error {
	if s.isolation == 0 {
		return nil
	}
	for _, t := range tables {
		if l := s.sys.locks[t]; l != nil && (others(l.exclusive, s) || l.rowsOfOthers(s)) {
			return &lockConflict{timeout: -1, code: -114, detail: ""}
		}
	}
	return nil
}

// releaseTransaction gives up the locks that a transaction took.
func (s *System) releaseTransaction(session *Session) {
	for t, l := range s.locks {
		if l.escalated == session {
			l.escalated = nil
		}
		if l.count[session] > 0 {
			for k, owner := range l.rows {
				if owner == session {
					delete(l.rows, k)
				}
			}
			delete(l.count, session)
		}
		for k, readers := range l.readers {
			if delete(readers, session); len(readers) == 0 {
				delete(l.readers, k)
			}
		}
		if len(l.exclusive)+len(l.shared)+len(l.rows)+len(l.readers) == 0 && l.escalated == nil {
			delete(s.locks, t)
		}
	}
	s.announce()
}

// releaseSession gives up all locks of a session.
func (s *System) releaseSession(session *Session) {
	for _, l := range s.locks {
		delete(l.exclusive, session)
		delete(l.shared, session)
	}
	s.releaseTransaction(session)
}

// announce wakes those who wait for locks.
func (s *System) announce() {
	close(s.released)
	s.released = make(chan struct{})
}
