package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// conversation is a process of irisfix sandbox as a test framework has it.
type conversation struct {
	t    *testing.T
	ask  io.WriteCloser
	hear *bufio.Scanner
}

// converse starts a process that makes sandboxes, and waits until it is ready.
func converse(t *testing.T, dir string) (*exec.Cmd, *conversation) {
	t.Helper()
	cmd := program(t, dir, "sandbox")
	ask, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	hear, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	c := &conversation{t, ask, bufio.NewScanner(hear)}
	if line := c.line(); line["ready"] != true {
		t.Fatal(line)
	}
	return cmd, c
}

func (c *conversation) line() (object map[string]any) {
	c.t.Helper()
	if !c.hear.Scan() {
		c.t.Fatal("the process has ended: ", c.hear.Err())
	}
	if err := json.Unmarshal(c.hear.Bytes(), &object); err != nil {
		c.t.Fatal(err)
	}
	return object
}

// open opens a sandbox and returns the path of its database.
func (c *conversation) open() string {
	c.t.Helper()
	fmt.Fprintln(c.ask, `{"id":1,"open":{"fixtures":["./small"],"dir":"made"}}`)
	answer := c.line()
	box, ok := answer["sandbox"].(map[string]any)
	if !ok {
		c.t.Fatal(answer)
	}
	path := box["path"].(string)
	if _, err := os.Stat(path); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// smallFixture makes the directory small in a new directory, and returns that.
func smallFixture(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := makeDatabase(filepath.Join(dir, "app.db"), small); err != nil {
		t.Fatal(err)
	}
	if out, err := program(t, dir, "create", "--name", "small", "--output", "small", "--from", "sqlite:app.db").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	return dir
}

func mustBeGone(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
}

// However whoever asked for sandboxes ends, they are removed.
func TestSandboxesEndWithWhoeverAskedForThem(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such signals")
	}
	dir := smallFixture(t)

	cmd, c := converse(t, dir)
	path := c.open()
	c.ask.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the end of the input: %v", err)
	}
	mustBeGone(t, path)

	cmd, c = converse(t, dir)
	path = c.open()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 143 {
		t.Errorf("SIGTERM: %v", err)
	}
	mustBeGone(t, path)

	cmd, c = converse(t, dir)
	path = c.open()
	if err := cmd.Process.Signal(os.Interrupt); err != nil { // which the test framework gets as well, and deals with
		t.Fatal(err)
	}
	second := c.open()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
	c.ask.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the end of the input after an interrupt: %v", err)
	}
	mustBeGone(t, path, second)
}

// The parent may be gone and its end of the input still open, in a process that it has started.
func TestSandboxesEndWithTheParent(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process knows that its parent is gone")
	}
	dir := smallFixture(t)
	requests, input, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	parent := exec.Command("sh", "-c", "irisfix sandbox <&3 & exec 3<&-; read forever")
	parent.Dir, parent.Env, parent.ExtraFiles = dir, program(t, dir).Env, []*os.File{requests}
	wait, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer wait.Close()
	output, err := parent.StdoutPipe()
	if err == nil {
		err = parent.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	requests.Close()
	c := &conversation{t, input, bufio.NewScanner(output)}
	c.line()
	path := c.open()
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for c.hear.Scan() { // until irisfix ends
		t.Errorf("said: %s", c.hear.Text())
	}
	parent.Wait()
	mustBeGone(t, path)
}
