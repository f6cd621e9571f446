package sandbox

import (
	"context"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/workspace"
)

// fixtures finds what a sandbox is to hold, as far as manifests and digests: a template may make the rest needless.
func (m *Maker) fixtures(ctx context.Context, args []string) ([]Fixture, error) {
	if len(args) == 0 {
		return nil, &workspace.ArgumentError{Argument: "fixtures", Reason: "no fixture is named"}
	}
	list := make([]Fixture, len(args))
	for i, arg := range args {
		f, err := m.find(ctx, arg)
		if err != nil {
			return nil, &FixtureError{arg, err}
		}
		if f.Manifest.Kind() == bundle.Database {
			return nil, &FixtureError{arg, &workspace.ArgumentError{Argument: arg,
				Reason: "a database fixture, one whole database file, which is mounted and not loaded"}}
		}
		list[i] = f
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
	m.mu.Lock()
	found := m.found[arg]
	m.mu.Unlock()
	if found == nil {
		var err error
		if found, err = m.space.Look(ctx, arg); err != nil {
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
	f.Digest, err = found.Identify(ctx)
	return f, err
}
