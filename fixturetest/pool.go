package fixturetest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/sandbox"
	"github.com/irisfix/irisfix/workspace"
)

// surroundings are those of the process. What programs of this machine said is remembered.
var surroundings = settings.New(os.Getenv)

// pool makes the databases of calls with the same options. It lasts as long as the process.
type pool struct {
	mu     sync.Mutex
	space  *workspace.Workspace // nil: not open
	maker  *sandbox.Maker
	server *client.Config // nil: SQLite
	url    string         // of the server, to be pasted
	users  int            // databases that are in use

	waiting map[testing.TB]bool // who is told what happens
	telling sync.Mutex
}

var (
	pools      = map[string]*pool{}
	poolsMutex sync.Mutex
)

// poolFor is the pool of calls like this one.
func poolFor(kind string, o options) *pool {
	o.fixtures, o.keep = nil, keepNone
	key := fmt.Sprintf("%s %+q %q", kind, fmt.Sprintf("%+v", o), variables())
	poolsMutex.Lock()
	defer poolsMutex.Unlock()
	if pools[key] == nil {
		pools[key] = &pool{waiting: map[testing.TB]bool{}}
	}
	return pools[key]
}

// variables are those that change where databases are made and where fixtures come from.
func variables() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return !strings.HasPrefix(name, "IRISFIX_") && !strings.HasPrefix(name, "IRIS_") &&
			!slices.Contains([]string{"HOME", "XDG_CACHE_HOME", "DOCKER_CONFIG", "GITHUB_TOKEN", "GITHUB_ACTOR"}, name)
	})
}

// take opens the pool if that was not done yet. It is to be given back.
func (p *pool) take(ctx context.Context, kind string, o options) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.maker == nil {
		if err := p.open(ctx, kind, o); err != nil {
			return err
		}
	}
	p.users++
	return nil
}

// giveBack keeps what was learned about files when nobody uses the pool: a process of tests has no end of its own.
func (p *pool) giveBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users--; p.users == 0 {
		p.space.Close()
	}
}

func (p *pool) open(ctx context.Context, kind string, o options) error {
	so := sandbox.Options{
		Warn: func(w loader.Warning) { p.tell("warning: %s: %s", w.Subject, w.Message) },
		Wait: func(what string) { p.tell("waiting for %s", what) },
	}
	target, err := surroundings.TestTarget("fixturetest.Target", cmp.Or(o.target, kind))
	switch {
	case err != nil:
		return err
	case kind != "" && target.Kind != kind:
		return &settings.UsageError{Reason: target.Text + " is another database system; use fixturetest.Open, which takes both"}
	case target.Kind == settings.IRIS:
		cfg, err := surroundings.IRIS(ctx, target)
		if err != nil {
			return err
		}
		so.Server = &cfg
		found, err := surroundings.Server(ctx, target)
		if err != nil {
			return err
		}
		if p.url, err = found.URL(); err != nil {
			return err
		}
	}
	ro, err := surroundings.Registry(o.absolute(o.caFile))
	if err != nil {
		return err
	}
	ro.PlainHTTP, ro.Offline, ro.UserAgent, ro.Notify = o.plainHTTP, o.offline, "irisfix/"+version(), p.registry
	home, _ := os.UserHomeDir()
	space, err := workspace.Open(workspace.Options{
		Dir: o.dir, Home: home, CacheDir: o.absolute(surroundings.CacheDir(o.cacheDir)), LockFile: o.absolute(o.lockFile), Frozen: o.frozen, Registry: ro, Workers: runtime.GOMAXPROCS(0),
	})
	if err != nil {
		return err
	}
	p.space, p.server, p.maker = space, so.Server, sandbox.NewMaker(space, so)
	return nil
}

// registry tells of what is fetched, and of what may take long.
func (p *pool) registry(e registry.Event) {
	if e.Kind == registry.Started && e.Bytes == 0 && e.Descriptor.Annotations[ocispec.AnnotationTitle] != "" {
		p.tell("fetching %s (%s)", phrase.Blob(e.Descriptor), phrase.Bytes(e.Descriptor.Size))
	} else if note := explain.Note(e); note != "" {
		p.tell("%s", note)
	}
}

// tell logs to the tests that wait for a database: all of them, since what one of them fetches the others need too.
func (p *pool) tell(format string, args ...any) {
	p.telling.Lock()
	defer p.telling.Unlock()
	for tb := range p.waiting {
		tb.Logf("irisfix: %s", phrase.OneLine(fmt.Sprintf(format, args...)))
	}
}

// listen tells a test until the function that it returns is called.
func (p *pool) listen(tb testing.TB) (stop func()) {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.waiting[tb] = true
	return func() {
		p.telling.Lock()
		defer p.telling.Unlock()
		delete(p.waiting, tb)
	}
}
