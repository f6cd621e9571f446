package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/loader"
)

// busyTimeout is how long a lock of another process is waited for.
const busyTimeout = 5 * time.Second

// db is a connection to a database file. It is not safe for concurrent use.
type db struct {
	*sqlite3.Conn
	path  string
	known map[string]table // the catalog by folded name; nil: to be read

	closed, ended bool // Close was called; it has happened
}

// errClosed is what a transaction gets whose connection was closed under it.
var errClosed = errors.New("the connection is closed")

// Close closes the connection, which rolls back what is under way. While statements are open SQLite refuses; then
// nothing new begins, and it is called again when they have ended.
func (d *db) Close() error {
	d.closed = true
	if d.ended {
		return nil
	}
	err := d.Conn.Close()
	d.ended = err == nil
	return err
}

// Exec is that of the connection, unless it was closed.
func (d *db) Exec(sql string) error {
	if d.closed {
		return errClosed
	}
	return d.Conn.Exec(sql)
}

// target is how the database is called in messages.
func target(path string) string { return "sqlite:" + path }

// open opens an existing or new file and makes sure that it is a database.
func open(ctx context.Context, path string, flags sqlite3.OpenFlag) (_ *db, err error) {
	abs, err := filepath.Abs(path) // so that no name is taken for a URI or for memory
	if err != nil {
		return nil, err
	}
	c, err := sqlite3.OpenFlags(abs, flags)
	if err != nil {
		return nil, connectError(path, err)
	}
	d := &db{Conn: c, path: path}
	if err := c.BusyTimeout(busyTimeout); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.SetInterrupt(ctx)
	if _, err := d.value("SELECT count(*) FROM sqlite_schema"); err != nil {
		return nil, errors.Join(connectError(path, err), c.Close())
	}
	return d, nil
}

// check refuses a path that cannot be a database before SQLite says so in other words.
func check(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &loader.ConnectError{Target: target(path), Err: fs.ErrNotExist}
	case err != nil:
		return &loader.ConnectError{Target: target(path), Err: err}
	case info.IsDir():
		return &loader.ConnectError{Target: target(path), Err: errors.New("a directory, not a database file")}
	case !info.Mode().IsRegular():
		return &loader.ConnectError{Target: target(path), Err: errors.New("not a regular file")}
	}
	return nil
}

// connectError classifies what went wrong before anything was done. A lock or a full disk is not the database's fault.
func connectError(path string, err error) error {
	err = translate(err)
	var storage *loader.StorageError
	switch {
	case errors.As(err, &storage):
		storage.Target = target(path)
		return storage
	case errors.Is(err, sqlite3.INTERRUPT):
		return err
	case errors.Is(err, sqlite3.NOTADB):
		err = errors.New("not a SQLite database")
	}
	return &loader.ConnectError{Target: target(path), Err: err}
}

// translate gives SQLite's errors the classes of the loader.
func translate(err error) error {
	var code sqlite3.ErrorCode
	if err == nil || !errors.As(err, &code) {
		return err
	}
	switch code {
	case sqlite3.BUSY, sqlite3.LOCKED:
		return &loader.StorageError{Reason: "locked by another process", Locked: true, Err: err}
	case sqlite3.FULL:
		return &loader.StorageError{Reason: "the disk is full", Err: &like{err, syscall.ENOSPC}}
	case sqlite3.READONLY, sqlite3.PERM:
		return &loader.StorageError{Reason: "the database cannot be written", Err: &like{err, fs.ErrPermission}}
	case sqlite3.CANTOPEN:
		return &loader.StorageError{Reason: "the database cannot be opened or made there", Err: err}
	case sqlite3.CORRUPT:
		return fmt.Errorf("the database is damaged: %w", err)
	case sqlite3.IOERR:
		// The library takes a full disk for a failed write (vfs/os_unix.go, osWriteAt), and the rollback that SQLite
		// then begins makes it forget the error of the system.
		if errors.Is(err, sqlite3.IOERR_WRITE) {
			return &loader.StorageError{Reason: "the disk is full or cannot be written", Err: err}
		}
		return &loader.StorageError{Reason: "reading or writing the disk failed", Err: err}
	}
	if code == sqlite3.CONSTRAINT {
		return &refusal{err}
	}
	return err
}

// like is an error of SQLite that is the same as one of the system.
type like struct{ err, system error }

func (e *like) Error() string        { return e.err.Error() }
func (e *like) Unwrap() error        { return e.err }
func (e *like) Is(target error) bool { return target == e.system }

// refusal is a row that breaks a rule of its table. Of SQLite's words those are left that say which.
type refusal struct{ err error }

func (e *refusal) Error() string {
	return strings.TrimPrefix(e.err.Error(), "sqlite3: constraint failed: ")
}
func (e *refusal) Unwrap() error { return e.err }

// Is matches a key that exists.
func (e *refusal) Is(to error) bool {
	var extended sqlite3.ExtendedErrorCode
	return to == loader.ErrDuplicate && errors.As(e.err, &extended) &&
		slices.Contains([]sqlite3.ExtendedErrorCode{sqlite3.CONSTRAINT_PRIMARYKEY, sqlite3.CONSTRAINT_UNIQUE, sqlite3.CONSTRAINT_ROWID}, extended)
}

// each runs a statement with text parameters and calls fn for each row.
func (d *db) each(sql string, args []string, fn func(*sqlite3.Stmt) error) (err error) {
	st, err := d.prepare(sql)
	if err != nil {
		return err
	}
	defer finish(st, &err)
	for i, a := range args {
		if err := st.BindText(i+1, a); err != nil {
			return err
		}
	}
	for st.Step() {
		if err := fn(st); err != nil {
			return err
		}
	}
	return st.Err()
}

// finish closes a statement. One that failed gives its error again, which is not to be said twice.
func finish(st *sqlite3.Stmt, err *error) {
	if again := st.Close(); *err == nil {
		*err = again
	}
}

// prepare compiles exactly one statement.
func (d *db) prepare(sql string) (*sqlite3.Stmt, error) {
	st, _, err := d.prepareText(sql)
	return st, err
}

// prepareText compiles exactly one statement and returns its own text, without what follows it.
func (d *db) prepareText(sql string) (*sqlite3.Stmt, string, error) {
	if d.closed {
		return nil, "", errClosed
	}
	st, tail, err := d.Prepare(sql)
	if err != nil {
		return nil, "", err
	}
	if st == nil {
		return nil, "", errors.New("no statement")
	}
	// What is left may be a comment, which is no statement.
	if more, _, err := d.Prepare(tail); more != nil || err != nil {
		return nil, "", errors.Join(errors.New("more than one statement"), st.Close(), more.Close())
	}
	return st, strings.TrimRight(strings.TrimSuffix(sql, tail), "; \t\r\n"), nil
}

// value returns the number that a statement gives.
func (d *db) value(sql string, args ...string) (n int64, err error) {
	err = d.each(sql, args, func(st *sqlite3.Stmt) error {
		n = st.ColumnInt64(0)
		return nil
	})
	return n, err
}

// quote makes any text an identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteAll is a list of identifiers.
func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}
