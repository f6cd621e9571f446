package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// Target is a database file that fixtures are loaded into. It is not safe for concurrent use.
type Target struct {
	path   string
	db     *db         // nil while the file does not exist
	file   os.FileInfo // what was opened
	closed bool
	made   bool // the file was made by this target, and is to go again unless somebody commits something
}

// OpenTarget opens a database for loading. A file that does not exist is made when a transaction begins, so that
// looking leaves nothing behind.
func OpenTarget(ctx context.Context, path string) (*Target, error) {
	t := &Target{path: path}
	if err := check(path); errors.Is(err, fs.ErrNotExist) {
		return t, nil
	} else if err != nil {
		return nil, err
	}
	return t, t.open(ctx)
}

// open opens the file that is there. If it is replaced at that moment, another process removes what it has made: see
// [Target.unmake].
func (t *Target) open(ctx context.Context) (err error) {
	before, err := os.Stat(t.path)
	if err != nil {
		return fmt.Errorf("%w: %w", loader.ErrMeanwhile, err)
	}
	t.db, err = open(ctx, t.path, sqlite3.OPEN_READWRITE)
	if err == nil {
		t.file = before
		return nil
	}
	if !t.inPlace(before) {
		return fmt.Errorf("%w: %w", loader.ErrMeanwhile, err)
	}
	return err
}

// inPlace reports whether a file is still what its path stands for.
func (t *Target) inPlace(file os.FileInfo) bool {
	now, err := os.Stat(t.path)
	return err == nil && os.SameFile(file, now)
}

// make makes the file, or opens the one that another process has made.
func (t *Target) make(ctx context.Context) error {
	f, err := os.OpenFile(t.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case err == nil:
		t.made = true
		err = f.Close()
	case errors.Is(err, fs.ErrExist):
		err = nil
		if link, e := os.Readlink(t.path); e == nil && errors.Is(check(t.path), fs.ErrNotExist) {
			err = errors.New("a symbolic link to " + link + ", which does not exist")
		}
	}
	if err != nil {
		return &loader.StorageError{Target: target(t.path), Reason: "the database cannot be opened or made there", Err: err}
	}
	return t.open(ctx)
}

// Close closes the database. A file that was made and never committed to is removed. A transaction that is under way
// ends without effect.
func (t *Target) Close() error {
	t.closed = true
	return t.letGo()
}

// letGo closes the file.
func (t *Target) letGo() error {
	if t.db == nil {
		return nil
	}
	t.db.SetInterrupt(context.Background())
	unmade := t.made && t.unmake()
	err := t.db.Close()
	t.db = nil
	if t.made && !unmade && runtime.GOOS == "windows" { // which does not remove what is open, here or elsewhere
		if info, err := os.Stat(t.path); err == nil && info.Size() == 0 {
			_ = os.Remove(t.path)
		}
	}
	t.made = false
	return err
}

// unmake removes the file if it is still empty, while nobody else can write to it. Who waits for the lock finds that
// the file is gone and makes a new one.
func (t *Target) unmake() bool {
	if t.db.Exec("BEGIN EXCLUSIVE") != nil {
		return false // somebody else uses it
	}
	defer t.db.Exec("ROLLBACK")
	n, err := t.db.value("SELECT count(*) FROM sqlite_schema")
	return err == nil && n == 0 && t.inPlace(t.file) && os.Remove(t.path) == nil
}

// Place implements [loader.Target].
func (t *Target) Place() (where, namespace string) { return target(t.path), "" }

// Records implements [loader.Target].
func (t *Target) Records(ctx context.Context) (list []loader.Record, err error) {
	if t.db == nil {
		return nil, nil
	}
	t.db.SetInterrupt(ctx)
	found, err := t.db.find(loader.RecordTable)
	if err != nil || found == nil {
		return nil, t.failed(ctx, err)
	}
	err = t.db.each(`SELECT table_name, fixture_id, version, digest, row_count, mode, table_json, loaded_at FROM `+quote(loader.RecordTable), nil, func(st *sqlite3.Stmt) error {
		at, err := time.Parse(time.RFC3339, st.ColumnText(7))
		list = append(list, loader.Record{
			Table: st.ColumnText(0), FixtureID: st.ColumnText(1), Version: st.ColumnText(2), Digest: st.ColumnText(3),
			Rows: st.ColumnInt64(4), Mode: loader.Mode(st.ColumnText(5)), TableJSON: st.ColumnText(6), LoadedAt: at,
		})
		return err
	})
	return list, t.failed(ctx, err)
}

// Inspect implements [loader.Target].
func (t *Target) Inspect(ctx context.Context, want *dat.Table) (loader.State, error) {
	if t.db == nil {
		return t.inspect(want, nil)
	}
	t.db.SetInterrupt(ctx)
	found, err := t.db.find(want.Name)
	if err != nil {
		return loader.State{}, t.failed(ctx, err)
	}
	s, err := t.inspect(want, found)
	return s, t.failed(ctx, err)
}

func (t *Target) inspect(want *dat.Table, found *table) (s loader.State, err error) {
	s.Screen, s.Anew = screens(want, found), screens(want, nil)
	if found == nil {
		return s, nil
	}
	s.Exists = true
	if found.kind != "table" {
		s.Misfits = []string{"is a " + found.kind}
		return s, nil
	}
	s.Misfits = misfits(want, found)
	s.Rows, err = t.db.value("SELECT count(*) FROM " + quote(found.name))
	return s, err
}

// failed gives an error of looking its class.
func (t *Target) failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return connectError(t.path, err)
}

// Begin implements [loader.Target]. Triggers stay quiet, since a fixture restores rows as they were, and foreign keys
// are checked at the end, so that their order and circles do not matter.
func (t *Target) Begin(ctx context.Context, w loader.Work) (loader.Tx, error) {
	if t.closed {
		return nil, errClosed
	}
	if t.db == nil {
		if err := t.make(ctx); err != nil {
			return nil, err
		}
	}
	d := t.db
	d.SetInterrupt(ctx)
	if _, err := d.Config(sqlite3.DBCONFIG_ENABLE_TRIGGER, false); err != nil {
		return nil, translate(err)
	}
	if err := d.Exec("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -32768; BEGIN IMMEDIATE"); err != nil {
		return nil, translate(err)
	}
	if !t.inPlace(t.file) { // removed while the lock was waited for
		t.made = false
		err := errors.Join(d.Exec("ROLLBACK"), t.letGo())
		return nil, errors.Join(fmt.Errorf("%s: %w", target(t.path), loader.ErrMeanwhile), err)
	}
	d.known = nil // somebody may have changed it before the lock was ours
	x := &tx{target: t, db: d, created: map[string]*dat.Table{}}
	if err := x.makeLedger(); err != nil {
		return nil, errors.Join(translate(err), x.Rollback())
	}
	return x, nil
}
