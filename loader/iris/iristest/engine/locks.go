package engine

import (
	"fmt"
	"time"
)

// lockThreshold is how many rows of a table a transaction locks before it locks the table (Using InterSystems SQL,
// Transaction Locks).
const lockThreshold = 1000

// tableLocks are the locks on a table and its rows. Those of rows belong to transactions; those that LOCK TABLE took
// belong to sessions and outlive ROLLBACK (InterSystems SQL Reference, LOCK).
type tableLocks struct {
	exclusive map[*Session]int // by LOCK TABLE, counted
	shared    map[*Session]int
	escalated *Session
	rows      map[string]*Session          // row ids and values of unique keys
	readers   map[string]map[*Session]bool // rows that children refer to
	count     map[*Session]int
}

// lockConflict is a lock of another session that is in the way.
type lockConflict struct {
	timeout time.Duration // how long to wait; negative: as the session says
	code    int
	detail  string
}

func (e *lockConflict) Error() string { return "locked by another session" }

func (e *lockConflict) failure() error { return fail(e.code, "%s", e.detail) }

func (s *System) tableLocks(t *table) *tableLocks {
	l := s.locks[t]
	if l == nil {
		l = &tableLocks{exclusive: map[*Session]int{}, shared: map[*Session]int{}, rows: map[string]*Session{}, readers: map[string]map[*Session]bool{}, count: map[*Session]int{}}
		s.locks[t] = l
	}
	return l
}

// others says whether a session other than this one is in the list.
func others[T any](list map[*Session]T, s *Session) bool {
	for other := range list {
		if other != s {
			return true
		}
	}
	return false
}

func (l *tableLocks) rowsOfOthers(s *Session) bool {
	if len(l.rows) > 0 && others(l.count, s) {
		return true
	}
	return l.escalated != nil && l.escalated != s
}

// lockForChange makes sure that a row may be changed, and locks it until the transaction ends. keys are the row id and
// the values of its unique keys.
func (s *Session) lockForChange(t *table, keys ...string) error {
	l := s.sys.locks[t]
	if l == nil && s.tx == nil {
		return nil
	}
	if l == nil {
		l = s.sys.tableLocks(t)
	}
	conflict := &lockConflict{timeout: -1, code: -110, detail: fmt.Sprintf("Unable to acquire lock for row of table '%s'", t.shown())}
	if others(l.exclusive, s) || others(l.shared, s) || l.escalated != nil && l.escalated != s {
		return conflict
	}
	for _, k := range keys {
		if owner := l.rows[k]; owner != nil && owner != s || others(l.readers[k], s) {
			return conflict
		}
	}
	if s.tx == nil || l.exclusive[s] > 0 || l.escalated == s {
		return nil
	}
	if l.count[s] >= lockThreshold {
		if l.rowsOfOthers(s) {
			conflict.detail = fmt.Sprintf("Unable to acquire exclusive table lock for table '%s'", t.shown())
			return conflict
		}
		l.escalated = s
		clear(l.rows)
		delete(l.count, s)
		return nil
	}
	for _, k := range keys {
		if l.rows[k] == nil {
			l.rows[k] = s
		}
	}
	l.count[s]++
	return nil
}

// lockParent keeps a row that others refer to from being changed until the transaction ends.
func (s *Session) lockParent(t *table, rid int64) error {
	l := s.sys.locks[t]
	if l == nil && s.tx == nil {
		return nil
	}
	if l == nil {
		l = s.sys.tableLocks(t)
	}
	k := rowKey(rid)
	if owner := l.rows[k]; owner != nil && owner != s || others(l.exclusive, s) || l.escalated != nil && l.escalated != s {
		return &lockConflict{timeout: -1, code: -110, detail: fmt.Sprintf("Unable to acquire shared lock for row of table '%s'", t.shown())}
	}
	if s.tx != nil && len(l.readers) < lockThreshold {
		if l.readers[k] == nil {
			l.readers[k] = map[*Session]bool{}
		}
		l.readers[k][s] = true
	}
	return nil
}

func rowKey(rid int64) string { return fmt.Sprintf("r%d", rid) }

// lockable finds a table that LOCK may lock.
func (s *Session) lockable(n name) (*table, error) {
	t, v := s.lookup(n)
	switch {
	case v != nil:
		return nil, fail(-400, "'%s.%s' is a view and cannot be locked", clean(v.schema), clean(v.name))
	case t == nil || t.system:
		return nil, s.noTable(n)
	}
	return t, nil
}

// lockTable is LOCK TABLE.
func (s *Session) lockTable(t *table, exclusive bool, wait int) error {
	l := s.sys.tableLocks(t)
	timeout := time.Duration(-1)
	if wait >= 0 {
		timeout = time.Duration(wait) * time.Second
	}
	kind := "shared"
	if exclusive {
		kind = "exclusive"
	}
	conflict := &lockConflict{timeout: timeout, code: -110, detail: fmt.Sprintf("Unable to acquire %s table-level lock for table '%s'", kind, t.shown())}
	if others(l.exclusive, s) || l.rowsOfOthers(s) || exclusive && others(l.shared, s) {
		return conflict
	}
	if exclusive {
		for _, readers := range l.readers {
			if others(readers, s) {
				return conflict
			}
		}
		l.exclusive[s]++
	} else {
		l.shared[s]++
	}
	return nil
}

// unlockTable is UNLOCK: at the end of the transaction if there is one, unless it is to be IMMEDIATE (InterSystems SQL
// Reference, UNLOCK).
func (s *Session) unlockTable(t *table, exclusive, immediate bool) {
	if s.tx != nil && !immediate {
		s.tx.unlocks = append(s.tx.unlocks, func() { s.unlockTable(t, exclusive, true) })
		return
	}
	l := s.sys.tableLocks(t)
	list := l.shared
	if exclusive {
		list = l.exclusive
	}
	if list[s] > 1 {
		list[s]--
	} else {
		delete(list, s)
	}
	s.sys.announce()
}
