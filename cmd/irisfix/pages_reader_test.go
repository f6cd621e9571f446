package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/registry/server"
)

// reader follows a page in a directory and a home of its own. If the page names them, a registry and a server of IRIS's
// protocol are there.
type reader struct {
	t             *testing.T
	dir           string
	state         string // what the shell of one command leaves to the next: its directory and its environment
	env           []string
	asRun, asSeen *strings.Replacer
}

func newReader(t *testing.T, p *page) *reader {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = removeAll(base) })
	dir, home := filepath.Join(base, "work"), filepath.Join(base, "home")
	testdata, err := filepath.Abs(filepath.Join(root, "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { return os.Mkdir(dir, 0o755) },
		func() error { return os.Mkdir(home, 0o755) },
		func() error { return os.Symlink(testdata, filepath.Join(dir, "testdata")) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	var run []string
	seen := []string{dir, "/work", home, "/home/me"}
	for name, start := range map[string]func(*testing.T, string, string) error{"127.0.0.1:5000": startRegistry, "127.0.0.1:1972": startIRIS} {
		if strings.Contains(p.text, name) {
			address := freeAddress(t, func(address string) error { return start(t, filepath.Join(base, "registry"), address) })
			run, seen = append(run, name, address), append(seen, address, name)
		}
	}
	env := readerEnv(home)
	if strings.Contains(p.text, "\n$ go ") {
		env = append(env, goEnv(t, base, dir)...)
	}
	return &reader{t, dir, filepath.Join(base, "state"), env, strings.NewReplacer(run...), strings.NewReplacer(seen...)}
}

// readerEnv is the environment of a reader: that of the test, without what would change the outcome.
func readerEnv(home string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(v, "IRIS") || strings.HasPrefix(v, "GIT_") || strings.HasPrefix(v, "GITHUB_") ||
			name == "CI" || name == "BUILD_NUMBER" // in which pytest prints long lines in full
	})
	now := "@1767225600 +0000"
	return append(env, "HOME="+home, "DOCKER_CONFIG="+filepath.Join(home, ".docker"), "IRISFIX_CACHE_DIR="+filepath.Join(home, ".cache", "irisfix"),
		"SOURCE_DATE_EPOCH=1767225600", "TZ=UTC", "LC_ALL=C.UTF-8", "COLUMNS=80", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE="+now,
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_COMMITTER_DATE="+now)
}

// goEnv is what Go needs besides: the caches, which lie in another home, and this checkout in place of a release of irisfix.
func goEnv(t *testing.T, base, dir string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOVERSION", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	is := strings.Split(string(out), "\n")
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(base, "go.work")
	version, _, _ := strings.Cut(strings.TrimPrefix(is[0], "go"), " ")
	if err := os.WriteFile(work, fmt.Appendf(nil, "go %s\nuse %q\nuse %q\n", version, dir, here), 0o644); err != nil {
		t.Fatal(err)
	}
	return []string{"GOWORK=" + work, "GOCACHE=" + is[1], "GOMODCACHE=" + is[2], "GOFLAGS="}
}

// freeAddress starts a server on a port with as many digits as those in the pages, so that columns line up.
func freeAddress(t *testing.T, start func(address string) error) string {
	t.Helper()
	var err error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 1024+rand.IntN(10000-1024))
		if err = start(address); err == nil {
			return address
		}
	}
	t.Fatal(err)
	return ""
}

// startRegistry starts what `irisfix serve` serves.
func startRegistry(t *testing.T, dir, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	handler, err := server.New(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: handler}
	go s.Serve(l)
	t.Cleanup(func() {
		s.Close()
		handler.Close()
	})
	return nil
}

func startIRIS(t *testing.T, _, address string) error {
	s, err := iristest.Start(iristest.Options{Addr: address})
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return err
}

// write makes a file of a block.
func (r *reader) write(name, content string) {
	r.t.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(r.asRun.Replace(content)), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// session types the commands of a block and returns it with what they print. A command that ends in a backslash goes on in
// the next line.
func (r *reader) session(block string) string {
	r.t.Helper()
	var b, command strings.Builder
	for line := range strings.Lines(block) {
		rest, begins := strings.CutPrefix(line, "$ ")
		if !begins && command.Len() == 0 {
			continue
		}
		b.WriteString(line)
		command.WriteString(rest)
		if !strings.HasSuffix(rest, "\\\n") {
			b.WriteString(r.run(command.String()))
			command.Reset()
		}
	}
	return b.String()
}

// run returns what a command prints: its result, and what went wrong if something did.
func (r *reader) run(command string) string {
	r.t.Helper()
	keep := fmt.Sprintf("if [ -f '%[1]s' ]; then . '%[1]s'; fi; trap '{ export -p; echo cd \"\\\"$PWD\\\"\"; } >%[1]s' EXIT\n", r.state)
	cmd := exec.CommandContext(r.t.Context(), "sh", "-c", keep+r.asRun.Replace(command))
	cmd.Dir, cmd.Env = r.dir, r.env
	var out, messages strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &messages
	cmd.WaitDelay = time.Minute // for what was left running in the background
	err := cmd.Run()
	if err != nil {
		out.WriteString(messages.String())
	}
	if failed := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &failed) || out.Len() == 0) {
		r.t.Fatalf("%s%v", command, err)
	}
	return r.asSeen.Replace(out.String())
}
