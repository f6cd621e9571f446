package fixturetest

import (
	"cmp"
	"database/sql"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/sandbox"
)

// Database is where the fixtures of a test are, for programs and drivers of every kind. Only DB opens a connection.
type Database struct {
	Target string // sqlite:PATH or iris://USER@HOST:PORT/NAMESPACE, without the password

	Path string // of the SQLite database, absolute; else empty

	Server    client.Config     // how the server is reached, with the password, which is not printed; of IRIS only
	Namespace string            // with the tables, of IRIS only
	Schemas   map[string]string // schemas of the fixtures and where their tables are instead; see [Database.Schema]

	Manifest *bundle.Manifest // of the fixture that the call named
	Fixtures []Fixture        // it, and those of [Also]

	call *call
	db   *sql.DB
}

// Fixture is a fixture in a database.
type Fixture struct {
	Name      string // in the lock file, else its own
	Reference string // with its digest; empty for a directory
	Dir       string // empty for a bundle
	Digest    string // of the image manifest, of a directory too
	Manifest  *bundle.Manifest
}

// SQLite makes a SQLite database with the fixture in it, and opens it with the driver of github.com/ncruces/go-sqlite3. Its
// file is in a directory of the test, as [testing.TB.TempDir] has it. Both are gone when the test ends.
func SQLite(tb testing.TB, fixture string, options ...Option) *sql.DB {
	tb.Helper()
	return open(tb, &call{tb: tb, function: "SQLite", kind: settings.SQLite}, fixture, options).DB()
}

// IRIS makes a namespace with the fixture in it in an InterSystems IRIS, and opens it with the driver
// github.com/caretdev/go-irisnative, the only one there is for Go. The server is that of [Target], IRISFIX_TARGET or
// IRIS_HOST, else the one that runs on this machine. The namespace is gone when the test ends.
//
// irisfix itself speaks to the server in another way and loses nothing. But the driver, version 0.2.0,
//
//   - cannot be compiled for Windows, where this function ends the test,
//   - knows no TLS,
//   - spoils characters beyond ASCII, in both directions and in passwords,
//   - makes decimals floating-point numbers, which rounds them,
//   - drops VARBINARY and streams,
//   - does not notice that a COMMIT has failed,
//   - panics when a connection is lost,
//   - and does not heed a context.
//
// Where that matters, use [Open] with a driver of your own, such as one for ODBC. The account must be allowed to create
// namespaces; where it is not, [Open] tells under which schemas the tables are.
//
// The Community Edition allows eight connections. irisfix uses up to four while it makes or drops namespaces, so run no more
// than four such tests at once (go test -parallel 4), with a connection each ([sql.DB.SetMaxOpenConns]).
func IRIS(tb testing.TB, fixture string, options ...Option) *sql.DB {
	tb.Helper()
	d := open(tb, &call{tb: tb, function: "IRIS", kind: settings.IRIS, needsDriver: true}, fixture, options)
	if d.Schemas != nil {
		d.call.fail(&settings.UsageError{Reason: "the account may not create namespaces, so that the tables are in schemas of their own (" + strings.Join(d.moved(), ", ") +
			"): use fixturetest.Open, which tells them, since SQL with the names of the fixture would reach what others have there"}, fixture)
	}
	return d.DB()
}

// Open makes a database with the fixture in it and tells where it is. Without [Target] and variables of the environment it
// is one of SQLite.
func Open(tb testing.TB, fixture string, options ...Option) *Database {
	tb.Helper()
	return open(tb, &call{tb: tb, function: "Open"}, fixture, options)
}

func open(tb testing.TB, c *call, fixture string, list []Option) *Database {
	tb.Helper()
	d, err := c.open(fixture, list)
	if err != nil {
		c.fail(err, fixture)
	}
	return d
}

// withoutSchema is the schema of tables without one, in InterSystems IRIS.
const withoutSchema = "SQLUser"

// Schema is where the tables are that a fixture has in a schema, SQLUser for those without one. That is another one only
// where an account of InterSystems IRIS may not create namespaces; then every statement has to name it.
func (d *Database) Schema(name string) string {
	for from, to := range d.Schemas {
		if strings.EqualFold(cmp.Or(from, withoutSchema), name) {
			return to
		}
	}
	return name
}

// fill tells of a sandbox.
func (d *Database) fill(s *sandbox.Sandbox) {
	d.Target, d.Path, d.Server, d.Namespace, d.Schemas = s.Target, s.Path, s.Server, s.Namespace, s.Schemas
	for _, f := range s.Fixtures {
		d.Fixtures = append(d.Fixtures, Fixture{f.Name, f.Reference(), f.Location.Dir, f.Digest.String(), f.Manifest})
	}
	d.Manifest = d.Fixtures[0].Manifest
}
