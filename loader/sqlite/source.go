package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// Source is a database file that tables are taken from. It is not safe for concurrent use.
type Source struct {
	db   *db
	kept map[string]*dat.Table // schemas of earlier loads, by table
}

// OpenSource opens an existing database for reading and starts the transaction that all tables are read in. The file
// is not written to, unless a crashed process left a transaction in it that has to be rolled back first.
func OpenSource(ctx context.Context, path string) (*Source, error) {
	if err := check(path); err != nil {
		return nil, err
	}
	d, err := open(ctx, path, sqlite3.OPEN_READONLY)
	if errors.Is(err, sqlite3.READONLY) || errors.Is(err, sqlite3.CANTOPEN) {
		d, err = open(ctx, path, sqlite3.OPEN_READWRITE)
	}
	if err != nil {
		return nil, err
	}
	s := &Source{db: d, kept: map[string]*dat.Table{}}
	if err := errors.Join(d.Exec("PRAGMA query_only = ON; PRAGMA cache_size = -16384; BEGIN"), s.readKept()); err != nil {
		return nil, errors.Join(connectError(path, err), d.Close())
	}
	return s, nil
}

// Close ends the transaction and closes the database.
func (s *Source) Close() error {
	s.db.SetInterrupt(context.Background())
	if !s.db.GetAutocommit() {
		if err := s.db.Exec("ROLLBACK"); err != nil {
			return errors.Join(err, s.db.Close())
		}
	}
	return s.db.Close()
}

// readKept reads the schemas that irisfix kept when it loaded tables into this database.
func (s *Source) readKept() error {
	t, err := s.db.find(loader.RecordTable)
	if err != nil || t == nil {
		return err
	}
	return s.db.each(`SELECT table_json FROM `+quote(loader.RecordTable), nil, func(st *sqlite3.Stmt) error {
		if kept, err := dat.ParseTable(st.ColumnRawText(0)); err == nil { // a damaged record is none
			s.kept[fold(kept.Name)] = kept
		}
		return nil
	})
}

// Describe implements [loader.Source].
func (s *Source) Describe(ctx context.Context) (d loader.Description, err error) {
	s.db.SetInterrupt(ctx)
	d.Where = target(s.db.path)
	err = s.db.each("SELECT sqlite_version()", nil, func(st *sqlite3.Stmt) error {
		d.Version = "SQLite " + st.ColumnText(0)
		return nil
	})
	if err != nil {
		return d, s.failed(ctx, err)
	}
	list, err := s.db.catalog()
	if err != nil {
		return d, s.failed(ctx, err)
	}
	for _, t := range list {
		switch {
		case strings.HasPrefix(fold(t.name), "sqlite_"), strings.HasPrefix(fold(t.name), "irisfix."), t.kind == "shadow":
		case t.kind == "table":
			d.Tables = append(d.Tables, t.name)
		default:
			d.Warnings = append(d.Warnings, loader.NotRecorded(t.kind+"s", t.name))
		}
	}
	return d, nil
}

// Rows implements [loader.Source]. The table is read once to find its types and once more for its rows.
func (s *Source) Rows(ctx context.Context, sel loader.Selection) (_ loader.Rows, err error) {
	s.db.SetInterrupt(ctx)
	r := &rows{source: s, selection: sel}
	if err := r.prepare(); err != nil {
		return nil, errors.Join(s.failed(ctx, err), r.Close())
	}
	return r, nil
}

// failed gives an error of reading its class.
func (s *Source) failed(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var source *loader.SourceError
	var missing *loader.TableNotFoundError
	if errors.As(err, &source) || errors.As(err, &missing) {
		return err
	}
	return &loader.FailedError{Target: target(s.db.path), Err: translate(err)}
}

// rows is a table, or the result of a query, that is being read.
type rows struct {
	source    *Source
	selection loader.Selection
	found     *table // in the catalog; nil for a query under a new name
	from      string // SELECT without its order
	order     string
	table     *dat.Table
	plans     []plan
	warnings  []loader.Warning
	st        *sqlite3.Stmt
	ended     bool
}

const batchRows = 1024

func (r *rows) Table() *dat.Table          { return r.table }
func (r *rows) Warnings() []loader.Warning { return r.warnings }

func (r *rows) Close() error {
	if r.st == nil {
		return nil
	}
	st := r.st
	r.st = nil
	return st.Close()
}

// Next implements [loader.Rows].
func (r *rows) Next(ctx context.Context, b *dat.Batch) error {
	d := r.source.db
	d.SetInterrupt(ctx)
	for b.Rows < batchRows && b.Size(0, b.Rows) < dat.GroupSize {
		if r.ended || !r.st.Step() {
			r.ended = true // another step would begin anew
			if err := r.st.Err(); err != nil {
				return r.source.failed(ctx, err)
			}
			if b.Rows == 0 {
				return io.EOF
			}
			return nil
		}
		for i := range r.plans {
			if !convert(&r.plans[i].Column, r.plans[i].mixed, &b.Columns[i], r.st, i) {
				return &loader.SourceError{Table: r.table.Name, Column: r.plans[i].Name, Reason: "holds other values than a moment ago"}
			}
		}
		b.Rows++
	}
	return nil
}

// prepare finds the columns and their types.
func (r *rows) prepare() (err error) {
	if r.found, err = r.source.db.find(r.selection.Table); err != nil {
		return err
	}
	if r.found == nil && r.selection.Query == "" {
		return &loader.TableNotFoundError{Table: r.selection.Table, Where: target(r.source.db.path)}
	}
	r.table = &dat.Table{Format: dat.FormatVersion, Name: r.selection.Table}
	names, err := r.columns()
	if err != nil {
		return err
	}
	surveys := make([]*survey, len(names))
	kept := r.keptColumns(names)
	for i, name := range names {
		var k *dat.Column
		if kept != nil {
			k = &kept[i]
		}
		surveys[i] = newSurvey(name, r.declared(name), k)
	}
	if err := r.scan(surveys); err != nil {
		return err
	}
	if err := r.settle(surveys, kept != nil); err != nil {
		return err
	}
	r.st, err = r.source.db.prepare(r.from + " ORDER BY " + r.order)
	return err
}

// columns builds the statement and returns the names of what it delivers.
func (r *rows) columns() ([]string, error) {
	if r.selection.Query != "" {
		return r.query()
	}
	var names []string
	for _, c := range r.found.columns {
		if !c.generated {
			names = append(names, c.name)
		}
	}
	r.from = "SELECT " + quoteAll(names) + " FROM " + quote(r.found.name)
	var order []string
	for _, k := range r.found.primaryKey {
		// Only where it differs: an index in the column's own collation saves the sorting.
		if o := quote(k); r.column(k).collation == "" {
			order = append(order, o)
		} else {
			order = append(order, o+" COLLATE BINARY")
		}
	}
	if r.order = strings.Join(order, ", "); r.order == "" {
		r.order = r.rowID()
	}
	return names, nil
}

// rowID is a name of the row id that no column has taken.
func (r *rows) rowID() string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !slices.ContainsFunc(r.found.columns, func(c column) bool { return fold(c.name) == name }) {
			return name
		}
	}
	return "1" // all three are columns: the order is that of storage
}

// query wraps the user's query so that its rows come in a fixed order: that of the primary key, then of all columns.
func (r *rows) query() ([]string, error) {
	st, inner, err := r.source.db.prepareText(r.selection.Query)
	if err != nil {
		return nil, fmt.Errorf("query for %s: %w", r.selection.Table, err)
	}
	defer st.Close()
	if !st.ReadOnly() || st.ColumnCount() == 0 {
		return nil, fmt.Errorf("query for %s: not a query that only reads", r.selection.Table)
	}
	var names []string
	for i := range st.ColumnCount() {
		name := st.ColumnName(i)
		if slices.Contains(names, name) {
			return nil, &loader.SourceError{Table: r.selection.Table, Column: name, Reason: "twice in the result of the query; give it another name with AS"}
		}
		names = append(names, name)
	}
	var order []string
	if r.found != nil {
		for _, k := range r.found.primaryKey {
			if i := slices.Index(names, k); i >= 0 {
				order = append(order, fmt.Sprintf("%d COLLATE BINARY", i+1))
			}
		}
	}
	for i := range names {
		if o := fmt.Sprintf("%d COLLATE BINARY", i+1); !slices.Contains(order, o) {
			order = append(order, o)
		}
	}
	r.from, r.order = "SELECT * FROM ("+inner+"\n)", strings.Join(order, ", ")
	return names, nil
}

// declared is the declared type of a column of the table.
func (r *rows) declared(name string) string {
	if c := r.column(name); c != nil {
		return c.declared
	}
	return ""
}

func (r *rows) column(name string) *column {
	if r.found == nil {
		return nil
	}
	i := slices.IndexFunc(r.found.columns, func(c column) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return &r.found.columns[i]
}

// keptColumns returns the columns that an earlier load kept for the table, if they are still its columns.
func (r *rows) keptColumns(names []string) []dat.Column {
	kept := r.source.kept[fold(r.selection.Table)]
	if kept == nil || r.selection.Query != "" {
		return nil
	}
	stored := kept.Stored()
	if !slices.EqualFunc(stored, names, func(c dat.Column, name string) bool { return c.Name == name }) {
		return nil
	}
	return stored
}

// scan reads all rows for the surveys.
func (r *rows) scan(surveys []*survey) (err error) {
	st, err := r.source.db.prepare(r.from)
	if err != nil {
		return err
	}
	defer finish(st, &err)
	for row := int64(1); st.Step(); row++ {
		for i, s := range surveys {
			s.look(st, i, row)
		}
	}
	return st.Err()
}
