package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/irisfix/irisfix/loader/iris/irisdat/irisdattest"
	"github.com/irisfix/irisfix/testdata"
)

var update = flag.Bool("update", false, "write what is printed into the scripts")

// quickEnd keeps programs under the race detector from sleeping for a second before they end, which they do thousands of
// times here.
const quickEnd = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", quickEnd)
	testscript.Main(m, map[string]func(){"irisfix": main, "sqlite3": sqliteShell, "docker": fake("FAKE_DOCKER"), "iris": fake("FAKE_IRIS")})
}

// sqliteShell is as much of SQLite's own shell as README.md and docs/ use: sqlite3 FILE SQL.
func sqliteShell() {
	c, err := sqlite3.Open(os.Args[1])
	if err == nil {
		err = errors.Join(printRows(os.Stdout, c, os.Args[2], ""), c.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// printRows runs statements and prints their rows, a line each.
func printRows(w io.Writer, c *sqlite3.Conn, sql, null string) error {
	for sql != "" {
		st, tail, err := c.Prepare(sql)
		if err != nil || st == nil { // a comment is no statement
			return err
		}
		for st.Step() {
			cells := make([]string, st.ColumnCount())
			for i := range cells {
				cells[i] = st.ColumnText(i)
				if st.ColumnType(i) == sqlite3.NULL {
					cells[i] = null
				}
			}
			fmt.Fprintln(w, strings.Join(cells, "|"))
		}
		if err := errors.Join(st.Err(), st.Close()); err != nil {
			return err
		}
		sql = strings.TrimSpace(tail)
	}
	return nil
}

// fake is a program of somebody else: it prints the file that a variable names, or fails. What runs on the machine of a
// developer changes no test so.
func fake(variable string) func() {
	return func() {
		out, err := os.ReadFile(os.Getenv(variable))
		os.Stdout.Write(out)
		if err != nil {
			os.Exit(1)
		}
	}
}

// TestScripts runs every command and every class of error as users meet them. The scripts compare whole messages.
func TestScripts(t *testing.T) {
	testscript.Run(t, scripts(t, "testdata/script"))
}

// scripts are the surroundings in which scripts run: no home, no configuration, and a world of their own for a network.
func scripts(t *testing.T, dir string) testscript.Params {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	commands := map[string]func(*testscript.TestScript, bool, []string){
		"exits": exits, "sql": runSQL, "query": query, "flip": flipByte, "cut": cutFile, "artifact": artifact, "attach": attach, "requests": requests, "keys": keys, "mkfifo": mkfifo, "bytes": writeBytes, "await": await, "database": writeDatabase,
		"irisserver": irisServer, "masked": masked, "settled": settled, "named": named, "damage": damage, "ghcr": ghcr, "pointer": pointer,
	}
	maps.Copy(commands, hostileCommands)
	return testscript.Params{
		Dir: dir, UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			w := newWorld(t, e.WorkDir)
			e.Values["world"] = w
			e.Values["here"] = here
			e.Values["remembered"] = map[string]map[string]string{}
			e.Setenv("GORACE", quickEnd)
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("DOCKER_CONFIG", filepath.Join(e.WorkDir, "home", ".docker"))
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, "cache"))
			e.Setenv("HTTPS_PROXY", w.proxy)
			e.Setenv("SSL_CERT_FILE", w.certificate)
			e.Setenv("SOURCE_DATE_EPOCH", "1767225600")
			if err := makeDatabase(filepath.Join(e.WorkDir, "shop.db"), testdata.Shop); err != nil {
				return err
			}
			return makeDatabase(filepath.Join(e.WorkDir, "app.db"), small)
		},
		Cmds: commands,
		Condition: func(c string) (bool, error) {
			switch c {
			case "dev-full":
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", c)
		},
	}
}

// small is a database whose fixtures fit on a screen.
const small = `CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL);
	INSERT INTO customer VALUES (1, 'Ada'), (2, 'Bo'), (3, 'Çelik');
	CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer (id), placed DATE, total DECIMAL(8,2));
	INSERT INTO orders VALUES (10, 1, '2026-01-31', 12.5), (11, 1, NULL, 0), (12, 3, '2026-02-28', 99.99);`

func makeDatabase(path, sql string) error {
	c, err := sqlite3.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(c.Exec(sql), c.Close())
}

// exits CODE COMMAND...: the command ends with this exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// sql FILE STATEMENTS...: changes a database.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(makeDatabase(ts.MkAbs(args[0]), strings.Join(args[1:], ";")))
}

// query FILE SQL: prints the rows of a query.
func query(ts *testscript.TestScript, neg bool, args []string) {
	c, err := sqlite3.OpenFlags(ts.MkAbs(args[0]), sqlite3.OPEN_READONLY)
	ts.Check(err)
	defer c.Close()
	ts.Check(printRows(ts.Stdout(), c, args[1], "NULL"))
}

// flip FILE: changes a bit in the middle.
func flipByte(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.Chmod(ts.MkAbs(args[0]), 0o644))
	ts.Check(flip(ts.MkAbs(args[0])))
}

// cut FILE SIZE: leaves the first bytes of a file, or makes it longer.
func cutFile(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// mkfifo PATH: makes a named pipe, where there are such.
func mkfifo(ts *testscript.TestScript, neg bool, args []string) {
	if runtime.GOOS == "windows" {
		ts.Fatalf("no named pipes on Windows")
	}
	ts.Check(exec.Command("mkfifo", ts.MkAbs(args[0])).Run())
}

// bytes FILE TEXT TIMES: writes a text of Go, with its escapes, so many times.
func writeBytes(ts *testscript.TestScript, neg bool, args []string) {
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, []byte(strings.Repeat(text, n)), 0o644))
}

// database FILE [16k | 64k | big-endian | encrypted | cache | directory=D | resource=R]...: writes a small database file.
func writeDatabase(ts *testscript.TestScript, neg bool, args []string) {
	var s irisdattest.Shape
	for _, arg := range args[1:] {
		switch name, value, _ := strings.Cut(arg, "="); name {
		case "16k":
			s.BlockSize = 16384
		case "64k":
			s.BlockSize = 65536
		case "big-endian":
			s.BigEndian = true
		case "encrypted":
			s.Encrypted = true
		case "cache":
			s.Cache = true
		case "directory":
			s.Directory = value
		case "resource":
			s.Resource = value
		default:
			ts.Fatalf("no such shape: %s", arg)
		}
	}
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o755))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), irisdattest.File(s), 0o644))
}

// await: waits until a request has reached the world.
func await(ts *testscript.TestScript, neg bool, args []string) {
	w := ts.Value("world").(*world)
	for end := time.Now().Add(time.Minute); w.requests.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("no request came")
		}
	}
}

// requests N: so many requests reached the world since the last time, or "any".
func requests(ts *testscript.TestScript, neg bool, args []string) {
	got := ts.Value("world").(*world).requests.Swap(0)
	if args[0] == "any" {
		return
	}
	want, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	if got != want {
		ts.Fatalf("%d requests, want %d", got, want)
	}
}

// keys FILE KEY...: the JSON in a file, or in stdout or stderr, has exactly these keys at its top level; with a dot,
// what is below the key has this one.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(checkKeys([]byte(ts.ReadFile(args[0])), args[1:]))
}
