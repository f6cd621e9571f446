package sandbox

import (
	"context"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/workspace"
)

// Request says what a sandbox is to hold.
type Request struct {
	// Fixtures are what the command line takes for FIXTURE: names in the lock file, directories, layouts, references.
	// They are loaded in this order into one database.
	Fixtures []string
	Dir      string // where the file of a SQLite database goes; it is made if it is absent
	Keep     bool   // stay when it is closed
	Label    string // whose it is, such as the name of a test: for messages about what was left behind; may be empty
}

// Template says how the database of a sandbox came to be.
type Template string

const (
	Loaded Template = ""       // the fixtures were loaded into it
	Made   Template = "made"   // they were, and a copy was kept as a template
	Reused Template = "reused" // it is a copy of a template
)

// Sandbox is a database that is a test's own. Its fields do not change but for Kept. Its methods are safe for concurrent
// use.
type Sandbox struct {
	Name     string    // its own on this machine and server
	Target   string    // sqlite:PATH or iris://USER@HOST:PORT/NAMESPACE, without the password
	Fixtures []Fixture // in the order of the request
	Template Template

	Path string // of a SQLite database, absolute; empty for a server

	Server    client.Config    // how the namespace with the tables is reached, of a server only
	Namespace string           // with the tables; empty for SQLite
	Schemas   loader.SchemaMap // under which schemas the tables are, if schemas stand in for a namespace; else nil

	maker *Maker
	label string
	entry *entry // what is written down of it; nil for a file

	mu   sync.Mutex
	kept bool
	gone bool
}

// Fixture is a fixture in a sandbox. It stays open until the sandbox is closed.
type Fixture struct {
	*workspace.Found
	Argument string        // as it was requested
	Name     string        // in the lock file, else its own
	Digest   digest.Digest // of the image manifest, of a directory too
}

// Open makes a sandbox. It must be closed; what is open when the maker is closed, is closed then. Errors are those of
// [workspace.Workspace.Fixture] and [loader.Load], and a [*workspace.ArgumentError].
func (m *Maker) Open(ctx context.Context, r Request) (*Sandbox, error) {
	s := &Sandbox{maker: m, label: shorten(r.Label)}
	var err error
	if s.Fixtures, err = m.fixtures(ctx, r.Fixtures); err != nil {
		return nil, err
	}
	s.Path = r.Dir
	if err := m.kind.make(ctx, s); err != nil {
		release(s.Fixtures)
		return nil, err
	}
	m.mu.Lock()
	m.open[s] = true
	m.mu.Unlock()
	if !r.Keep {
		return s, nil
	}
	return s, s.Keep()
}

// maxLabel is how much of a label is written down, in bytes: enough to know a test by. What is written down is read up to a
// limit, and names of tests with parameters have none.
const maxLabel = 256

func shorten(label string) string {
	if len(label) <= maxLabel {
		return label
	}
	return strings.ToValidUTF8(label[:maxLabel], "") + "…"
}

// Kept reports whether the sandbox stays when it is closed.
func (s *Sandbox) Kept() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept
}

// Keep lets the sandbox stay when it is closed, for somebody who wants to look into it.
func (s *Sandbox) Keep() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept || s.gone {
		return nil
	}
	err := s.maker.kind.keep(s)
	s.kept = err == nil
	return err
}

// Close takes the sandbox away, unless it is kept. Closing it again does nothing; if it failed, it is tried again.
// Sessions that still use a namespace are waited for, at most 30 seconds.
func (s *Sandbox) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.kept && !s.gone {
		if err := s.maker.kind.remove(ctx, s); err != nil {
			return err
		}
	}
	if !s.gone {
		release(s.Fixtures)
	}
	s.gone = true
	s.maker.mu.Lock()
	delete(s.maker.open, s)
	s.maker.mu.Unlock()
	return nil
}
