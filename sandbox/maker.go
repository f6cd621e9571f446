package sandbox

import (
	"context"
	"errors"
	"sync"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/workspace"
)

// Options say where sandboxes are made.
type Options struct {
	// Server is the InterSystems IRIS in which namespaces are made, over the one that it names; nil: sandboxes are SQLite
	// databases.
	Server *client.Config

	// What is told while work is under way, from several goroutines; nil: nobody.
	Rows func(table string, rows, total int64) // rows of a table that are loaded so far
	Warn func(loader.Warning)                  // what should be known and stops nothing
	Wait func(what string)                     // what is waited for; said once for each wait
}

// Maker makes sandboxes on one database system. It is safe for concurrent use.
type Maker struct {
	space *workspace.Workspace
	opts  Options
	kind  system

	mu    sync.Mutex
	open  map[*Sandbox]bool
	found map[string]*workspace.Found // bundles by argument
}

// system is what makes databases.
type system interface {
	// target names it in messages, without a password.
	target() string
	// make fills in where the sandbox is and loads the fixtures into it. After an error nothing of it is left, or it is
	// written down.
	make(ctx context.Context, s *Sandbox) error
	// remove takes it away.
	remove(ctx context.Context, s *Sandbox) error
	// keep makes that nobody takes it away.
	keep(s *Sandbox) error
	// removeKept takes away one that was kept, by its name.
	removeKept(ctx context.Context, name string) error
}

// NewMaker returns a maker of sandboxes whose fixtures are found by the workspace, which must stay open as long.
func NewMaker(w *workspace.Workspace, o Options) *Maker {
	if o.Rows == nil {
		o.Rows = func(string, int64, int64) {}
	}
	if o.Warn == nil {
		o.Warn = func(loader.Warning) {}
	}
	if o.Wait == nil {
		o.Wait = func(string) {}
	}
	m := &Maker{space: w, opts: o, open: map[*Sandbox]bool{}, found: map[string]*workspace.Found{}}
	if o.Server == nil {
		m.kind = &files{m}
	} else {
		m.kind = newServer(m, *o.Server)
	}
	return m
}

// Target names the database system: sqlite, or the URL of a server without its password.
func (m *Maker) Target() string { return m.kind.target() }

// Close takes away all sandboxes that are open and not kept. The maker can be used on.
func (m *Maker) Close(ctx context.Context) error {
	m.mu.Lock()
	var list []*Sandbox
	for s := range m.open {
		list = append(list, s)
	}
	m.mu.Unlock()
	errs := make([]error, len(list))
	err := parallel.ForEach(ctx, closers, len(list), func(ctx context.Context, i int) error {
		errs[i] = list[i].Close(ctx)
		return nil
	})
	return errors.Join(append(errs, err)...)
}

// closers is how many sandboxes are closed at once.
const closers = 4
