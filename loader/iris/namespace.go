package iris

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// marker is the table that says that irisfix made the namespace it is in.
var marker = tableName{ledgerSchema, "Namespaces"}

// dropPause lies between attempts to drop a namespace that others still use.
const dropPause = 250 * time.Millisecond

// Problem is why something could not be done with a namespace.
type Problem string

const (
	Foreign Problem = "irisfix did not make it" // and so does not use or drop it
	Absent  Problem = "there is none of that name"
	InUse   Problem = "other sessions use it"
	BadName Problem = "that is no name of a namespace"
)

// NamespaceError reports a namespace that cannot be made, used or dropped.
type NamespaceError struct {
	Name    string
	Problem Problem
	Err     error // of the server; nil if there is none
}

func (e *NamespaceError) Error() string {
	text := "namespace " + e.Name + ": " + string(e.Problem)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}
func (e *NamespaceError) Unwrap() error { return e.Err }

// namespaceName is what CREATE DATABASE takes (RSQL:createdatabase): no @ # $, no _ in front, at most 63 characters.
var namespaceName = regexp.MustCompile(`^[A-Za-z%][A-Za-z0-9_]{0,62}$`)

// CreateNamespace makes a namespace, with databases of its own, over a connection to another one, and marks it as made
// by irisfix. One that is there and has the mark is used again. It takes the privilege %Admin_Manage. A
// [*NamespaceError] says what is in the way.
func CreateNamespace(ctx context.Context, home client.Config, name string) (made bool, err error) {
	if !namespaceName.MatchString(name) {
		return false, &NamespaceError{Name: name, Problem: BadName}
	}
	d, err := open(ctx, home)
	if err != nil {
		return false, err
	}
	defer d.Close()
	// Journaled, so that a transaction survives a crash: the manual of IRIS says it is not by default.
	_, err = d.Exec(ctx, "CREATE DATABASE "+quote(name)+" WITH GLOBAL_JOURNAL_STATE = YES")
	switch {
	case sqlCode(err) == codeDatabaseThere:
		return false, CheckNamespace(ctx, home, name)
	case err != nil:
		return false, connectError(ctx, d.where, err)
	}
	if err := mark(ctx, home, name); err != nil {
		undo, cancel := context.WithTimeout(context.Background(), undoTimeout)
		defer cancel()
		return false, errors.Join(err, drop(undo, d, name))
	}
	return true, nil
}

func in(home client.Config, name string) client.Config {
	home.Namespace = name
	return home
}

func mark(ctx context.Context, home client.Config, name string) error {
	d, err := open(ctx, in(home, name))
	if err != nil {
		return err
	}
	defer d.Close()
	for _, sql := range []string{
		"CREATE TABLE " + marker.sql() + " (namespace VARCHAR(64) NOT NULL COLLATE %EXACT, made_at VARCHAR(40) NOT NULL)",
		"INSERT INTO " + marker.sql() + " (namespace, made_at) VALUES (" + literal(fold(name)) + ", " + literal(time.Now().UTC().Format(time.RFC3339)) + ")",
	} {
		if _, err := d.Exec(ctx, sql); err != nil {
			return connectError(ctx, d.where, err)
		}
	}
	return nil
}

// CheckNamespace is nil for a namespace that irisfix made. A copy of one under another name is not one. The errors are
// those of [CreateNamespace].
func CheckNamespace(ctx context.Context, home client.Config, name string) error {
	d, err := enter(ctx, home, name)
	if err != nil {
		return err
	}
	defer d.Close()
	_, there, err := d.list(ctx, marker)
	if err != nil {
		return connectError(ctx, d.where, err)
	}
	n := int64(0)
	if there {
		n, err = d.value(ctx, "SELECT COUNT(*) FROM "+marker.sql()+" WHERE namespace = ?", fold(name))
	}
	if err == nil && n == 0 {
		return &NamespaceError{Name: name, Problem: Foreign}
	}
	return connectError(ctx, d.where, err)
}

// enter connects to a namespace that may not be there.
func enter(ctx context.Context, home client.Config, name string) (*db, error) {
	if !namespaceName.MatchString(name) {
		return nil, &NamespaceError{Name: name, Problem: BadName}
	}
	d, err := open(ctx, in(home, name))
	var refused *client.LoginError
	if errors.As(err, &refused) && refused.Reason() == client.NoNamespace {
		return nil, &NamespaceError{Name: name, Problem: Absent, Err: refused}
	}
	return d, err
}

// DropNamespace drops a namespace that irisfix made, over a connection to another one. While sessions use it, it is
// tried again until the context ends.
func DropNamespace(ctx context.Context, home client.Config, name string) error {
	if err := CheckNamespace(ctx, home, name); err != nil {
		return err
	}
	return dropFrom(ctx, home, name)
}

// DropUnmarked drops a namespace that [CreateNamespace] was making when its process was killed: one without the mark, and
// without any table. The caller has to know that nobody else made it. The errors are those of [DropNamespace].
func DropUnmarked(ctx context.Context, home client.Config, name string) error {
	d, err := enter(ctx, home, name)
	if err != nil {
		return err
	}
	names, err := d.tables(ctx)
	if err = errors.Join(connectError(ctx, d.where, err), d.Close()); err != nil {
		return err
	}
	delete(names, marker.key())
	if len(names) > 0 {
		return &NamespaceError{Name: name, Problem: Foreign}
	}
	return dropFrom(ctx, home, name)
}

// dropFrom drops a namespace over a connection to another one.
func dropFrom(ctx context.Context, home client.Config, name string) error {
	d, err := open(ctx, home)
	if err != nil {
		return err
	}
	defer d.Close()
	return drop(ctx, d, name)
}

// drop drops a namespace. The server may take a moment to end the session that looked for the mark.
func drop(ctx context.Context, d *db, name string) error {
	for {
		_, err := d.Exec(ctx, "DROP DATABASE "+quote(name))
		switch {
		case err == nil:
			return nil
		case sqlCode(err) == codeDatabaseGone:
			return &NamespaceError{Name: name, Problem: Absent, Err: err}
		case sqlCode(err) != codeDatabaseInUse && !isLocked(translate(err)):
			return connectError(ctx, d.where, err)
		}
		select {
		case <-time.After(dropPause):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), &NamespaceError{Name: name, Problem: InUse, Err: err})
		}
	}
}

var _ loader.Holder = (*Source)(nil)
