package settings

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/internal/parallel"
)

// nothing is an environment without variables.
func nothing(string) string { return "" }

func TestWhatACancelledSearchSawIsNotRemembered(t *testing.T) {
	e := New(nothing)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.runOnce(ctx, "go", "version"); err == nil {
		t.Fatal("a program ran in a context that had ended")
	}
	out, err := e.runOnce(t.Context(), "go", "version")
	if err != nil || len(out) == 0 {
		t.Fatalf("%q, %v", out, err)
	}
}

func TestProgramsAreAskedOnce(t *testing.T) {
	e := New(nothing)
	outs := make([][]byte, 8)
	err := parallel.ForEach(t.Context(), len(outs), len(outs), func(ctx context.Context, i int) (err error) {
		outs[i], err = e.runOnce(ctx, "go", "env", "GOVERSION")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range outs {
		if len(out) == 0 || &out[0] != &outs[0][0] {
			t.Error("an answer is not the one that was remembered")
		}
	}
}

func TestSwitches(t *testing.T) {
	for value, want := range map[string]bool{"": false, "0": false, "false": false, "1": true, "true": true} {
		on, err := New(func(string) string { return value }).Switch("IRISFIX_OFFLINE")
		if err != nil || on != want {
			t.Errorf("%q: %v, %v", value, on, err)
		}
	}
	_, err := New(func(string) string { return "yes" }).Switch("IRISFIX_OFFLINE")
	if usage, ok := errors.AsType[*UsageError](err); !ok || usage.Reason != "IRISFIX_OFFLINE is neither 1 nor 0: yes" {
		t.Error(err)
	}
}

func TestOnWhatDatabasesForTestsAreMade(t *testing.T) {
	const url = "iris://ada@db:1972/APP"
	for _, c := range []struct {
		arg, target, host string
		want, from        string // the kind, and where a URL was found
	}{
		{"", "", "", SQLite, ""},
		{"", "", "db", IRIS, ""},
		{"", "sqlite:app.db", "db", SQLite, ""},
		{"", "sqlite", "db", SQLite, ""},
		{"", url, "", IRIS, "IRISFIX_TARGET"},
		{"", "iris", "", IRIS, ""},
		{"sqlite", url, "db", SQLite, ""},
		{"iris", "", "", IRIS, ""},
		{"iris", url, "", IRIS, "IRISFIX_TARGET"},
		{"iris", "sqlite:app.db", "", IRIS, ""},
		{url, "iris://other:1972/X", "", IRIS, "--to"},
	} {
		env := map[string]string{"IRISFIX_TARGET": c.target, "IRIS_HOST": c.host}
		got, err := New(func(name string) string { return env[name] }).TestTarget("--to", c.arg)
		from := ""
		if len(got.Given) > 0 {
			from = got.Given[0].From
		}
		if err != nil || got.Kind != c.want || from != c.from {
			t.Errorf("%q with %v: %s from %q, %v; want %s from %q", c.arg, env, got.Kind, from, err, c.want, c.from)
		}
	}
	for _, bad := range []string{"sqlite:app.db", "dir:x", "iris://u:secret@h:port/X", "x"} {
		_, err := New(nothing).TestTarget("--to", bad)
		if _, ok := errors.AsType[*UsageError](err); !ok || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
