// Command iristest runs the test server for InterSystems IRIS until it is told to end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/loader/iris/iristest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "iristest:", err)
			os.Exit(1)
		}
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, roots, err := parse(args, stderr)
	if err != nil {
		return err
	}
	s, err := iristest.Start(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	fmt.Fprintln(stdout, "listening on", s.URL())
	if o.TLS {
		path, forget, err := saveRoots(roots, s.RootsPEM())
		if err != nil {
			return err
		}
		defer forget()
		fmt.Fprintln(stdout, "certificate in", path)
	}
	<-ctx.Done()
	return nil
}

// saveRoots writes the certificate that clients have to trust: to path, or if that is empty to a file that forget
// removes.
func saveRoots(path string, pem []byte) (saved string, forget func(), err error) {
	if path != "" {
		return path, func() {}, atomicfile.WriteFile(path, pem, 0o644)
	}
	dir, err := os.MkdirTemp("", "iristest-")
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, "ca.pem")
	return path, func() { os.RemoveAll(dir) }, atomicfile.WriteFile(path, pem, 0o644) //nolint:errcheck // a leftover of a few bytes
}
