// Command irisfix keeps test fixtures for databases in OCI registries: it takes tables out of a database, packs them
// as an OCI artifact, pins them by digest, and loads exactly those bytes again, all or nothing, offline if need be.
//
// Here are flags, words and exit codes. What the commands do is decided in the packages they call.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/parallel"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a reader that has gone must not end a load
	os.Exit(run(os.Args[1:], &console{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}))
}

// console is what the program sees of the world around it.
type console struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
}

// run executes one command line and returns its exit code.
func run(args []string, c *console) int {
	ctx, stop := signals(context.Background())
	defer stop()
	a := newApp(c, args)
	out := &output{w: c.out}
	c.out = out
	err := parallel.Protect(func() error {
		root := newRoot(a)
		a.refuseUnknown(root)
		root.SetArgs(args)
		return root.ExecuteContext(ctx)
	})
	a.close()
	if err == nil {
		err = out.err
	} else if cause := context.Cause(ctx); cause != nil {
		err = errors.Join(cause, err)
	}
	if err == nil {
		return 0
	}
	a.json = a.json || slices.Contains(args, "--json") // the flag may stand behind the one that is wrong
	return a.fail(err)
}

// output is where results go. That nobody wants to read on, as with | head, is no failure; that they cannot be written
// is one, after everything else is done.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if _, err := o.w.Write(p); err != nil && o.err == nil && !errors.Is(err, syscall.EPIPE) {
		o.err = err
	}
	return len(p), nil
}

// signals returns a context that ends with the first signal, so that what was begun is undone. A second one ends the
// process at once.
func signals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		for n := 0; ; n++ {
			s, ok := <-c
			if !ok {
				return
			}
			if n > 0 {
				os.Exit(128 + int(s.(syscall.Signal)))
			}
			cancel(&explain.SignalError{Signal: s.(syscall.Signal)})
		}
	}()
	return ctx, func() {
		signal.Stop(c)
		close(c)
		cancel(nil)
	}
}
