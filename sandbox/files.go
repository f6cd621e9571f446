package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/sqlite"
	"github.com/irisfix/irisfix/registry/cache"
)

// files makes SQLite databases.
type files struct{ *Maker }

// sqliteTemplate is what a template is of. The number goes up when the same fixtures come to be loaded otherwise.
const sqliteTemplate = "sqlite 1"

func (f *files) target() string { return "sqlite" }

// make copies the template of the fixtures, or loads them and has that kept as the template.
func (f *files) make(ctx context.Context, s *Sandbox) error {
	dir, err := filepath.Abs(s.Path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	s.Name = s.Fixtures[0].Name + "-" + strings.ToLower(rand.Text()[:8])
	s.Path = filepath.Join(dir, s.Name+".db")
	s.Target = "sqlite:" + s.Path
	t := cache.Template{Kind: sqliteTemplate}
	for _, x := range s.Fixtures {
		t.Of = append(t.Of, x.Digest)
	}
	wait := func() { f.opts.Wait("another process that makes the template of " + names(s.Fixtures)) }
	from, err := f.space.Cache().Instantiate(ctx, t, s.Path, wait, func(ctx context.Context) error { return f.load(ctx, s) })
	if err != nil {
		return errors.Join(err, f.remove(ctx, s))
	}
	s.Template = map[cache.Origin]Template{cache.Copied: Reused, cache.Kept: Made}[from]
	return nil
}

func names(list []Fixture) string {
	var all []string
	for _, f := range list {
		all = append(all, f.Name)
	}
	return strings.Join(all, ", ")
}

// load loads the fixtures into the file of the sandbox, which does not exist.
func (f *files) load(ctx context.Context, s *Sandbox) (err error) {
	t, err := sqlite.OpenTarget(ctx, s.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	for _, x := range s.Fixtures {
		if err := f.loadOne(ctx, x, t, nil); err != nil {
			return &FixtureError{x.Argument, err}
		}
	}
	return nil
}

// loadOne fetches and loads a fixture.
func (m *Maker) loadOne(ctx context.Context, f Fixture, t loader.Target, schemas loader.SchemaMap) error {
	if _, err := m.space.Fetch(ctx, f.Found); err != nil {
		return err
	}
	r, err := loader.Load(ctx, f.Fixture, t, loader.LoadOptions{
		Schemas: schemas, Now: time.Now(),
		Progress: m.opts.Rows,
	})
	if err != nil {
		return err
	}
	for _, x := range r.Warnings {
		m.opts.Warn(x)
	}
	return nil
}

// besides are the files that SQLite keeps beside a database while it is open, or leaves there after a crash.
var besides = []string{"", "-journal", "-wal", "-shm"}

func (f *files) remove(_ context.Context, s *Sandbox) error {
	var errs []error
	for _, suffix := range besides {
		if err := os.Remove(s.Path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (f *files) keep(*Sandbox) error { return nil }
