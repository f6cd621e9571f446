// Command live runs what irisfix has against a real InterSystems IRIS: the open questions, the suite of targets and the
// judges. Everything is done in namespaces of its own, which are dropped; a report is written.
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
	"slices"
	"syscall"
	"time"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/live"
)

// variable names the server, with its password: an argument would be seen by everybody on the machine.
const variable = "IRISFIX_TEST_IRIS"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv(variable), os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "live:", err)
		}
		os.Exit(1)
	}
}

// sweepTimeout bounds the last look for namespaces, which is taken after an interrupt too.
const sweepTimeout = 2 * time.Minute

// session is one run of the program.
type session struct {
	options
	url    string
	home   client.Config
	server *live.Server
	report live.Report
	stdout io.Writer
}

func run(ctx context.Context, args []string, url string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	home, err := configOf(ctx, url)
	if err != nil {
		return err
	}
	s := &session{options: o, url: url, home: home, server: live.NewServer(home), stdout: stdout}
	if err := s.greet(ctx); err != nil {
		return words(err)
	}
	s.sweep(ctx, "an earlier run left")
	err = words(s.all(ctx))
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepTimeout)
	defer cancel()
	s.sweep(after, "not dropped by its test")
	return errors.Join(err, s.conclude())
}

// pause lies between attempts to connect to a server that is starting.
const pause = time.Second

// greet connects, so that a wrong password is all that is said.
func (s *session) greet(ctx context.Context) error {
	late := time.After(s.wait)
	for {
		err := s.meet(ctx)
		if err == nil {
			fmt.Fprintf(s.stdout, "%s: %s\n", s.report.Server, s.report.Version)
			return nil
		}
		select {
		case <-late:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// meet asks the server for nothing but who it is.
func (s *session) meet(ctx context.Context) error {
	c, err := client.Connect(ctx, s.home)
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // nothing was done
	rows, err := c.Query(ctx, "SELECT 1")
	if err != nil {
		return err
	}
	s.report.Server, s.report.Version, s.report.Locale = s.home.String(), c.Version(), c.Locale()
	s.report.Irisfix, s.report.Began = revision(ctx), time.Now()
	return rows.Close()
}

// sweep drops leftovers. What cannot be looked at is worth a note: the work itself shows whether it matters.
func (s *session) sweep(ctx context.Context, why string) {
	dropped, err := s.server.Sweep(ctx)
	for _, name := range dropped {
		s.note(name + " is dropped, which " + why)
	}
	if err != nil {
		s.note("could not look for namespaces that are left: " + err.Error())
	}
}

func (s *session) note(text string) {
	s.report.Notes = append(s.report.Notes, text)
	fmt.Fprintln(s.stdout, text)
}

// all runs what was asked for. Only what makes the rest pointless is an error.
func (s *session) all(ctx context.Context) (err error) {
	if s.wants("questions") {
		s.report.Asked, err = s.server.Ask(ctx, func(a live.Asked) {
			fmt.Fprintf(s.stdout, "%-12s %s: %s\n", a.Verdict, a.Topic, a.Said)
		})
		if err != nil {
			return err
		}
	}
	for _, tests := range []struct {
		name string
		run  func(context.Context) live.Run
	}{{"suite", s.suite}, {"judges", s.judges}} {
		if !s.wants(tests.name) {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		got := tests.run(ctx)
		s.report.Runs = append(s.report.Runs, got)
		fmt.Fprintf(s.stdout, "%s: %d passed, %d skipped, %d failed\n", got.Name, got.Passed, got.Skipped, len(got.Failures))
	}
	return nil
}

func (s *session) wants(part string) bool { return slices.Contains(s.only, part) }

// conclude writes the report and says what is wrong.
func (s *session) conclude() error {
	path, err := filepath.Abs(s.path)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(path, s.report.Markdown(), 0o644); err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, "report in", path)
	for _, r := range s.report.Runs {
		if !r.Good() {
			err = errors.Join(err, fmt.Errorf("%s: %d failed, %d passed: %w", r.Name, len(r.Failures), r.Passed, orNone(r.Err)))
		}
	}
	for _, a := range s.report.Wrong() {
		err = errors.Join(err, fmt.Errorf("irisfix depends on %q, which is %s", a.Topic, a.Verdict))
	}
	return err
}

func orNone(err error) error {
	if err == nil {
		return errors.New("see the report")
	}
	return err
}
