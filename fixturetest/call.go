package fixturetest

import (
	"context"
	"errors"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/sandbox"
)

// call is one call of a function of this package.
type call struct {
	tb          testing.TB
	function    string
	kind        string // of the database system; empty: what the options and the environment say
	needsDriver bool

	options
	given []Option
	dir   string // that is not the test's, if the database may stay
	home  string // URL of the server that namespaces are made on
}

// open makes the database, and has it taken away when the test ends.
func (c *call) open(fixture string, list []Option) (*Database, error) {
	c.tb.Helper()
	c.given = list
	if c.tb.Context().Err() != nil {
		return nil, &settings.UsageError{Reason: "the test is at its end: databases are made while it runs, not when it cleans up"}
	}
	var err error
	if c.options, err = optionsOf(fixture, list); err != nil {
		return nil, err
	}
	ctx, cancel := contextOf(c.tb)
	defer cancel()
	p := poolFor(c.kind, c.options)
	defer p.listen(c.tb)()
	var s *sandbox.Sandbox
	err = parallel.Protect(func() error {
		if err := p.take(ctx, c.kind, c.options); err != nil {
			return err
		}
		if s, err = c.sandbox(ctx, p); err != nil {
			p.giveBack()
		}
		return err
	})
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = errors.Join(cause, err)
		}
		return nil, err
	}
	d := &Database{call: c}
	d.fill(s)
	c.tb.Cleanup(func() {
		c.tb.Helper()
		defer p.giveBack()
		d.close(s)
	})
	return d, nil
}

func (c *call) sandbox(ctx context.Context, p *pool) (*sandbox.Sandbox, error) {
	r := sandbox.Request{Fixtures: c.fixtures, Keep: c.keep == keepAll, Label: c.tb.Name()}
	switch {
	case p.server != nil:
		c.home = p.url
		if c.needsDriver {
			if err := hasDriver(*p.server); err != nil {
				return nil, err
			}
		}
	case c.keep == keepNone:
		r.Dir = c.tb.TempDir()
	default: // the test's directory goes with it
		var err error
		if c.dir, err = os.MkdirTemp("", dirPattern(c.tb.Name())); err != nil {
			return nil, err
		}
		c.dir = c.absolute(c.dir) // TMPDIR may be relative
		r.Dir = c.dir
	}
	s, err := p.maker.Open(ctx, r)
	if err != nil && c.dir != "" {
		err = errors.Join(err, os.RemoveAll(c.dir))
	}
	return s, err
}

// noPath is what names of tests have and names of files should not.
var noPath = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// dirPattern is one for the directory of a test, by whose name a reader knows it.
func dirPattern(test string) string {
	name := noPath.ReplaceAllString(test, "_")
	return "irisfix-" + name[:min(len(name), 64)] + "-"
}

// contextOf ends with the test, and before the deadline at which go test ends everything without a word, by a twentieth of
// what is left.
func contextOf(tb testing.TB) (context.Context, context.CancelFunc) {
	if t, ok := tb.(interface{ Deadline() (time.Time, bool) }); ok {
		if at, set := t.Deadline(); set {
			return context.WithDeadlineCause(tb.Context(), at.Add(-time.Until(at)/20), &explain.DeadlineError{})
		}
	}
	return context.WithCancel(tb.Context())
}
