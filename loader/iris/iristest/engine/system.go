package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
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

// defaultVersion has the form of $ZVERSION (InterSystems SQL Reference, Special Variables).
const defaultVersion = "IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2025.1 (Build 223U) Tue Mar 11 2025 18:23:31 EDT"

// System is an instance: namespaces with tables, and what they share. It is safe for concurrent use.
//
// All sessions share one connection to SQLite, one statement at a time: every change is visible to the others at once,
// as with READ UNCOMMITTED in IRIS. Transactions are kept beside it, as lists of what to undo, and locks too.
type System struct {
	options Options

	mu         sync.Mutex // guards all that follows and the connection
	conn       *sqlite3.Conn
	prepared   map[string]*sqlite3.Stmt
	current    *Session // whose statement runs
	pending    *Error   // what a function failed with
	casts      []dataType
	namespaces map[string]*namespace
	catalog    map[string]*table // INFORMATION_SCHEMA and the like, by SCHEMA.NAME
	filled     map[*table]fillMark
	version    int64 // of the definitions; changes with each DDL statement
	restricted map[string]bool
	streams    map[string]*stream
	lastStream int64
	lastID     int64
	lastJob    int64
	locks      map[*table]*tableLocks
	released   chan struct{} // closed when locks go away
	sessions   map[*Session]bool
	kept       map[string]bool // databases whose files stayed

}

// Open starts an empty instance in memory with the namespaces %SYS and USER.
func Open(o Options) (*System, error) {
	if o.Now == nil {
		o.Now = func() time.Time { return time.Now().UTC() }
	}
	if o.Version == "" {
		o.Version = defaultVersion
	}
	conn, err := sqlite3.Open(":memory:")
	if err != nil {
		return nil, err
	}
	s := &System{
		options: o, conn: conn, prepared: map[string]*sqlite3.Stmt{}, namespaces: map[string]*namespace{}, catalog: map[string]*table{},
		filled: map[*table]fillMark{}, restricted: map[string]bool{}, streams: map[string]*stream{}, locks: map[*table]*tableLocks{},
		released: make(chan struct{}), sessions: map[*Session]bool{}, kept: map[string]bool{}, lastJob: 1000,
	}
	s.addNamespace("%SYS", "/usr/irissys/mgr/").system = true
	s.addNamespace("USER", "/usr/irissys/mgr/user/").system = true
	err = errors.Join(conn.Exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA case_sensitive_like = ON"), s.register(), s.makeCatalog())
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return s, nil
}

func (s *System) addNamespace(name, dir string) *namespace {
	n := &namespace{name: name, dir: dir, tables: map[string]*table{}, views: map[string]*view{}, options: map[string]string{}, privileges: map[string]map[string]bool{}}
	s.namespaces[fold(name)] = n
	return n
}

// Close ends the instance and all its sessions.
func (s *System) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetStatements()
	return s.conn.Close()
}

// Namespaces are the names of the namespaces, sorted.
func (s *System) Namespaces() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.namespaces))
}

// HasNamespace says whether there is a namespace of this name, in any case.
func (s *System) HasNamespace(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.namespaces[fold(name)] != nil
}

// Restrict takes all rights from a user but those that GRANT gives. Other users have all rights, as with role %All.
func (s *System) Restrict(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restricted[fold(user)] = true
}

// Connect opens a session in a namespace. Users need not exist; one has all rights unless [System.Restrict] took them.
// A namespace that does not exist is an [Error] with code -400.
func (s *System) Connect(ctx context.Context, namespace, user string) (*Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[fold(namespace)]
	if n == nil {
		return nil, fail(-400, "<NAMESPACE> namespace '%s' does not exist", clean(namespace))
	}
	s.lastJob++
	session := &Session{sys: s, ns: n, user: user, job: s.lastJob, mode: modeImplicit, lockTimeout: defaultLockTimeout, options: map[string]string{}}
	s.sessions[session] = true
	return session, nil
}

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
