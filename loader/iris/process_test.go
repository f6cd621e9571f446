package iris_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	neturl "net/url"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// TestMain lets the test binary be the process that is killed, or the server.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv("IRISFIX_TEST_LOAD") != "":
		childLoads(os.Getenv("IRISFIX_TEST_LOAD"), os.Getenv("IRISFIX_TEST_TARGET"))
	case os.Getenv("IRISFIX_TEST_SERVER") != "":
		childServes()
	default:
		os.Exit(m.Run())
	}
}

// childLoads loads, unloads and loads again, saying when it begins.
func childLoads(dir, url string) {
	t := &testing.T{}
	cfg, err := configFor(url)
	for err == nil {
		fmt.Println("begin")
		if _, err = load(context.Background(), t, cfg, dir); err == nil {
			err = unload(context.Background(), t, cfg, dir)
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// childServes is a server until its input ends.
func childServes() {
	s, err := iristest.Start(iristest.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.URL())
	io.Copy(io.Discard, os.Stdin)
	s.Close()
}

func configFor(url string) (client.Config, error) {
	u, err := neturl.Parse(url)
	if err != nil {
		return client.Config{}, err
	}
	password, _ := u.User.Password()
	return client.Config{Address: u.Host, Namespace: strings.TrimPrefix(u.Path, "/"), User: u.User.Username(), Password: password}, nil
}

// child starts this binary as something else and returns its first line.
func child(t *testing.T, env ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the child says nothing")
	}
	return cmd, lines.Text()
}

// A process is killed at random instants of loads and unloads. Each time who comes next finds all of it or nothing.
func TestKilledAtAnyInstantTheNamespaceIsWhole(t *testing.T) {
	s := iristest.New(t)
	cfg := configOf(t, s)
	src, err := sqlite.OpenSource(t.Context(), sqliteDatabase(t, `CREATE TABLE "Shop.A" (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE "Shop.B" (id INTEGER PRIMARY KEY, a INTEGER REFERENCES "Shop.A");
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO "Shop.A" SELECT i, 'text ' || i FROM n;
		INSERT INTO "Shop.B" SELECT id, id FROM "Shop.A"`))
	if err != nil {
		t.Fatal(err)
	}
	dir, _, err := create(t, src)
	if err := errors.Join(err, src.Close()); err != nil {
		t.Fatal(err)
	}
	rounds := 20/every + 2
	r := rand.New(rand.NewPCG(2, uint64(rounds)))
	for round := range rounds {
		cmd, first := child(t, "IRISFIX_TEST_LOAD="+dir, "IRISFIX_TEST_TARGET="+s.URL())
		if first != "begin" {
			t.Fatalf("the child says %q", first)
		}
		time.Sleep(time.Duration(r.IntN(400)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		content(t, cfg) // which cleans up
		tables := query(t, cfg, "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'Shop' OR TABLE_NAME %STARTSWITH 'Kept' ORDER BY TABLE_NAME")
		switch tables {
		case "":
		case "A\nB":
			if rows := query(t, cfg, "SELECT COUNT(*) FROM Shop.A") + query(t, cfg, "SELECT COUNT(*) FROM Shop.B") + query(t, cfg, "SELECT COUNT(*) FROM IrisFix.Loads"); rows != "5005002" {
				t.Fatalf("round %d: %s", round, rows)
			}
		default:
			t.Fatalf("round %d: there is %q", round, tables)
		}
		if strings.Contains(query(t, cfg, "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'IrisFix'"), "Intents") {
			if n := query(t, cfg, "SELECT COUNT(*) FROM IrisFix.Intents"); n != "0" {
				t.Fatalf("round %d: %s intents", round, n)
			}
		}
	}
}

// Streams that are larger in all than the memory that they take.
func TestStreamsTakeLittleMemory(t *testing.T) {
	_, url := child(t, "IRISFIX_TEST_SERVER=1")
	cfg, err := configFor(url)
	if err != nil {
		t.Fatal(err)
	}
	path := sqliteDatabase(t, `CREATE TABLE "Shop.Streams" (id INTEGER PRIMARY KEY, pic BLOB);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO "Shop.Streams" SELECT i, randomblob(5000000) FROM n`)
	src, err := sqlite.OpenSource(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	dir, _, err := create(t, src)
	if err := errors.Join(err, src.Close()); err != nil {
		t.Fatal(err)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(20)) // so that what is in use is near to what is needed
	const limit = 220 << 20                          // a few row groups and buffers; the streams are 300 MB
	peak := during(func() { mustLoad(t, cfg, dir) })
	t.Logf("a load takes %d MiB", peak>>20)
	if peak > limit {
		t.Errorf("a load takes %d MiB", peak>>20)
	}
	taken := ""
	if peak := during(func() { taken = mustCreate(t, cfg) }); peak > limit {
		t.Errorf("a creation takes %d MiB", peak>>20)
	}
	if was, is := open(t, dir).Manifest.Tables[0].Checksum, open(t, taken).Manifest.Tables[0].Checksum; was != is {
		t.Errorf("was %s, is %s", was, is)
	}
}

// during is the most memory that is in use at a time while something is done.
func during(do func()) (peak uint64) {
	done, result := make(chan struct{}), make(chan uint64)
	go func() {
		var m runtime.MemStats
		most := uint64(0)
		for {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-done:
				result <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	do()
	close(done)
	return <-result
}
