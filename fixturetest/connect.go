package fixturetest

import (
	"database/sql"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	intersystems "github.com/caretdev/go-irisnative"
	"github.com/ncruces/go-sqlite3/driver"

	"github.com/irisfix/irisfix/loader/iris/client"
)

// DB opens the database as [SQLite] or [IRIS] does, once: it returns the same each time, and it is closed when the test
// ends. It is for one goroutine at a time; what it returns is for many.
func (d *Database) DB() *sql.DB {
	d.call.tb.Helper()
	if d.db != nil {
		return d.db
	}
	var err error
	if d.Path != "" {
		d.db, err = driver.Open(sqliteURI(d.Path))
	} else if err = knowsNoTLS(d.Server); err == nil {
		d.db, err = openIRIS(d.Server)
	}
	if err != nil {
		d.call.fail(err, d.call.fixtures[0])
	}
	return d.db
}

// sqliteURI names a file for SQLite, whatever is in its name: https://sqlite.org/uri.html.
func sqliteURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive of Windows
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

func openIRIS(c client.Config) (*sql.DB, error) {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, err
	}
	var dsn []string
	for _, kv := range [][2]string{{"host", host}, {"port", port}, {"namespace", c.Namespace}, {"user", c.User}, {"password", c.Password}} {
		dsn = append(dsn, kv[0]+"='"+quoted.Replace(kv[1])+"'")
	}
	connector, err := intersystems.NewConnector(strings.Join(dsn, " "))
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// quoted is for values between quotes in the driver's connection strings. Its URLs would not do: they put the namespace
// into capital letters.
var quoted = strings.NewReplacer(`'`, `\'`, `\`, `\\`)
