package fixturetest

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3/driver"
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
	} else if err = hasDriver(d.Server); err == nil {
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
