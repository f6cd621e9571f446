package engine

import (
	"fmt"
	"strings"
)

// transaction is what a session has done since it began, and how to undo it.
type transaction struct {
	explicit   bool // START TRANSACTION, and not the first statement, began it
	undo       []undo
	savepoints []savepoint
	unlocks    []func() // for its end
}

type savepoint struct {
	name string
	mark int // of undo
}

// undo is a change of a row: what it held before, nil if it was not there.
type undo struct {
	table   *table
	rid     int64
	columns []*column // that values belong to
	values  []any
	insert  bool // the row was inserted: undoing deletes it
	update  bool // the row was there before and after
}

// begin opens a transaction if none is open.
func (s *Session) begin(explicit bool) {
	if s.tx == nil {
		s.tx = &transaction{}
	}
	s.tx.explicit = s.tx.explicit || explicit
}

// record notes a change, unless no transaction could undo it.
func (s *Session) record(u undo) {
	if s.tx != nil {
		s.tx.undo = append(s.tx.undo, u)
	}
}

func (s *Session) commit() {
	s.endTransaction()
}

func (s *Session) endTransaction() {
	tx := s.tx
	s.tx = nil
	s.sys.releaseTransaction(s)
	if tx != nil {
		for _, unlock := range tx.unlocks {
			unlock()
		}
	}
}

func (s *Session) rollback() error {
	if s.tx == nil {
		s.sys.releaseTransaction(s)
		return nil
	}
	err := s.undoTo(0)
	s.endTransaction()
	return err
}

// undoTo undoes the changes after a mark, the last first. Counters stay (ObjectScript Reference, TROLLBACK), and so
// does what DDL did.
func (s *Session) undoTo(mark int) error {
	var failed error
	list := s.tx.undo
	for i := len(list) - 1; i >= mark; i-- {
		if err := s.sys.undo(list[i]); err != nil && failed == nil {
			failed = fail(-400, "<ROLLFAIL> %v", err)
		}
	}
	s.tx.undo = list[:mark]
	return failed
}

func (s *System) undo(u undo) error {
	t := u.table
	if t.ns.tables[objectKey(t.schema, t.name)] != t {
		return nil // dropped since
	}
	if u.insert {
		return s.exec("DELETE FROM "+t.sqlite()+" WHERE rid = ?", u.rid)
	}
	var names, marks, sets []string
	args := []any{}
	for i, c := range u.columns {
		if c.identity || t.find(c.name) != c {
			continue
		}
		names = append(names, c.sqlite())
		marks = append(marks, "?")
		sets = append(sets, c.sqlite()+" = ?")
		args = append(args, u.values[i])
	}
	if u.update {
		if sets == nil {
			return nil
		}
		return s.exec(fmt.Sprintf("UPDATE %s SET %s WHERE rid = ?", t.sqlite(), strings.Join(sets, ", ")), append(args, u.rid)...)
	}
	return s.exec(fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.sqlite(), strings.Join(append(names, "rid"), ", "), strings.Join(append(marks, "?"), ", ")),
		append(args, u.rid)...)
}

// savepointTo undoes what came after a savepoint; the savepoint stays. An unknown one rolls back everything
// (InterSystems SQL Reference, ROLLBACK).
func (s *Session) rollbackTo(savepointName string) error {
	if s.tx != nil {
		for i := len(s.tx.savepoints) - 1; i >= 0; i-- {
			if p := s.tx.savepoints[i]; strings.EqualFold(p.name, savepointName) {
				err := s.undoTo(p.mark)
				s.tx.savepoints = s.tx.savepoints[:i]
				return err
			}
		}
	}
	if err := s.rollback(); err != nil {
		return err
	}
	return fail(-375, "Cannot ROLLBACK to unestablished savepoint '%s'", clean(savepointName))
}

// maxSavepoints is the limit of the manual (InterSystems SQL Reference, SAVEPOINT).
const maxSavepoints = 255

func (s *Session) savepoint(savepointName string) error {
	if strings.HasPrefix(fold(savepointName), "SYS") {
		return fail(-302, "")
	}
	s.begin(true)
	if len(s.tx.savepoints) >= maxSavepoints {
		return fail(-400, "Unexpected error occurred: <TRANSACTION LEVEL>")
	}
	s.tx.savepoints = append(s.tx.savepoints, savepoint{savepointName, len(s.tx.undo)})
	return nil
}
