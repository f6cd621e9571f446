package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// program prepares a process of irisfix with a cache of its own.
func program(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Args[0] = "irisfix"
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "DOCKER_CONFIG="+dir)
	return cmd
}

// serve starts a registry and returns its process and address.
func serve(t *testing.T, dir string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := program(t, dir, append([]string{"serve"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on http://")
	if err != nil || !ok {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd, address
}

// A registry prints its address first, ends with a signal, and has everything when it starts again, also after it was
// killed.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	if err := makeDatabase(filepath.Join(dir, "app.db"), small); err != nil {
		t.Fatal(err)
	}
	if out, err := program(t, dir, "create", "--name", "small", "--output", "small", "--from", "sqlite:app.db").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	server, address := serve(t, dir, "--addr", "127.0.0.1:0", "--dir", "registry")
	if out, err := program(t, dir, "push", "small", address+"/acme/small:1.0.0").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	out, err := program(t, dir, "serve", "--addr", "127.0.0.1:0", "--dir", "registry").CombinedOutput()
	if err == nil || !strings.HasPrefix(string(out), "irisfix: local io: registry\n\nWhat went wrong:\n  another irisfix serve uses the directory\n") {
		t.Errorf("a second registry in one directory: %s", out)
	}
	if _, err := program(t, dir, "serve", "--addr", address, "--dir", "other").Output(); err == nil || err.(*exec.ExitError).ExitCode() != 12 {
		t.Errorf("a second registry at one address: %v", err)
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, os.Kill} {
		if runtime.GOOS == "windows" {
			signal = os.Kill
		}
		if err := server.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := server.Wait(); (err == nil) != (signal != os.Kill) {
			t.Errorf("%v: %v", signal, err)
		}
		server, address = serve(t, dir, "--addr", "127.0.0.1:0", "--dir", "registry")
		if out, err := program(t, dir, "validate", address+"/acme/small:1.0.0").CombinedOutput(); err != nil {
			t.Errorf("after %v: %s", signal, out)
		}
	}
	server.Process.Kill()
	server.Wait()
}

// A registry that listens to everybody says that it has no authentication.
func TestServeWarns(t *testing.T) {
	dir := t.TempDir()
	cmd := program(t, dir, "serve", "--addr", "0.0.0.0:0", "--dir", "registry")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimSpace(line), "listening on http://")
	port = port[strings.LastIndexByte(port, ':')+1:]
	resp, err := http.Get("http://127.0.0.1:" + port + "/v2/") // it is up, so it has warned
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	cmd.Process.Kill()
	cmd.Wait()
	if !strings.HasPrefix(errs.String(), "warning: there is no authentication: everybody who reaches ") {
		t.Errorf("%q", errs.String())
	}
}

// The demonstration runs, its commands do what it says, and nothing is left.
func TestDemo(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	t.Setenv("IRISFIX_OFFLINE", "1") // of the user, and not for the demonstration
	out, err := program(t, t.TempDir(), "demo").Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	commands := 0
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "$ irisfix ") {
			commands++
		}
	}
	if commands != 8 || !strings.Contains(string(out), "column price: 1 row") {
		t.Errorf("%d commands:\n%s", commands, out)
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	dir := t.TempDir()
	out, err = program(t, dir, "demo", "--dir", "try", "--json").Output()
	var object struct {
		Steps []stepJSON
	}
	if err != nil || json.Unmarshal(out, &object) != nil || len(object.Steps) != 8 || object.Steps[7].Code != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "try", "test.db")); err != nil {
		t.Error(err)
	}
}

// A test that was asked to end by SIGTERM says so in its exit code, and has undone what it began.
func TestTermination(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such signal")
	}
	dir := t.TempDir()
	begun := make(chan struct{}, 100)
	silent := newSilent(t, begun)
	cmd := program(t, dir, "load", silent+"/acme/small:1.0.0", "--to", "sqlite:test.db")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-begun
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	want := "irisfix: interrupted: irisfix load\n\nWhat went wrong:\n  stopped by a signal: terminated\n  the load was rolled back: the database is as it was\n\nHow to fix it:\n" +
		"  1. Run it again when you like:  irisfix load " + silent + "/acme/small:1.0.0 --to sqlite:test.db\n"
	if code := cmd.ProcessState.ExitCode(); code != 143 || errs.String() != want {
		t.Errorf("exit code %d\n%s", code, errs.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "test.db")); err == nil {
		t.Error("a database was made")
	}
}
