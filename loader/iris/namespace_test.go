package iris_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
)

func problem(err error) iris.Problem {
	var e *iris.NamespaceError
	if errors.As(err, &e) {
		return e.Problem
	}
	return iris.Problem(fmt.Sprint(err))
}

func TestANamespaceOfOurs(t *testing.T) {
	s := iristest.New(t)
	home := configOf(t, s)
	run(t, home, family...)
	dir := mustCreate(t, home)
	made, err := iris.CreateNamespace(t.Context(), home, "Fix1")
	if err != nil || !made {
		t.Fatal(made, err)
	}
	cfg := home
	cfg.Namespace = "FIX1"
	mustLoad(t, cfg, dir)
	if was, is := content(t, home), content(t, cfg); was == "" || is == "" {
		t.Errorf("was\n%s\nis\n%s", was, is)
	}
	if made, err := iris.CreateNamespace(t.Context(), home, "FIX1"); err != nil || made {
		t.Errorf("once more: %v, %v", made, err)
	}
	if taken := mustCreate(t, cfg); digestOf(t, taken) == digestOf(t, dir) {
		t.Error("a fixture does not say which namespace it is of")
	}
	if err := iris.DropNamespace(t.Context(), home, "FIX1"); err != nil {
		t.Error(err)
	}
	if s.System().HasNamespace("FIX1") {
		t.Error("it is still there")
	}
	if got := problem(iris.DropNamespace(t.Context(), home, "FIX1")); got != iris.Absent {
		t.Errorf("a second time: %v", got)
	}
}

func TestANamespaceOfOthersIsLeftAlone(t *testing.T) {
	s := iristest.New(t)
	home := configOf(t, s)
	run(t, home, `CREATE DATABASE THEIRS`)
	for _, name := range []string{"THEIRS", "USER"} {
		if _, err := iris.CreateNamespace(t.Context(), home, name); problem(err) != iris.Foreign {
			t.Errorf("making %s: %v", name, err)
		}
		if err := iris.DropNamespace(t.Context(), home, name); problem(err) != iris.Foreign {
			t.Errorf("dropping %s: %v", name, err)
		}
	}
	for _, name := range []string{"", "a-b", "_x", "a$", `a"; DROP DATABASE "USER`, "x123456789012345678901234567890123456789012345678901234567890123"} {
		if _, err := iris.CreateNamespace(t.Context(), home, name); problem(err) != iris.BadName {
			t.Errorf("making %q: %v", name, err)
		}
		if err := iris.DropNamespace(t.Context(), home, name); problem(err) != iris.BadName {
			t.Errorf("dropping %q: %v", name, err)
		}
	}
	if !s.System().HasNamespace("THEIRS") {
		t.Error("it was dropped")
	}
}

// What a killed process had made and not marked yet can go, and nothing that holds a table.
func TestAnUnmarkedNamespaceWithoutTables(t *testing.T) {
	s := iristest.New(t)
	home := configOf(t, s)
	run(t, home, `CREATE DATABASE BARE`, `CREATE DATABASE HALF`, `CREATE DATABASE THEIRS`)
	half, theirs := home, home
	half.Namespace, theirs.Namespace = "HALF", "THEIRS"
	run(t, half, `CREATE TABLE IrisFix.Namespaces (namespace VARCHAR(64) NOT NULL, made_at VARCHAR(40) NOT NULL)`)
	run(t, theirs, `CREATE TABLE T (id INTEGER)`)
	for name, want := range map[string]iris.Problem{"BARE": "<nil>", "HALF": "<nil>", "THEIRS": iris.Foreign, "ABSENT": iris.Absent, "a-b": iris.BadName} {
		if got := problem(iris.DropUnmarked(t.Context(), home, name)); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if s.System().HasNamespace("BARE") || s.System().HasNamespace("HALF") || !s.System().HasNamespace("THEIRS") {
		t.Error(s.System().Namespaces())
	}
}

// A namespace is dropped as soon as nobody uses it; who waits no longer is told.
func TestANamespaceInUseIsWaitedFor(t *testing.T) {
	home := configOf(t, iristest.New(t))
	if _, err := iris.CreateNamespace(t.Context(), home, "FIX"); err != nil {
		t.Fatal(err)
	}
	cfg := home
	cfg.Namespace = "FIX"
	c, err := client.Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	err = iris.DropNamespace(ctx, home, "FIX")
	if err == nil {
		t.Skip("the server drops a namespace that is in use") // no document says that it does not
	}
	if problem(err) != iris.InUse || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- iris.DropNamespace(t.Context(), home, "FIX") }()
	c.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A namespace that cannot be marked is not left behind.
func TestANamespaceThatCannotBeMarkedIsDroppedAgain(t *testing.T) {
	s := iristest.New(t)
	home := configOf(t, s)
	s.Play(func(m iristest.Moment) iristest.Action {
		if m.Conn == 2 && m.Code == "CN" && m.Phase == iristest.Arrived {
			return iristest.Fail(417, "Access Denied")
		}
		return iristest.Action{}
	})
	var refused *client.LoginError
	if _, err := iris.CreateNamespace(t.Context(), home, "FIX"); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	if s.System().HasNamespace("FIX") {
		t.Error("it is still there")
	}
}
