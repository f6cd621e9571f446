package sqlite

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// tx is the transaction of a load. It is not safe for concurrent use.
type tx struct {
	target  *Target
	db      *db
	created map[string]*dat.Table
}

// makeLedger makes the table of records if there is none.
func (x *tx) makeLedger() error {
	return x.db.Exec(`CREATE TABLE IF NOT EXISTS ` + quote(loader.RecordTable) + ` (
  table_name TEXT NOT NULL, fixture_id TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL,
  row_count INTEGER NOT NULL, mode TEXT NOT NULL, table_json TEXT NOT NULL, loaded_at TEXT NOT NULL,
  PRIMARY KEY (table_name, fixture_id))`)
}

// Record implements [loader.Ledger].
func (x *tx) Record(ctx context.Context, r loader.Record) (err error) {
	x.db.SetInterrupt(ctx)
	st, err := x.db.prepare(`INSERT OR REPLACE INTO ` + quote(loader.RecordTable) + ` VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return translate(err)
	}
	defer finish(st, &err)
	for i, text := range []string{r.Table, r.FixtureID, r.Version, r.Digest, strconv.FormatInt(r.Rows, 10), string(r.Mode), r.TableJSON, r.LoadedAt.Format(time.RFC3339)} {
		if err := st.BindText(i+1, text); err != nil {
			return translate(err)
		}
	}
	return translate(st.Exec())
}

// Forget implements [loader.Ledger].
func (x *tx) Forget(ctx context.Context, fixtureID, name string) error {
	x.db.SetInterrupt(ctx)
	return translate(x.db.each(`DELETE FROM `+quote(loader.RecordTable)+` WHERE fixture_id = ? AND table_name = ?`, []string{fixtureID, name}, nil))
}

// Clear implements [loader.Content].
func (x *tx) Clear(ctx context.Context, name string) (int64, error) {
	x.db.SetInterrupt(ctx)
	n, err := x.Count(ctx, name)
	if err != nil {
		return 0, err
	}
	return n, translate(x.db.Exec("DELETE FROM " + quote(name)))
}

// Count implements [loader.Content].
func (x *tx) Count(ctx context.Context, name string) (int64, error) {
	x.db.SetInterrupt(ctx)
	n, err := x.db.value("SELECT count(*) FROM " + quote(name))
	return n, translate(err)
}

// Query implements [loader.Tx].
func (x *tx) Query(ctx context.Context, sql string) (a loader.Answer, err error) {
	x.db.SetInterrupt(ctx)
	st, err := x.db.prepare(sql)
	if err != nil {
		return a, translate(err)
	}
	defer finish(st, &err)
	if !st.ReadOnly() || st.ColumnCount() == 0 {
		return a, errors.New("not a query that only reads")
	}
	for st.Step() {
		if a.Rows++; a.Rows == 1 {
			a.Value = scalar(st)
		}
	}
	return a, translate(st.Err())
}

// scalar is the first value of a row as JSON.
func scalar(st *sqlite3.Stmt) []byte {
	switch st.ColumnType(0) {
	case sqlite3.NULL:
		return []byte("null")
	case sqlite3.INTEGER, sqlite3.FLOAT:
		return []byte(st.ColumnText(0))
	case sqlite3.BLOB:
		return quoteJSON(hex.EncodeToString(st.ColumnRawBlob(0)))
	}
	return quoteJSON(st.ColumnText(0))
}

// Check implements [loader.Tx]: the foreign keys of the loaded tables, and those of other tables that refer to them.
// One whose parent is absent cannot be checked.
func (x *tx) Check(ctx context.Context, tables []*dat.Table) (violations []string, warnings []loader.Warning, err error) {
	x.db.SetInterrupt(ctx)
	loaded := map[string]bool{}
	for _, t := range tables {
		loaded[fold(t.Name)] = true
	}
	children, err := x.referring(loaded)
	if err != nil {
		return nil, nil, translate(err)
	}
	for _, child := range children {
		broken, err := x.db.brokenKeys(child)
		if err != nil {
			return nil, nil, translate(err)
		}
		for _, b := range broken {
			rows := fmt.Sprintf("rows of %s (%s) that refer to none of %s: %d", child, strings.Join(b.columns, ", "), b.parent, b.rows)
			switch {
			case !b.exists:
				warnings = append(warnings, loader.Warning{Subject: child, Message: fmt.Sprintf("refers to the table %s, which the target does not have", b.parent)})
			case loaded[fold(child)] || loaded[fold(b.parent)]:
				violations = append(violations, rows)
			}
		}
	}
	return violations, warnings, nil
}

// referring returns the tables that are loaded or refer to one that is.
func (x *tx) referring(loaded map[string]bool) (list []string, err error) {
	seen := map[string]bool{}
	err = x.db.each(`SELECT DISTINCT s.name, f."table" FROM sqlite_schema s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table' ORDER BY s.name`, nil, func(st *sqlite3.Stmt) error {
		child, parent := st.ColumnText(0), st.ColumnText(1)
		if (loaded[fold(child)] || loaded[fold(parent)]) && !seen[child] {
			seen[child] = true
			list = append(list, child)
		}
		return nil
	})
	return list, err
}

// Commit implements [loader.Tx]. A table of records without records goes too.
func (x *tx) Commit(ctx context.Context) error {
	x.db.SetInterrupt(ctx)
	end := "COMMIT"
	if n, err := x.Count(ctx, loader.RecordTable); err != nil {
		return err
	} else if n == 0 {
		end = "DROP TABLE " + quote(loader.RecordTable) + "; COMMIT"
	}
	if err := x.db.Exec(end); err != nil {
		return translate(err)
	}
	x.target.made = false
	return nil
}

// Rollback implements [loader.Tx]. After some errors SQLite has rolled back by itself, and closing does it too.
func (x *tx) Rollback() error {
	x.db.SetInterrupt(context.Background())
	x.db.known = nil
	if x.db.closed {
		return x.db.Close()
	}
	if x.db.GetAutocommit() {
		return nil
	}
	return translate(x.db.Exec("ROLLBACK"))
}
