package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Options of a [System]. The zero value is what a new instance of IRIS does.
type Options struct {
	Now            func() time.Time // nil: the clock, in UTC
	MultiRowValues bool             // INSERT accepts several rows of VALUES, which the manual's grammar does not have
	// EarlyDates lets a DATE be before 1840-12-31 without a MINVAL that says so. The manual (RSQL_datatype_date) denies it; the
	// class %Library.Date declares no MINVAL, and the tests that sqlalchemy-iris runs against real servers expect it.
	EarlyDates bool
	Version    string // what $ZVERSION says; empty: that of a Community container
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
	// What streams hold, also those that no row has any more, and at how much those are looked for.
	streamBytes, reclaimAt int64
	lastID                 int64
	lastJob                int64
	locks                  map[*table]*tableLocks
	released               chan struct{} // closed when locks go away
	sessions               map[*Session]bool
	kept                   map[string]bool // databases whose files stayed

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
		released: make(chan struct{}), sessions: map[*Session]bool{}, kept: map[string]bool{}, lastJob: 1000, reclaimAt: reclaimFrom,
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

// Restrict takes all rights from a user but these privileges, in the namespaces that there are, and those that GRANT
// gives. Other users have all rights, as with role %All.
func (s *System) Restrict(user string, privileges ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restricted[fold(user)] = true
	for _, n := range s.namespaces {
		list := map[string]bool{}
		for _, p := range privileges {
			list[p] = true
		}
		n.privileges[fold(user)] = list
	}
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
