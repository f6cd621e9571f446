package iris

import (
	"context"
	"errors"
	"strings"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// SQLCODEs that decide something (Error Reference, SQL Error Codes and Messages).
const (
	codeTableAbsent   = -30
	codePrivilege     = -99
	codeLocked        = -110
	codeReadLocked    = -114
	codeDuplicate     = -119
	codeTableExists   = -201
	codeDatabaseThere = -341
	codeDatabaseGone  = -340
	codeDatabaseInUse = -344
)

var errClosed = errors.New("the connection is closed")

// sqlCode is the SQLCODE of an error, or 0.
func sqlCode(err error) int {
	var refused *client.SQLError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return 0
}

// Denied reports an error that says of the account that it may not do something: it lacks a privilege, or may not connect
// to a namespace.
func Denied(err error) bool {
	var refused *client.LoginError
	return sqlCode(err) == codePrivilege || errors.As(err, &refused) && refused.Reason() == client.AccessDenied
}

// translate gives the client's errors the classes of the loader. The client's own stay within, with their SQLCODE.
func translate(err error) error {
	switch sqlCode(err) {
	case codeLocked, codeReadLocked:
		var storage *loader.StorageError
		if errors.As(err, &storage) {
			return err
		}
		return &loader.StorageError{Reason: "locked by another process", Locked: true, Err: err}
	case codeDuplicate:
		return &duplicate{err}
	}
	return err
}

// duplicate is a row whose key exists.
type duplicate struct{ err error }

func (e *duplicate) Error() string        { return e.err.Error() }
func (e *duplicate) Unwrap() error        { return e.err }
func (e *duplicate) Is(target error) bool { return target == loader.ErrDuplicate }

// connectError classifies what went wrong before anything was done.
func connectError(ctx context.Context, where string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	err = translate(err)
	var storage *loader.StorageError
	if errors.As(err, &storage) {
		storage.Target = where
		return err
	}
	var classed *loader.ConnectError
	if errors.As(err, &classed) || errors.Is(err, errClosed) {
		return err
	}
	return &loader.ConnectError{Target: where, Err: err}
}

// describeTable says in which table something failed.
func inTable(name, what string, err error) error { return &tableError{name, what, err} }

// tableError is something that failed with a table.
type tableError struct {
	table, what string
	err         error
}

func (e *tableError) Error() string {
	return strings.TrimSpace(e.what+" "+e.table) + ": " + e.err.Error()
}
func (e *tableError) Unwrap() error { return e.err }
