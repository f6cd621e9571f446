package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/parallel"
)

func newSandbox(a *app) *cobra.Command {
	var to string
	cmd := a.new("sandbox", "Make databases of their own for tests, for a test framework",
		`Makes databases with fixtures in them, one for each test, and takes them away again. This is what
the pytest plugin runs; any test framework can. It reads requests from standard input, one JSON
object a line, and answers each with one JSON object a line. When standard input ends, everything
that it made is removed, but for what was to be kept; of that, "sandbox remove" removes what is on a
server.

With SQLite a database is a file in the directory that the request names: a copy of a template that
is loaded once for each list of fixtures and kept in the cache. With InterSystems IRIS it is a
namespace, or schemas of its own where the account may not make namespaces.`,
		`  echo '{"id":1, "open":{"fixtures":["fixtures/orders"], "dir":"try", "keep":true}}' | irisfix sandbox
  irisfix sandbox --to iris://_SYSTEM@localhost:1972/USER`,
		exactly(), func(cmd *cobra.Command, _ []string) error {
			return a.sandbox(cmd.Context(), to, flagsForAdvice(cmd))
		})
	cmd.Flags().StringVar(&to, "to", "", "sqlite, iris, or iris://USER@HOST/NAMESPACE (default: the IRIS that the environment names, else sqlite)")
	cmd.AddCommand(a.newSandboxRemove())
	return cmd
}

// readyJSON is the first line.
type readyJSON struct {
	schema
	Ready   bool   `json:"ready"`
	Version string `json:"version"`
	Target  string `json:"target"`
}

// closeWait is how long it may take at the end to take everything away.
const closeWait = time.Minute

func (a *app) sandbox(ctx context.Context, to string, flags []string) error {
	signal.Ignore(os.Interrupt) // who runs this gets it too, and ends the input when everything is done
	s, err := a.sandboxes(ctx, to, flags)
	if err != nil {
		return err
	}
	s.say(readyJSON{schema1, true, version(), s.maker.Target()})
	cause := s.serve(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWait)
	defer cancel()
	return errors.Join(cause, s.maker.Close(ctx))
}

// maxRequest is the longest line that is read, in bytes.
const maxRequest = 1 << 20

// maxUnderWay is how many requests are worked on at once.
const maxUnderWay = 64

// serve answers requests until the input ends, or whoever has started this has ended, or a signal comes, which is
// returned. What is under way is finished, or ended by the signal, before it returns.
func (s *sandboxes) serve(ctx context.Context) error {
	g, work := parallel.NewGroup(ctx)
	work, abandon := context.WithCancelCause(work)
	defer abandon(nil)
	lines, slots := readLines(s.in), make(chan struct{}, maxUnderWay)
	orphaned := time.NewTicker(time.Second)
	defer orphaned.Stop()
	parent := os.Getppid()
	for open := true; open; {
		select {
		case <-ctx.Done():
			open = false
		case <-orphaned.C: // its end of the input may live on in a process that it has started
			if os.Getppid() != parent {
				abandon(errOrphaned)
				open = false
			}
		case line, more := <-lines:
			if open = more; !more {
				break
			}
			slots <- struct{}{}
			g.Go(func() error {
				defer func() { <-slots }()
				s.answer(work, line)
				return nil
			})
		}
	}
	return errors.Join(g.Wait(), context.Cause(ctx))
}

var errOrphaned = errors.New("the process that started this has ended")

// line is a request as it came, or why it cannot be taken.
type line struct {
	text []byte
	err  error
}

// readLines reads the lines of the input until it ends. A reader that waits for input cannot be interrupted: it is left
// behind when the program ends.
func readLines(in io.Reader) <-chan line {
	lines := make(chan line)
	go func() {
		defer close(lines)
		r := bufio.NewReader(in)
		for {
			text, err := readLine(r)
			if err == nil || errors.Is(err, errTooLong) {
				lines <- line{text, err}
			} else {
				return
			}
		}
	}()
	return lines
}

var errTooLong = usageError("a request is longer than 1 MiB")

// readLine reads a line that is not empty; the last one may lack its end. Of one that is too long nothing is kept.
func readLine(r *bufio.Reader) (text []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(text) <= maxRequest {
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case len(text) > maxRequest:
			return nil, errTooLong
		case strings.TrimSpace(string(text)) != "":
			return text, nil
		case err != nil:
			return nil, err
		}
		text = text[:0]
	}
}
