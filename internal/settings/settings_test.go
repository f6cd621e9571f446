package settings

import (
	"context"
	"errors"
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
