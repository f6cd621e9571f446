package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/irisfix/irisfix/loader"
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

const (
	serverTurns = 2
	// dropWait is how long sessions may take to leave a namespace.
	dropWait = 30 * time.Second
	// lockPatience is how long others may go on loading into the same namespace, one after the other. Each attempt waits
	// for the lock itself, 10 seconds.
	lockPatience = 10 * time.Minute
	// licencePatience is how long others may have all connections that the licence allows.
	licencePatience = time.Minute
	pause           = 100 * time.Millisecond
)

// sweepWait is how long sessions may take to leave what others have left.
var sweepWait = 10 * time.Second

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

// made is what there is of a sandbox.
func (s *Sandbox) made() made {
	m := made{Server: s.maker.kind.target(), Label: s.label}
	if s.Schemas == nil {
		m.Namespace = s.Name
	}
	for _, to := range s.Schemas {
		if !slices.Contains(m.Schemas, to) {
			m.Schemas = append(m.Schemas, to)
		}
	}
	slices.Sort(m.Schemas)
	return m
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

// patiently does something again that was refused because of others, as long as it may help to wait. Nothing of it may be
// left when it was refused.
func (v *server) patiently(ctx context.Context, fn func() error) error {
	for began, waited := time.Now(), false; ; waited = true {
		err := fn()
		wait, what := busy(err)
		if time.Since(began) >= wait {
			return err
		}
		if !waited {
			v.opts.Wait(what + " " + v.target())
		}
		select {
		case <-time.After(pause + mathrand.N(pause)): // so that those who wait do not come all at once
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// busy is how long to wait for what others have: the record of loads of a namespace, or all connections that the licence
// allows.
func busy(err error) (wait time.Duration, what string) {
	var undo *loader.RollbackError
	var storage *loader.StorageError
	var refused *client.LoginError
	switch {
	case errors.As(err, &undo):
	case errors.As(err, &storage) && storage.Locked:
		return lockPatience, "others who load into"
	case errors.As(err, &refused) && refused.Reason() == client.LicenceExceeded:
		return licencePatience, "a free connection to"
	}
	return 0, ""
}

func (v *server) remove(ctx context.Context, s *Sandbox) error {
	done, err := v.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	return v.drop(ctx, s)
}

func (v *server) drop(ctx context.Context, s *Sandbox) error {
	if err := v.takeAway(ctx, s.made()); err != nil {
		return err
	}
	return s.entry.end()
}

// takeAway takes away what is written down. What is not there is no matter.
func (v *server) takeAway(ctx context.Context, m made) error {
	if m.Namespace != "" {
		return v.dropNamespace(ctx, m.Namespace)
	}
	t, err := v.openTarget(ctx, v.home)
	if err != nil {
		return err
	}
	for _, schema := range m.Schemas { // with the tables that the test made; where that is refused they stay
		_ = t.DropSchema(ctx, schema)
	}
	err = v.patiently(ctx, func() error {
		_, err := loader.UnloadSchemas(ctx, t, m.Schemas...)
		return err
	})
	return errors.Join(err, t.Close())
}

// dropNamespace drops the namespace of a sandbox, also one that was not marked yet: nobody else has its name.
func (v *server) dropNamespace(ctx context.Context, name string) error {
	err := v.patiently(ctx, func() error {
		ctx, cancel := context.WithTimeout(ctx, dropWait)
		defer cancel()
		err := iris.DropNamespace(ctx, v.home, name)
		if problem := (*iris.NamespaceError)(nil); errors.As(err, &problem) && problem.Problem == iris.Foreign {
			err = iris.DropUnmarked(ctx, v.home, name)
		}
		return err
	})
	var problem *iris.NamespaceError
	if errors.As(err, &problem) && problem.Problem == iris.Absent {
		return nil
	}
	return err
}

func (v *server) keep(s *Sandbox) error { return s.entry.end() }

// sweep takes away what processes that have ended left on the server. What cannot be taken away is tried again by the
// next process.
func (v *server) sweep(ctx context.Context) {
	v.journal.tidy()
	for _, name := range v.journal.names() {
		if m, ok := v.journal.read(name); !ok || m.Server != v.target() || v.isStuck(name) {
			continue
		}
		e, m, ok := v.journal.claim(name)
		if !ok { // its process lives
			continue
		}
		within, cancel := context.WithTimeout(ctx, sweepWait)
		err := v.takeAway(within, m)
		cancel()
		if err != nil {
			v.setStuck(name)
			_ = e.let()
			v.opts.Warn(loader.Warning{Subject: name, Message: "left by a process that was ended, and cannot be removed now: " + err.Error()})
			continue
		}
		_ = e.end()
		v.opts.Warn(loader.Warning{Subject: name, Message: m.whose() + " was removed: the process that made it was ended"})
	}
}

func (v *server) isStuck(name string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.stuck[name]
}

func (v *server) setStuck(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stuck[name] = true
}

func (m made) whose() string {
	if m.Label == "" {
		return "a sandbox"
	}
	return "the sandbox of " + m.Label
}
