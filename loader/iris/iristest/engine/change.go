package engine

import (
	"context"
	"errors"
	"fmt"
)

// change is a statement that changes rows. What it does to rows it does one by one, as IRIS does, so that each is
// checked before the next.
type change struct {
	session  *Session
	keywords keywords
	mark     int // of undo, where the statement began
	depth    int // of cascades
}

// maxCascade bounds foreign keys that delete or change rows that others refer to.
const maxCascade = 100

// changing runs a statement that changes rows: all of it or nothing, except in mode NONE.
func (s *Session) changing(k keywords, fn func(x *change) error) error {
	for w := range k {
		if w != "%NOFPLAN" && w != "%PROFILE" && w != "%PROFILE_ALL" {
			s.needAdmin(w)
		}
	}
	x := &change{session: s, keywords: k}
	if s.tx == nil && s.mode == modeExplicit {
		s.begin(false)
	}
	if s.tx != nil {
		x.mark = len(s.tx.undo)
	}
	if err := s.sys.exec("SAVEPOINT statement"); err != nil {
		return err
	}
	err := guarded(x, fn)
	s.sys.conn.SetInterrupt(context.Background()) // what was begun must end, whatever becomes of the caller
	var conflict *lockConflict
	// Without transactions what was done before an error stays; a statement that only waits begins anew.
	if err != nil && (s.mode != modeNone || s.tx != nil || errors.As(err, &conflict)) {
		if undo := s.sys.exec("ROLLBACK TO statement"); undo != nil {
			err = fail(-400, "<ROLLFAIL> %v", undo)
		}
		if s.tx != nil {
			s.tx.undo = s.tx.undo[:x.mark]
		}
	}
	if end := s.sys.exec("RELEASE statement"); end != nil && err == nil {
		err = end
	}
	return err
}

func guarded(x *change, fn func(x *change) error) (err error) {
	defer catch(&err)
	return fn(x)
}

func (x *change) has(word string) bool { return x.keywords[word] }

func (x *change) record(u undo) {
	if !x.has("%NOJOURN") {
		x.session.record(u)
	}
}

// lock locks a row and the values of its unique keys, unless %NOLOCK says not to.
func (x *change) lock(t *table, rid int64, values []any) error {
	if x.has("%NOLOCK") {
		return nil
	}
	l := x.session.sys.locks[t]
	if x.session.tx == nil && l == nil || l != nil && (l.exclusive[x.session] > 0 || l.escalated == x.session) && len(l.shared) == 0 {
		return nil
	}
	keys := []string{rowKey(rid)}
	for i, k := range t.keys {
		if v, ok := k.text(t, values); ok {
			keys = append(keys, fmt.Sprintf("u%d/%s", i, v))
		}
	}
	return x.session.lockForChange(t, keys...)
}
