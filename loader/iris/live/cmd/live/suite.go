package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irisfix/irisfix/loader/iris/live"
)

// suiteTest is the test that holds the contract of targets against databases of the server.
const (
	suitePackage = "loader/iris"
	suiteTest    = "TestContract"
)

// suite runs the contract of targets: each database of it is a namespace. The tests are run by this program, not by the
// go command, so that an interrupt ends them before their namespaces are swept.
func (s *session) suite(ctx context.Context) (r live.Run) {
	r = live.Run{Name: "suite of targets"}
	dir, err := os.MkdirTemp("", "irisfix-live-")
	if err != nil {
		r.Err = err
		return r
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a leftover in the system's temporary directory
	binary := filepath.Join(dir, "suite.exe")
	build := s.command(ctx, "", "go", "test", "-c", "-o", binary, "./"+suitePackage)
	build.Stdout = s.stdout
	if r.Err = build.Run(); r.Err != nil {
		return r
	}
	tests := s.command(ctx, s.url, binary, "-test.v=test2json", "-test.run=^"+suiteTest+"$", "-test.timeout=6h")
	tests.Dir = filepath.FromSlash(suitePackage)
	events := s.command(ctx, "", "go", "tool", "test2json")
	r.Err = pipe(tests, events, func(in io.Reader) error { return readEvents(in, s.stdout, &r) }, func() bool { return len(r.Failures) > 0 })
	return r
}

// pipe runs two programs, the output of one being the input of the other, and reads what comes out. That the first one
// fails is no error if it is known why.
func pipe(from, to *exec.Cmd, read func(io.Reader) error, known func() bool) error {
	middle, err := from.StdoutPipe()
	if err != nil {
		return err
	}
	to.Stdin = middle
	out, err := to.StdoutPipe()
	if err != nil {
		return err
	}
	if err := from.Start(); err != nil {
		return err
	}
	err = to.Start()
	if err == nil {
		err = errors.Join(read(out), to.Wait())
	}
	if failed := from.Wait(); failed != nil && !known() {
		err = errors.Join(err, failed)
	}
	return err
}

// command is a program that is told of the server, if it is to know it, by the variable. When the context ends it is
// interrupted, and killed if it does not heed that.
func (s *session) command(ctx context.Context, url, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill() // Windows has no such signal
		}
		return nil
	}
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = os.Environ()
	if url == "" {
		cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, variable+"=") })
	} else {
		cmd.Env = append(cmd.Env, variable+"="+url)
	}
	cmd.Stderr = s.stdout
	return cmd
}

// event is one line of go test -json (go doc test2json).
type event struct{ Action, Test, Output string }

// readEvents counts the tests that have none below them, and shows what failed.
func readEvents(in io.Reader, show io.Writer, r *live.Run) error {
	said := map[string]*bytes.Buffer{}
	parents := map[string]bool{}
	for lines := json.NewDecoder(in); ; {
		var e event
		if err := lines.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if e.Action == "run" {
			if i := strings.LastIndexByte(e.Test, '/'); i >= 0 {
				parents[e.Test[:i]] = true
			}
			continue
		}
		if e.Action == "output" {
			if said[e.Test] == nil {
				said[e.Test] = &bytes.Buffer{}
			}
			said[e.Test].WriteString(e.Output)
			continue
		}
		conclude(e, parents[e.Test], said, show, r)
	}
}

// conclude takes the end of a test. A parent that fails only with those below it says nothing of its own.
func conclude(e event, parent bool, said map[string]*bytes.Buffer, show io.Writer, r *live.Run) {
	switch {
	case e.Test == "" || e.Action != "pass" && e.Action != "fail" && e.Action != "skip":
	case e.Action == "fail" && (!parent || strings.Contains(said[e.Test].String(), ".go:")):
		r.Failures = append(r.Failures, e.Test)
		fmt.Fprint(show, said[e.Test])
	case parent:
	case e.Action == "pass":
		r.Passed++
		fmt.Fprintln(show, "ok  ", e.Test)
	case e.Action == "skip":
		r.Skipped++
	}
	delete(said, e.Test)
}
