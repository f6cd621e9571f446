package loader

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrUnknown is matched when a connection was lost during a commit, so that its outcome is not known.
	ErrUnknown = errors.New("outcome unknown")
	// ErrMeanwhile is matched when another process changed the target after it was looked at. Nothing was changed; to
	// look again is worth it.
	ErrMeanwhile = errors.New("changed by another process meanwhile")
	// ErrDuplicate is matched by a row whose key is in the table already.
	ErrDuplicate = errors.New("key exists")
)

// StorageError reports a disk that is full or cannot be written, or a lock that was not obtained.
type StorageError struct {
	Target string // without password; empty if a [FailedError] around it names it
	Reason string // in words for users
	Locked bool   // it is another process that is in the way, for a while
	Err    error
}

func (e *StorageError) Error() string {
	text := fmt.Sprintf("%s: %v", e.Reason, e.Err)
	if e.Target != "" {
		text = e.Target + ": " + text
	}
	return text
}
func (e *StorageError) Unwrap() error { return e.Err }

// ConnectError reports a database that cannot be used at all: absent, no database, or it refused the login.
type ConnectError struct {
	Target string // without password
	Err    error
}

func (e *ConnectError) Error() string { return e.Target + ": " + e.Err.Error() }
func (e *ConnectError) Unwrap() error { return e.Err }

// TableNotFoundError reports a table that was asked for and is not there.
type TableNotFoundError struct {
	Table string   // empty: there are none at all
	Where string   // fixture or source
	Have  []string // the tables that are there
}

func (e *TableNotFoundError) Error() string {
	return fmt.Sprintf("%s: no table %q among %d", e.Where, e.Table, len(e.Have))
}

// SourceError reports a value or schema that a fixture cannot hold exactly.
type SourceError struct {
	Table, Column string
	Row           int64 // from 1 in the order of reading; 0: the column as a whole
	Reason        string
}

func (e *SourceError) Error() string {
	if e.Row == 0 {
		return fmt.Sprintf("table %q, column %q: %s", e.Table, e.Column, e.Reason)
	}
	return fmt.Sprintf("table %q, column %q, row %d: %s", e.Table, e.Column, e.Row, e.Reason)
}

// Conflict is a table that stands in the way of a load or an unload.
type Conflict struct {
	Table, Reason string
	Obstacle      Obstacle
}

// Obstacle is what has to change so that the work can be done.
type Obstacle int

const (
	TableForm    Obstacle = iota // the form of the table that is there
	TableRows                    // the rows of the table that is there
	System                       // the database system: none of its tables could hold what the fixture has
	Mapping                      // the schema map
	OtherVersion                 // which fixture, or version of it, was named
)

// ConflictError reports everything in the target that irisfix must not touch or that does not fit.
type ConflictError struct {
	Target    string
	Conflicts []Conflict
}

func (e *ConflictError) Error() string {
	lines := make([]string, len(e.Conflicts))
	for i, c := range e.Conflicts {
		lines[i] = c.Table + ": " + c.Reason
	}
	return e.Target + ": " + strings.Join(lines, "; ")
}

// RowError reports a row that the target refused.
type RowError struct {
	Table string
	Row   int64 // from 1 in the table
	Err   error
}

func (e *RowError) Error() string { return fmt.Sprintf("%s: row %d: %v", e.Table, e.Row, e.Err) }
func (e *RowError) Unwrap() error { return e.Err }

// FailedError reports a load or unload that was rolled back. Nothing has changed.
type FailedError struct {
	Target string
	Err    error
}

func (e *FailedError) Error() string { return fmt.Sprintf("%s: rolled back: %v", e.Target, e.Err) }
func (e *FailedError) Unwrap() error { return e.Err }

// RollbackError reports a load that failed and could not be undone, or whose outcome is not known.
type RollbackError struct {
	Target string
	Tables []string // that may hold a partial load
	Cause  error    // why the load failed
	Err    error    // why undoing failed; nil if the outcome of the commit is not known
}

func (e *RollbackError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %v", e.Target, e.Cause)
	}
	return fmt.Sprintf("%s: %v; not undone: %v", e.Target, e.Cause, e.Err)
}
func (e *RollbackError) Unwrap() []error { return []error{e.Cause, e.Err} }

// CountError reports a table that holds another number of rows after the load than it should.
type CountError struct {
	Table     string
	Want, Got int64
}

func (e *CountError) Error() string {
	return fmt.Sprintf("%s: %d rows instead of %d", e.Table, e.Got, e.Want)
}

// QueryError reports a known query that did not give what it should.
type QueryError struct {
	Name, SQL, Want, Got string
	Err                  error
}

func (e *QueryError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("query %q: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("query %q: %s instead of %s", e.Name, e.Got, e.Want)
}
func (e *QueryError) Unwrap() error { return e.Err }

// ViolationError reports rows that break a rule of the target which is checked at the end.
type ViolationError struct{ Violations []string }

func (e *ViolationError) Error() string { return strings.Join(e.Violations, "; ") }

// NotLoadedError reports a fixture that the target does not hold.
type NotLoadedError struct{ FixtureID, Target string }

func (e *NotLoadedError) Error() string { return e.Target + ": does not hold " + e.FixtureID }

// InUseError reports a database file that a running server has open.
type InUseError struct{ File, Lock string }

func (e *InUseError) Error() string { return e.File + ": in use, " + e.Lock + " is beside it" }
