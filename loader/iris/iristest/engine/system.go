package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Options of a [System]. The zero value is what a new instance of IRIS does.
type Options struct {
	Now            func() time.Time // nil: the clock, in UTC
	MultiRowValues bool             // INSERT accepts several rows of VALUES, which the manual's grammar does not have
	Version        string           // what $ZVERSION says; empty: that of a Community container
}

// System is an instance: namespaces with tables, and what they share. It is safe for concurrent use.
type System struct {
	options Options

	mu         sync.Mutex // guards all that follows and the connection
	conn       *sqlite3.Conn
	streams    map[string]*stream
	lastStream int64
}

// Open starts an empty instance in memory with the namespaces %SYS and USER.
func Open(o Options) (*System, error) {
	conn, err := sqlite3.Open(":memory:")
	if err != nil {
		return nil, err
	}
	return &System{options: o, conn: conn, streams: map[string]*stream{}}, nil
}

// Close ends the instance. Sessions must be closed before.
func (s *System) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.Close()
}

// Connect opens a session in a namespace. Users need not exist; one has all rights unless [System.Restrict] took them.
func (s *System) Connect(ctx context.Context, namespace, user string) (*Session, error) {
	return &Session{sys: s}, ctx.Err()
}

// Session is the server's side of a connection. It is not safe for concurrent use; different sessions are.
type Session struct {
	sys          *System
	lastIdentity any
}

// Close rolls back what is under way and releases all locks.
func (s *Session) Close() error { return nil }

// Autocommit sets the commit mode: IMPLICIT, or EXPLICIT if off.
func (s *Session) Autocommit(on bool) {}

// Commit ends the transaction, if there is one, and keeps what it did.
func (s *Session) Commit(ctx context.Context) error { return ctx.Err() }

// Rollback ends the transaction, if there is one, and undoes what it did.
func (s *Session) Rollback(ctx context.Context) error { return ctx.Err() }

// InTransaction says whether a transaction is open.
func (s *Session) InTransaction() bool { return false }

// LastIdentity is the row id that the session inserted last, nil if none.
func (s *Session) LastIdentity() any { return s.lastIdentity }

// GeneratedKeys are the keys that the last INSERT generated, and their description.
func (s *Session) GeneratedKeys() ([]Column, []any) {
	return []Column{{Name: "ID", Label: "ID", Type: TypeBigInt}}, []any{s.lastIdentity}
}

// Status is the SQLCODE of the last statement that did not fail: 0, or 100 if it found no row.
func (s *Session) Status() int { return 0 }

// Statement is a prepared statement. It is not safe for concurrent use.
type Statement struct {
	session *Session
	stmt    *sqlite3.Stmt
}

// Prepare compiles a statement with the parameters ? or :%qpar(n).
func (s *Session) Prepare(ctx context.Context, sql string) (*Statement, error) {
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	sql = strings.NewReplacer(":%qpar(", "?", ")", "").Replace(sql)
	st, _, err := s.sys.conn.Prepare(sql)
	if err != nil {
		return nil, refuse(-1, " %v", err)
	}
	return &Statement{session: s, stmt: st}, nil
}

// Columns describes the result; nil if the statement is not a query.
func (st *Statement) Columns() (list []Column) {
	for i := range st.stmt.ColumnCount() {
		list = append(list, Column{Name: st.stmt.ColumnName(i), Label: st.stmt.ColumnName(i), Type: TypeVarChar, Precision: 4096, Nullable: 2})
	}
	return list
}

// Params describes the parameters.
func (st *Statement) Params() []Param { return make([]Param, st.stmt.BindCount()) }

// Query runs a query.
func (st *Statement) Query(ctx context.Context, args []any) (*Rows, error) {
	return nil, errors.New("not yet")
}

// Exec runs a statement that is not a query and returns the number of rows; -1 when the number is not known.
func (st *Statement) Exec(ctx context.Context, args []any) (int64, error) {
	return 0, errors.New("not yet")
}

// Close forgets the statement.
func (st *Statement) Close() error { return st.stmt.Close() }
