package iris

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// lockWait is how long a lock of another process is waited for: IRIS's own default, 10 seconds (RSQL:lock). Tests wait
// for less.
var lockWait = 10 * time.Second

// undoTimeout bounds what is done after a failure, when the context of the work may have ended.
const undoTimeout = time.Minute

// db is a connection and what was read of the catalog. It is not safe for concurrent use.
type db struct {
	*client.Conn
	where  string
	names  map[string]listed // tables and views by key; nil: to be read
	found  map[string]*table // those that were described
	locked map[string]bool   // tables that are locked, by mode and key
}

// open connects. The errors are a [*loader.ConnectError], and those of a context that ended.
func open(ctx context.Context, cfg client.Config) (*db, error) {
	c, err := client.Connect(ctx, cfg)
	if err != nil {
		return nil, connectError(ctx, cfg.String(), err)
	}
	d := &db{Conn: c, where: cfg.String(), locked: map[string]bool{}}
	if !c.DelimitedIdentifiers() {
		return nil, errors.Join(connectError(ctx, d.where, errors.New("delimited identifiers are switched off on this server")), c.Close())
	}
	return d, nil
}

// forget is called when the catalog may have changed.
func (d *db) forget() { d.names, d.found = nil, nil }

// each runs a query and calls fn for each row.
func (d *db) each(ctx context.Context, fn func(row []wire.Item) error, sql string, args ...any) error {
	rows, err := d.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		row, err := rows.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
}

// value is the one number that a query gives.
func (d *db) value(ctx context.Context, sql string, args ...any) (n int64, err error) {
	err = d.each(ctx, func(row []wire.Item) (err error) {
		n, err = d.int(row[0])
		return err
	}, sql, args...)
	return n, err
}

// text is a character value of the catalog; empty if it is NULL.
func (d *db) text(it wire.Item) string {
	s, err := it.SQLText(d.Charset())
	if err != nil {
		return ""
	}
	return s
}

// int is an integer, which a server may send as text; 0 if it is NULL.
func (d *db) int(it wire.Item) (int64, error) {
	if it.Null() {
		return 0, nil
	}
	n, err := number(it)
	if err != nil {
		return 0, err
	}
	return n.Scaled(0)
}

// lock locks a table, once in each mode. Nobody else can write to a table that is locked in share mode, nor lock one that
// is locked exclusively. The lock stays until it is taken back or the connection ends: neither COMMIT nor ROLLBACK takes
// it away (RSQL:lock).
func (d *db) lock(ctx context.Context, t tableName, mode string, wait time.Duration) error {
	if d.locked[mode+t.key()] {
		return nil
	}
	if _, err := d.Exec(ctx, fmt.Sprintf("LOCK TABLE %s IN %s MODE WAIT %d", t.sql(), mode, int(wait.Seconds()))); err != nil {
		return inTable(t.String(), "locking", translate(err))
	}
	d.locked[mode+t.key()] = true
	return nil
}

// unlock takes a lock back.
func (d *db) unlock(ctx context.Context, t tableName, mode string) error {
	delete(d.locked, mode+t.key())
	_, err := d.Exec(ctx, fmt.Sprintf("UNLOCK TABLE %s IN %s MODE IMMEDIATE", t.sql(), mode))
	return err
}

// The modes of a lock.
const (
	exclusive = "EXCLUSIVE"
	share     = "SHARE"
)

// count is the number of rows of a table.
func (d *db) count(ctx context.Context, t tableName) (int64, error) {
	return d.value(ctx, "SELECT COUNT(*) FROM "+t.sql())
}

// isLocked reports an error that another process's lock is the reason of.
func isLocked(err error) bool {
	var storage *loader.StorageError
	return errors.As(err, &storage) && storage.Locked
}
