package sandbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/sandbox"
	"github.com/irisfix/irisfix/workspace"
)

// keepOne opens a sandbox in which a table of the test refers to one of the fixture, and keeps it.
func keepOne(t *testing.T, home *client.Config, cache string) (name, schema string) {
	t.Helper()
	m, _ := maker(t, open(t, cache), home)
	s := mustOpen(t, m, sandbox.Request{Fixtures: []string{small(t)}, Keep: true})
	schema = "SQLUser"
	if s.Schemas != nil {
		schema = s.Schemas[""]
	}
	irisExec(t, s.Server, "CREATE TABLE "+schema+".mine (id INTEGER PRIMARY KEY, other INTEGER, FOREIGN KEY (other) REFERENCES "+schema+".loose (id))")
	mustClose(t, s)
	return s.Name, schema
}

// Any machine can remove what was kept, with all that a test made there and nothing else, and is told if it is gone.
func TestAKeptSandboxIsRemovedByItsName(t *testing.T) {
	both(t, func(t *testing.T, server *iristest.Server, home *client.Config, cache string) {
		name, _ := keepOne(t, home, cache)
		other, schema := keepOne(t, home, cache)
		m, heard := maker(t, open(t, ""), home)
		if err := m.Remove(t.Context(), name); err != nil || len(heard.lines) > 0 {
			t.Errorf("%v, said: %q", err, heard.lines)
		}
		there := *home
		if schema == "SQLUser" {
			there.Namespace = other
		}
		if n := irisValue(t, there, "SELECT COUNT(*) FROM "+schema+".loose"); n != "1" {
			t.Errorf("of another sandbox: %s", n)
		}
		if err := m.Remove(t.Context(), name); !isA[*loader.NotLoadedError](err) {
			t.Errorf("once more: %v", err)
		}
		m, _ = maker(t, open(t, ""), &there) // as the test of the other knew it
		if err := m.Remove(t.Context(), other); err != nil {
			t.Error(err)
		}
		nothingLeft(t, server, cache)
	})
}

// Tables that somebody has dropped by hand leave a record, which goes too.
func TestWhatWasDroppedByHandIsForgotten(t *testing.T) {
	server, cache := startServer(t), t.TempDir()
	home := config(server, "plain")
	name, schema := keepOne(t, home, cache)
	irisExec(t, *home, "DROP SCHEMA "+schema+" CASCADE", "DROP SCHEMA "+strings.Replace(schema, "SQLUser", "Shop", 1)+" CASCADE")
	m, _ := maker(t, open(t, cache), home)
	if err := m.Remove(t.Context(), name); err != nil {
		t.Error(err)
	}
	nothingLeft(t, server, cache)
}

// Where the account may not drop schemas, a table that a test has made stays, which is no success.
func TestWhatCannotBeRemovedIsTold(t *testing.T) {
	server, cache := startServer(t), t.TempDir()
	home := config(server, "plain")
	name, schema := keepOne(t, home, cache)
	server.Play(func(m iristest.Moment) iristest.Action {
		if m.Phase == iristest.Arrived && strings.HasPrefix(m.SQL, "DROP SCHEMA") {
			return iristest.Fail(99, "Privilege violation")
		}
		return iristest.Action{}
	})
	irisExec(t, *home, "DROP TABLE "+schema+".mine", "CREATE TABLE "+schema+".mine (id INTEGER)")
	m, _ := maker(t, open(t, cache), home)
	err := m.Remove(t.Context(), name)
	var conflict *loader.ConflictError
	if !errors.As(err, &conflict) || len(conflict.Conflicts) != 1 || conflict.Conflicts[0].Table != schema {
		t.Errorf("%v", err)
	}
	if n := irisValue(t, *home, "SELECT COUNT(*) FROM IrisFix.Loads"); n != "0" {
		t.Errorf("%s loads are still recorded", n)
	}
}

// Nothing is removed by a name that no sandbox can have, or that something else has.
func TestOnlySandboxesAreRemoved(t *testing.T) {
	server := startServer(t)
	home := config(server, "")
	irisExec(t, *home, "CREATE DATABASE THEIRS", "CREATE DATABASE IFXAAAAAAAAB", "CREATE TABLE Theirs.T (id INTEGER)", "CREATE TABLE IFXAAAAAAAABX.T (id INTEGER)")
	theirs := *home
	theirs.Namespace = "IFXAAAAAAAAB"
	irisExec(t, theirs, "CREATE TABLE T (id INTEGER)")
	m, _ := maker(t, open(t, ""), home)
	for _, name := range []string{"THEIRS", "Theirs", "USER", "IFX", "", "ifxaaaaaaaab"} {
		if err := m.Remove(t.Context(), name); !isA[*workspace.ArgumentError](err) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := m.Remove(t.Context(), "IFXAAAAAAAAB"); err == nil || isA[*loader.NotLoadedError](err) {
		t.Errorf("a namespace with tables and no mark: %v", err)
	}
	if !server.System().HasNamespace("THEIRS") || !server.System().HasNamespace("IFXAAAAAAAAB") || irisValue(t, *home, tables) != "2" {
		t.Error("something was dropped that is not ours")
	}
	m, _ = maker(t, open(t, ""), nil)
	if err := m.Remove(t.Context(), "shop-aaaaaaaa"); !isA[*workspace.ArgumentError](err) {
		t.Errorf("SQLite: %v", err)
	}
}
