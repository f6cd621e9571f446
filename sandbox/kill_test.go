package sandbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/sandbox"
	"github.com/irisfix/irisfix/workspace"
)

// As a child process the test binary opens sandboxes, one after the other, until it is killed.
const childEnv = "IRISFIX_TEST_SANDBOX_CHILD" // cache, fixture, directory; address, user and password of a server or nothing

func TestMain(m *testing.M) {
	if words := os.Getenv(childEnv); words != "" {
		fmt.Fprintln(os.Stderr, child(strings.Split(words, "\n")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// longLabel is more than an entry of the journal may have.
var longLabel = "a test " + strings.Repeat("ü", 64<<10)

func child(words []string) error {
	w, err := workspace.Open(workspace.Options{CacheDir: words[0], Workers: 2})
	if err != nil {
		return err
	}
	o := sandbox.Options{Rows: func(table string, n, total int64) { fmt.Println("rows of", table) }}
	if words[3] != "" {
		o.Server = &client.Config{Address: words[3], Namespace: "USER", User: words[4], Password: words[5]}
	}
	m := sandbox.NewMaker(w, o)
	for range 10 {
		s, err := m.Open(context.Background(), sandbox.Request{Fixtures: []string{words[1]}, Dir: words[2], Label: longLabel})
		if err != nil {
			return err
		}
		fmt.Println(s.Name, "is opened")
	}
	return errors.New("not killed")
}

// killed runs a child until it has said something that ends so, and kills it.
func killed(t *testing.T, until string, words ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childEnv+"="+strings.Join(words, "\n"))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines, said := bufio.NewScanner(out), false
	for !said && lines.Scan() {
		said = strings.HasSuffix(lines.Text(), until)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if !said {
		t.Fatal("the child ended by itself")
	}
}

// killedAt runs a child until it makes its nth request to a server, and kills it then.
func killedAt(t *testing.T, server *iristest.Server, n int64, words ...string) {
	t.Helper()
	var requests atomic.Int64
	reached := make(chan struct{})
	server.Play(func(m iristest.Moment) iristest.Action {
		if m.Phase != iristest.Reply || m.Part > 1 || requests.Add(1) < n {
			return iristest.Action{}
		}
		if requests.Load() == n {
			close(reached)
		}
		return iristest.Stall() // carried out, and not answered
	})
	defer server.Play(nil)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childEnv+"="+strings.Join(words, "\n"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-time.After(time.Minute):
		t.Errorf("the child does not make %d requests", n)
	}
	cmd.Process.Kill()
	cmd.Wait()
}

// Whatever a process has made on a server when it is killed, the next one takes away, also what it was making.
func TestTheNextTakesAwayWhatTheKilledLeft(t *testing.T) {
	both(t, func(t *testing.T, server *iristest.Server, home *client.Config, cache string) {
		for _, moment := range []string{"opened", "Customer"} {
			killed(t, moment, cache, small(t), "", home.Address, home.User, home.Password)
			if left := written(t, cache); len(left) == 0 {
				t.Fatalf("%s: nothing is written down", moment)
			}
			m, heard := maker(t, open(t, cache), home)
			mustClose(t, mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}}))
			if !heard.has("the sandbox of a test ü") || !heard.has("ü… was removed: the process that made it was ended") {
				t.Errorf("%s: said %q", moment, heard.lines)
			}
			nothingLeft(t, server, cache)
		}
	})
}

// At whichever request a process is killed, the next one takes away what it was making.
func TestKilledAtAnyRequest(t *testing.T) {
	both(t, func(t *testing.T, server *iristest.Server, home *client.Config, cache string) {
		fixture := small(t)
		step := int64(16)
		if os.Getenv("IRISFIX_TEST_LONG") != "" {
			step = 1
		}
		for n := int64(4); n < 100; n += step { // opening takes about as many
			killedAt(t, server, n, cache, fixture, "", home.Address, home.User, home.Password)
			m, _ := maker(t, open(t, cache), home)
			mustClose(t, mustOpen(t, m, sandbox.Request{Fixtures: []string{fixture}}))
			nothingLeft(t, server, cache)
			if t.Failed() {
				t.Fatalf("killed at request %d", n)
			}
		}
	})
}

// What another account, or another server, has to be asked for is left to those who can.
func TestWhatIsOnAnotherServerIsLeftThere(t *testing.T) {
	server, other, cache := startServer(t), startServer(t), t.TempDir()
	home := config(server, "plain")
	killed(t, "opened", cache, small(t), "", home.Address, home.User, home.Password)
	for _, home := range []*client.Config{config(server, ""), config(other, "plain")} {
		m, heard := maker(t, open(t, cache), home)
		mustClose(t, mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}}))
		if len(heard.lines) > 0 || len(written(t, cache)) == 0 {
			t.Errorf("%s: %q", home, heard.lines)
		}
	}
}

// What is in use cannot be taken away; it stays written down, and the next process tries again.
func TestWhatCannotBeTakenAwayStaysWrittenDown(t *testing.T) {
	server, cache := startServer(t), t.TempDir()
	home := config(server, "")
	killed(t, "opened", cache, small(t), "", home.Address, home.User, home.Password)
	name := written(t, cache)[0]
	user := *home
	user.Namespace = name
	c, err := client.Connect(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m, heard := maker(t, open(t, cache), home)
	mustClose(t, mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}}))
	if !heard.has(name + ": left by a process that was ended, and cannot be removed now") {
		t.Errorf("said %q", heard.lines)
	}
	c.Close()
	mustClose(t, mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}}))
	if !server.System().HasNamespace(name) {
		t.Error("the same process tried again")
	}
	next, _ := maker(t, open(t, cache), home)
	mustClose(t, mustOpen(t, next, sandbox.Request{Fixtures: []string{shop}}))
	nothingLeft(t, server, cache)
}

// Wherever a process is killed while it loads or keeps a template, the next one gets a whole database.
func TestKilledMakersOfTemplates(t *testing.T) {
	for i, moment := range []string{"category", "order_line", "opened", "customer"} {
		cache, dir := t.TempDir(), t.TempDir()
		killed(t, moment, cache, shop, dir, "", "", "")
		m, _ := maker(t, open(t, cache), nil)
		s := mustOpen(t, m, sandbox.Request{Fixtures: []string{shop}, Dir: dir})
		if sqliteValue(t, s.Path, "PRAGMA integrity_check") != "ok" || sqliteValue(t, s.Path, `SELECT count(*) FROM "IrisFix.Loads" l WHERE fixture_id = 'shop'`) == "0" {
			t.Errorf("%d: not whole", i)
		}
	}
}
