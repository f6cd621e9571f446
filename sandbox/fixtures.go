package sandbox

import (
	"context"
	"path/filepath"
	"time"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/workspace"
)

// fixtures finds what a sandbox is to hold, as far as manifests and digests: a template may make the rest needless.
func (m *Maker) fixtures(ctx context.Context, args []string) ([]Fixture, error) {
	if len(args) == 0 {
		return nil, &workspace.ArgumentError{Argument: "fixtures", Reason: "no fixture is named"}
	}
	var list []Fixture
	for _, arg := range args {
		f, err := m.find(ctx, arg)
		if err == nil {
			list = append(list, f)
		}
		if err == nil && f.Manifest.Kind() == bundle.Database {
			err = &workspace.ArgumentError{Argument: arg, Reason: "a database fixture, one whole database file, which is mounted and not loaded"}
		}
		if err != nil {
			release(list)
			return nil, &FixtureError{arg, err}
		}
	}
	return list, nil
}

// FixtureError says which of several fixtures an error is about.
type FixtureError struct {
	Argument string
	Err      error
}

func (e *FixtureError) Error() string { return e.Argument + ": " + e.Err.Error() }
func (e *FixtureError) Unwrap() error { return e.Err }

// find finds a fixture. What a reference stands for is asked once: one run of tests is to see one version. A directory
// is looked at each time, which costs little while nothing in it changes.
func (m *Maker) find(ctx context.Context, arg string) (Fixture, error) {
	if arg == "" {
		return Fixture{}, &workspace.ArgumentError{Argument: "fixtures", Reason: "a name is empty"}
	}
	m.mu.Lock()
	found := m.found[arg]
	m.mu.Unlock()
	if found == nil {
		var err error
		if found, err = m.look(ctx, arg); err != nil {
			return Fixture{}, err
		}
		if found.Location.Dir == "" {
			m.mu.Lock()
			if first := m.found[arg]; first != nil { // another goroutine was faster
				found = first
			}
			m.found[arg] = found
			m.mu.Unlock()
		}
	}
	f := Fixture{Found: found, Argument: arg, Name: found.Location.Name, Digest: found.Digest}
	if f.Name == "" {
		f.Name = found.Manifest.FixtureID
	}
	if found.Location.Dir == "" {
		return f, nil
	}
	var err error
	if f.Digest, err = found.Identify(ctx); err != nil {
		f.release()
	}
	return f, err
}

// release closes a fixture that is opened each time. The others are the maker's.
func (f Fixture) release() {
	if f.Location.Dir != "" {
		f.Close()
	}
}

func release(list []Fixture) {
	for _, f := range list {
		f.release()
	}
}

// look looks a fixture up. Pruning is told of the lock file: what tests need today they need tomorrow.
func (m *Maker) look(ctx context.Context, arg string) (*workspace.Found, error) {
	found, err := m.space.Look(ctx, arg)
	if err != nil {
		return nil, err
	}
	if found.Location.Name != "" {
		m.space.Register()
	}
	if !found.Remembered.IsZero() {
		m.opts.Warn(loader.Warning{Subject: found.Location.String(),
			Message: "offline: taken for " + found.Digest.String() + ", as it was on " + found.Remembered.Format(time.DateOnly)})
	}
	return found, nil
}

// Fetched is a fixture whose files are all here.
type Fetched struct {
	Fixture
	registry.FetchReport
}

// Fetch brings fixtures into the cache, verified, and loads nothing.
func (m *Maker) Fetch(ctx context.Context, args []string) ([]Fetched, error) {
	var list []Fetched
	for _, arg := range args {
		f, err := m.find(ctx, arg)
		if err == nil {
			var r registry.FetchReport
			r, err = m.space.Fetch(ctx, f.Found)
			f.release()
			list = append(list, Fetched{f, r})
		}
		if err != nil {
			return list, &FixtureError{arg, err}
		}
	}
	return list, nil
}

// Place puts a fixture into a directory, as [workspace.Workspace.Pull] does, and returns where it is: a fixture that is a
// directory already stays there.
func (m *Maker) Place(ctx context.Context, arg, dir string) (string, error) {
	f, err := m.find(ctx, arg)
	switch {
	case err != nil:
	case f.Location.Dir != "":
		f.release()
		dir = f.Location.Dir
	default:
		if _, err = m.space.Fetch(ctx, f.Found); err == nil {
			err = m.space.Place(ctx, f.Found, dir, false)
		}
	}
	if err != nil {
		return "", &FixtureError{arg, err}
	}
	return filepath.Abs(dir)
}
