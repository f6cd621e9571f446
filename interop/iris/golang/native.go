package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"regexp"
	"strconv"
	"time"

	_ "github.com/caretdev/go-irisnative"
)

// native is go-irisnative on one connection of its pool. It has no autocommit mode: a transaction is begun with START
// TRANSACTION in the mode of autocommit, which is the same to whoever looks on.
type native struct {
	db   *sql.DB
	conn *sql.Conn
	tx   *sql.Tx
	off  bool
}

func openNative(ctx context.Context, url string) (judge, error) {
	db, err := sql.Open("iris", url)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	return &native{db: db, conn: conn}, err
}

func (j *native) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	r, err := j.conn.ExecContext(ctx, sql, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (j *native) query(ctx context.Context, t *table, sql string) ([][]any, error) {
	rows, err := j.conn.QueryContext(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]any
	for rows.Next() {
		row, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return nil, err
		}
		for i, v := range row {
			row[i] = shown(v)
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// shown is a value in the form of values.txt.
func shown(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case time.Time:
		return v.UTC().Format("2006-01-02 15:04:05.999999999")
	case bool:
		if v {
			return "1"
		}
		return "0"
	}
	return fmt.Sprint(v)
}

func (j *native) argument(t table, v any) any {
	if s, ok := v.(string); ok && t.kind == "integer" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err == nil {
			return n
		}
	}
	return v
}

func (j *native) insert(ctx context.Context, t table, sql string, n int, v any) error {
	_, err := j.exec(ctx, sql, n, j.argument(t, v))
	return err
}

func (j *native) autocommit(ctx context.Context, on bool) (err error) {
	if j.off = !on; j.off {
		j.tx, err = j.conn.BeginTx(ctx, nil)
	}
	return err
}

// end goes on in a new transaction, as a driver without autocommit does.
func (j *native) end(ctx context.Context, f func(*sql.Tx) error) error {
	if j.tx == nil {
		return nil // nothing to end with autocommit
	}
	if err := f(j.tx); err != nil {
		return err
	}
	return j.autocommit(ctx, false)
}

func (j *native) commit(ctx context.Context) error   { return j.end(ctx, (*sql.Tx).Commit) }
func (j *native) rollback(ctx context.Context) error { return j.end(ctx, (*sql.Tx).Rollback) }

var sqlcode = regexp.MustCompile(`SQLCODE: <-(\d+)>`)

func (j *native) code(err error) int {
	if m := sqlcode.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// close leaves without an end of the transaction, which sql.Conn.Close would wait for.
func (j *native) close() error {
	return j.conn.Raw(func(c any) error { return c.(driver.Conn).Close() })
}
