package sandbox_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/sandbox"
)

// tables is how many tables there are in the home namespace that are not irisfix's own.
const tables = `SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA <> 'IrisFix'`

// nothingLeft holds that server and journal are as they were.
func nothingLeft(t *testing.T, s *iristest.Server, cache string) {
	t.Helper()
	for _, name := range s.System().Namespaces() {
		if strings.HasPrefix(name, "IFX") {
			t.Errorf("the namespace %s is still there", name)
		}
	}
	if n := irisValue(t, *config(s, ""), tables); n != "0" {
		t.Errorf("%s tables are still there", n)
	}
	if n := irisValue(t, *config(s, ""), `SELECT COUNT(*) FROM IrisFix.Loads`); n != "0" && !strings.Contains(n, "not found") {
		t.Errorf("%s loads are still recorded", n)
	}
	if left := written(t, cache); len(left) > 0 {
		t.Errorf("still written down: %s", left)
	}
}

// written are the sandboxes that are written down.
func written(t *testing.T, cache string) (list []string) {
	for name := range strings.FieldsSeq(names(t, filepath.Join(cache, "sandboxes"))) {
		if name, ok := strings.CutSuffix(name, ".json"); ok {
			list = append(list, name)
		}
	}
	return list
}

// both runs a test with an account that may make namespaces and one that may not.
func both(t *testing.T, test func(t *testing.T, s *iristest.Server, home *client.Config, cache string)) {
	for name, user := range map[string]string{"namespaces": "", "schemas": "plain"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			test(t, s, config(s, user), t.TempDir())
		})
	}
}

// rows counts the rows of a table without schema where the sandbox has it.
func rows(t *testing.T, s *sandbox.Sandbox, table string) string {
	t.Helper()
	schema := "SQLUser"
	if s.Schemas != nil {
		schema = s.Schemas[""]
	}
	return irisValue(t, s.Server, "SELECT COUNT(*) FROM "+schema+"."+table)
}

func TestEachTestHasAPlaceOfItsOwnOnAServer(t *testing.T) {
	both(t, func(t *testing.T, server *iristest.Server, home *client.Config, cache string) {
		m, heard := maker(t, open(t, cache), home)
		if m.Target() != home.String() {
			t.Error(m.Target())
		}
		first := mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}})
		second := mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}})
		was := rows(t, first, "loose")
		irisExec(t, second.Server, "DELETE FROM "+map[bool]string{true: "SQLUser", false: second.Schemas[""]}[second.Schemas == nil]+".loose")
		if rows(t, second, "loose") != "0" || rows(t, first, "loose") == "0" {
			t.Errorf("rows: %s and %s", rows(t, first, "loose"), rows(t, second, "loose"))
		}
		mustClose(t, second)
		if is := rows(t, first, "loose"); is != was || first.Name == second.Name {
			t.Errorf("%s before the other was closed, %s afterwards", was, is)
		}
		mustClose(t, first)
		nothingLeft(t, server, cache)
		if len(heard.lines) > 0 {
			t.Errorf("said: %q", heard.lines)
		}
	})
}

func TestWhereTheTablesAre(t *testing.T) {
	server := startServer(t)
	m, _ := maker(t, open(t, ""), config(server, ""))
	fixture := small(t)
	s := mustOpen(t, m, sandbox.Request{Fixtures: []string{fixture}, Dir: t.TempDir()})
	if s.Namespace != s.Name || s.Schemas != nil || s.Server.Namespace != s.Name || s.Target != "iris://_SYSTEM@"+server.Addr()+"/"+s.Name || s.Path != "" {
		t.Errorf("a namespace: %+v", s)
	}
	if n := irisValue(t, s.Server, "SELECT COUNT(*) FROM Shop.Orders"); n != "3" {
		t.Errorf("orders: %s", n)
	}
	m, _ = maker(t, open(t, ""), config(server, "plain"))
	s = mustOpen(t, m, sandbox.Request{Fixtures: []string{fixture}})
	if n := irisValue(t, s.Server, "SELECT COUNT(*) FROM "+s.Schemas["Shop"]+".Orders"); n != "3" {
		t.Errorf("orders: %s", n)
	}
	if s.Namespace != "USER" || s.Schemas[""] != s.Name+"_SQLUser" || s.Schemas["Shop"] != s.Name+"_Shop" || len(s.Schemas) != 2 || s.Target != "iris://plain@"+server.Addr()+"/USER" {
		t.Errorf("schemas: %+v", s)
	}
}

// What a test makes beside its fixtures goes too, also what refers to them.
func TestWhatATestMadeGoesWithItsSandbox(t *testing.T) {
	both(t, func(t *testing.T, server *iristest.Server, home *client.Config, cache string) {
		m, _ := maker(t, open(t, cache), home)
		s := mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}})
		schema := "SQLUser"
		if s.Schemas != nil {
			schema = s.Schemas[""]
		}
		irisExec(t, s.Server, "CREATE TABLE "+schema+".mine (id INTEGER PRIMARY KEY, other INTEGER, FOREIGN KEY (other) REFERENCES "+schema+".loose (id))")
		mustClose(t, s)
		nothingLeft(t, server, cache)
	})
}

// Many tests at once, in several processes of an account that may not make namespaces, share one record of loads.
func TestManyAtOnceOnAServer(t *testing.T) {
	both(t, func(t *testing.T, server *iristest.Server, home *client.Config, cache string) {
		fixture := small(t)
		err := parallel.ForEach(t.Context(), 4, 4, func(ctx context.Context, _ int) error {
			m, _ := maker(t, open(t, cache), home)
			return parallel.ForEach(ctx, 3, 6, func(ctx context.Context, _ int) error {
				s, err := m.Open(ctx, sandbox.Request{Fixtures: []string{fixture}})
				if err != nil {
					return err
				}
				if n := rows(t, s, "loose"); n != "1" {
					err = errors.New(n)
				}
				return errors.Join(err, s.Close(ctx))
			})
		})
		if err != nil {
			t.Error(err)
		}
		nothingLeft(t, server, cache)
	})
}

func TestAKeptPlaceOnAServerStays(t *testing.T) {
	both(t, func(t *testing.T, server *iristest.Server, home *client.Config, cache string) {
		m, _ := maker(t, open(t, cache), home)
		s := mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}, Keep: true})
		mustClose(t, s)
		next, heard := maker(t, open(t, cache), home)
		mustClose(t, mustOpen(t, next, sandbox.Request{Fixtures: []string{small(t)}}))
		if n := rows(t, s, "loose"); n == "0" || strings.Contains(n, "SQLCODE") || len(heard.lines) > 0 {
			t.Errorf("%s rows, said: %q", n, heard.lines)
		}
		if left := names(t, filepath.Join(cache, "sandboxes")); left != "" {
			t.Errorf("written down: %s", left)
		}
	})
}

// A load that fails leaves nothing.
func TestAFailedLoadLeavesNothingOnAServer(t *testing.T) {
	both(t, func(t *testing.T, server *iristest.Server, home *client.Config, cache string) {
		m, _ := maker(t, open(t, cache), home)
		_, err := m.Open(t.Context(), sandbox.Request{Fixtures: []string{small(t), types}}) // of which IRIS cannot hold a value
		var one *sandbox.FixtureError
		if !isA[*loader.ConflictError](err) || !errors.As(err, &one) || one.Argument != types {
			t.Error(err)
		}
		nothingLeft(t, server, cache)
	})
}

// A server that is not there, or refuses the login, is told as such, and nothing is written down.
func TestAServerThatCannotBeUsed(t *testing.T) {
	server := startServer(t)
	wrong := config(server, "")
	wrong.Password = "wrong"
	nobody := config(server, "")
	nobody.Address = "127.0.0.1:1"
	for _, home := range []*client.Config{wrong, nobody} {
		cache := t.TempDir()
		m, _ := maker(t, open(t, cache), home)
		if _, err := m.Open(t.Context(), sandbox.Request{Fixtures: []string{small(t)}}); !isA[*loader.ConnectError](err) {
			t.Errorf("%T %v", err, err)
		}
		if _, err := os.Stat(filepath.Join(cache, "sandboxes")); err == nil {
			t.Errorf("written down: %s", names(t, filepath.Join(cache, "sandboxes")))
		}
	}
}

// What is written down has no password, and says whose it is.
func TestWhatIsWrittenDown(t *testing.T) {
	server, cache := startServer(t), t.TempDir()
	home := config(server, "plain")
	home.Password = "secret"
	m, _ := maker(t, open(t, cache), home)
	s := mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}, Label: "test_orders.py::test_total"})
	data, err := os.ReadFile(filepath.Join(cache, "sandboxes", s.Name+".json"))
	want := `{"server":"iris://plain@` + server.Addr() + `/USER","schemas":["` + s.Name + `_SQLUser","` + s.Name + `_Shop"],"label":"test_orders.py::test_total"}` + "\n"
	if string(data) != want || err != nil {
		t.Errorf("%s, %v, want %s", data, err, want)
	}
}

// Entries that others wrote are not believed: what has not the name of the entry is not touched.
func TestForeignEntriesAreLeftAlone(t *testing.T) {
	server, cache := startServer(t), t.TempDir()
	home := config(server, "")
	irisExec(t, *home, "CREATE TABLE Theirs.Orders (id INTEGER)", "CREATE DATABASE THEIRS", "CREATE DATABASE IFXAAAAAAAAB", "CREATE DATABASE IFXAAAAAAAAE")
	theirs := *home
	theirs.Namespace = "IFXAAAAAAAAB"
	irisExec(t, theirs, "CREATE TABLE T (id INTEGER)")
	dir := filepath.Join(cache, "sandboxes")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const name = "IFXAAAAAAAAA"
	for file, text := range map[string]string{
		name + ".json":        `"namespace":"THEIRS"`,
		"IFXAAAAAAAAC.json":   `"schemas":["Theirs"]`,
		"IFXAAAAAAAAB.json":   `"namespace":"IFXAAAAAAAAB"`, // which has a table and no mark
		"IFXAAAAAAAAE.json":   `"namespace":"IFXAAAAAAAAE"`, // which was about to be marked
		"IFXAAAAAAAAD.json":   `"namespace":`,
		"THEIRS.json":         `"namespace":"THEIRS"`,
		"..IFXAAAAAAAAA.json": `"namespace":"THEIRS"`,
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(`{"server":"`+home.String()+`",`+text+`}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m, _ := maker(t, open(t, cache), home)
	mustClose(t, mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}}))
	if !server.System().HasNamespace("THEIRS") || !server.System().HasNamespace("IFXAAAAAAAAB") || irisValue(t, *home, tables) != "1" {
		t.Error("something was dropped that is not ours")
	}
	if server.System().HasNamespace("IFXAAAAAAAAE") {
		t.Error("what was being made is still there")
	}
}

// Others who load into the same namespace are waited for, however often they were faster.
func TestOthersWhoLoadAreWaitedFor(t *testing.T) {
	server, cache := startServer(t), t.TempDir()
	var refused atomic.Int64
	server.Play(func(m iristest.Moment) iristest.Action {
		if m.Phase == iristest.Arrived && strings.HasPrefix(m.SQL, `LOCK TABLE "IrisFix"."Loads" IN EXCLUSIVE`) && refused.Add(1)%3 > 0 {
			return iristest.Fail(110, "Locking conflict in filing")
		}
		return iristest.Action{}
	})
	m, heard := maker(t, open(t, cache), config(server, "plain"))
	s := mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}})
	if n := rows(t, s, "loose"); n != "1" || !heard.has("waiting: others who load into iris://plain@") {
		t.Errorf("%s rows, said %q", n, heard.lines)
	}
	mustClose(t, s)
	if refused.Load() < 6 {
		t.Errorf("refused %d times", refused.Load())
	}
	nothingLeft(t, server, cache)
}

// An account that may make a namespace and not connect to it leaves none, and gets schemas.
func TestANamespaceThatCannotBeUsedIsNone(t *testing.T) {
	server := startServer(t)
	narrow := iristest.New(t, func(o *iristest.Options) {
		o.System, o.Users = server.System(), []iristest.User{{Name: "narrow", Password: "secret", Namespaces: []string{"USER"}}}
	})
	cache := t.TempDir()
	m, _ := maker(t, open(t, cache), config(narrow, "narrow"))
	for range 2 {
		s := mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}})
		if s.Schemas == nil || rows(t, s, "loose") != "1" {
			t.Errorf("%+v", s)
		}
		mustClose(t, s)
	}
	nothingLeft(t, server, cache)
}

// A licence of few connections makes tests wait for each other, and fails none.
func TestFewConnectionsAreShared(t *testing.T) {
	for name, user := range map[string]string{"namespaces": "", "schemas": "plain"} {
		t.Run(name, func(t *testing.T) {
			server, cache, fixture := startServer(t, func(o *iristest.Options) { o.Connections = 3 }), t.TempDir(), small(t)
			err := parallel.ForEach(t.Context(), 4, 4, func(ctx context.Context, _ int) error {
				m, _ := maker(t, open(t, cache), config(server, user))
				s, err := m.Open(ctx, sandbox.Request{Fixtures: []string{fixture}})
				if err == nil {
					err = s.Close(ctx)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			nothingLeft(t, server, cache)
		})
	}
}
