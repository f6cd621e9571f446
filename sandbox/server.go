package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"

	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/registry/cache"
)

// server makes namespaces of InterSystems IRIS, or schemas.
type server struct {
	*Maker
	home    client.Config
	journal journal

	// turns bounds what is done on the server at once. Each takes up to two connections, and the free licence has eight.
	turns chan struct{}

	mu    sync.Mutex
	stuck map[string]bool // leftovers of others that could not be taken away
	how   how
}

// how sandboxes can be made there.
type how int

const (
	unknown how = iota
	namespaces
	schemas
)

// serverTurns is how many sandboxes are made or removed at once.
const serverTurns = 2

func newServer(m *Maker, home client.Config) *server {
	return &server{
		Maker: m, home: home, journal: journal{filepath.Join(m.space.Cache().Dir(), journalDir)},
		turns: make(chan struct{}, serverTurns), stuck: map[string]bool{},
	}
}

func (v *server) target() string { return v.home.String() }

// turn waits for a turn on the server.
func (v *server) turn(ctx context.Context) (done func(), err error) {
	select {
	case v.turns <- struct{}{}:
		return func() { <-v.turns }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (v *server) make(ctx context.Context, s *Sandbox) error {
	s.Path = "" // a directory is for files
	if v.space.Cache().Dir() == "" {
		return &cache.PlaceError{}
	}
	for _, f := range s.Fixtures { // nothing is made for what cannot be had
		if _, err := v.space.Fetch(ctx, f.Found); err != nil {
			return &FixtureError{f.Argument, err}
		}
	}
	done, err := v.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := v.reach(ctx); err != nil {
		return err
	}
	v.sweep(ctx)
	s.Name = "IFX" + rand.Text()[:9]
	if s.entry, err = v.journal.begin(s.Name, made{Server: v.target(), Namespace: s.Name, Label: s.label}); err != nil {
		return err
	}
	if err = v.fill(ctx, s); err == nil {
		return nil
	}
	undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropWait)
	defer cancel()
	if failed := v.drop(undo, s); failed != nil {
		err = errors.Join(err, failed, s.entry.let())
	}
	return err
}

// reach finds out whether the server can be used at all, once: if not, nothing was made, and nothing is written down.
func (v *server) reach(ctx context.Context) error {
	if v.known() != unknown {
		return nil
	}
	t, err := v.openTarget(ctx, v.home)
	if err != nil {
		return err
	}
	return t.Close()
}

func (v *server) openTarget(ctx context.Context, c client.Config) (t *iris.Target, err error) {
	err = v.patiently(ctx, func() (err error) {
		t, err = iris.OpenTarget(ctx, c)
		return err
	})
	return t, err
}

// fill makes the namespace, or without the right to do so chooses schemas, and loads the fixtures.
func (v *server) fill(ctx context.Context, s *Sandbox) error {
	if v.known() != schemas {
		err := v.patiently(ctx, func() error {
			_, err := iris.CreateNamespace(ctx, v.home, s.Name)
			return err
		})
		switch {
		case err == nil:
			v.learn(namespaces)
			s.Server, s.Namespace = v.home, s.Name
			s.Server.Namespace = s.Name
			s.Target = s.Server.String()
			return v.load(ctx, s)
		case v.known() == namespaces || !iris.Denied(err):
			return err
		}
	}
	s.Server, s.Namespace, s.Target = v.home, v.home.Namespace, v.target()
	s.Schemas = schemasFor(s)
	if err := s.entry.write(s.made()); err != nil {
		return err
	}
	if err := v.load(ctx, s); err != nil {
		return err
	}
	v.learn(schemas) // the refusal was of the account: it can do all else
	return nil
}

func (v *server) known() how {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.how
}

func (v *server) learn(h how) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.how = h
}

// load loads the fixtures.
func (v *server) load(ctx context.Context, s *Sandbox) (err error) {
	t, err := v.openTarget(ctx, s.Server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	for _, f := range s.Fixtures {
		err := v.patiently(ctx, func() error { return v.loadOne(ctx, f, t, only(s.Schemas, f)) })
		if err != nil {
			return &FixtureError{f.Argument, err}
		}
	}
	for _, x := range t.Cleaned() {
		v.opts.Warn(x)
	}
	return nil
}
