package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// prepare compiles SQL of SQLite once.
func (s *System) prepare(sql string) (*sqlite3.Stmt, error) {
	if st := s.prepared[sql]; st != nil {
		return st, nil
	}
	if len(s.prepared) >= maxPrepared {
		s.forgetStatements()
	}
	st, _, err := s.conn.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, s.sqliteError(err)
	}
	s.prepared[sql] = st
	return st, nil
}

// maxPrepared bounds the statements that are kept.
const maxPrepared = 400

func (s *System) forgetStatements() {
	for _, st := range s.prepared {
		st.Close()
	}
	clear(s.prepared)
}

// exec runs a statement of SQLite that is kept, with values as SQLite holds them.
func (s *System) exec(sql string, args ...any) error {
	st, err := s.prepare(sql)
	if err != nil {
		return err
	}
	if err := bind(st, args); err != nil {
		return err
	}
	st.Step()
	return s.sqliteError(errors.Join(st.Reset()))
}

// rows runs a query of SQLite that is kept and returns all its rows.
func (s *System) rows(sql string, args ...any) (list [][]any, err error) {
	st, err := s.prepare(sql)
	if err != nil {
		return nil, err
	}
	if err := bind(st, args); err != nil {
		return nil, err
	}
	for st.Step() {
		list = append(list, row(st))
	}
	return list, s.sqliteError(st.Reset())
}

func row(st *sqlite3.Stmt) []any {
	r := make([]any, st.ColumnCount())
	for i := range r {
		switch st.ColumnType(i) {
		case sqlite3.INTEGER:
			r[i] = st.ColumnInt64(i)
		case sqlite3.FLOAT:
			r[i] = st.ColumnFloat(i)
		case sqlite3.TEXT:
			r[i] = string(st.ColumnRawText(i))
		case sqlite3.BLOB:
			r[i] = st.ColumnBlob(i, []byte{})
		}
	}
	return r
}

func bind(st *sqlite3.Stmt, args []any) error {
	for i, a := range args {
		var err error
		switch a := a.(type) {
		case nil:
			err = st.BindNull(i + 1)
		case int64:
			err = st.BindInt64(i+1, a)
		case int:
			err = st.BindInt64(i+1, int64(a))
		case bool:
			err = st.BindBool(i+1, a)
		case float64:
			err = st.BindFloat(i+1, a)
		case string:
			err = st.BindText(i+1, a)
		case []byte:
			if len(a) == 0 {
				err = st.BindZeroBlob(i+1, 0)
			} else {
				err = st.BindBlob(i+1, a)
			}
		case Decimal:
			err = st.BindText(i+1, a.String())
		default:
			err = fail(-400, "value of type %T is not supported", a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sqliteError makes an error of SQLite one of ours: what a function failed with, or what SQLite says.
func (s *System) sqliteError(err error) error {
	if err == nil {
		return nil
	}
	if s.pending != nil {
		e := s.pending
		s.pending = nil
		return e
	}
	switch {
	case errors.Is(err, sqlite3.INTERRUPT):
		if cause := context.Cause(s.conn.GetInterrupt()); cause != nil {
			return cause
		}
		return context.Canceled
	case errors.Is(err, sqlite3.TOOBIG):
		return fail(-400, "Unexpected error occurred: <MAXSTRING>")
	}
	return fail(-400, "%s", strings.TrimPrefix(err.Error(), "sqlite3: "))
}
