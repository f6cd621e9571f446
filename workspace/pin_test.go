package workspace_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/workspace"
)

func TestPinUnpinAndTagsThatMove(t *testing.T) {
	at := host(t)
	w, dir := open(t)
	ref := at + "/acme/orders:1"
	first := push(t, w, ref, "orders", "a")
	if p := pin(t, w, "orders", ref); !p.Changed || p.Previous != "" || p.Reference != ref+"@"+first || p.Digest.String() != first {
		t.Errorf("new: %+v", p)
	}
	if p := pin(t, w, "orders", ""); p.Changed || p.Previous.String() != first {
		t.Errorf("again: %+v", p)
	}
	if all, err := w.CheckPins(t.Context()); err != nil || len(all) != 1 || all[0].Changed {
		t.Errorf("check: %+v %v", all, err)
	}
	key, err := w.CacheKey()
	if err != nil {
		t.Fatal(err)
	}

	second := push(t, w, ref, "orders", "a", "b")
	all, err := w.CheckPins(t.Context(), "orders")
	var moved *workspace.MovedError
	if !errors.As(err, &moved) || len(all) != 1 || len(moved.Pins) != 1 || moved.Pins[0].Digest.String() != second || moved.Pins[0].Previous.String() != first {
		t.Errorf("moved: %+v %v", all, err)
	}
	// What is pinned stays what it is until it is pinned again.
	if f, err := w.Fixture(t.Context(), "orders"); err != nil || f.Digest.String() != first {
		t.Errorf("pinned: %v", err)
	}
	if f, err := w.Fixture(t.Context(), ref); err != nil || f.Digest.String() != second {
		t.Errorf("by its tag: %v", err)
	}
	if p := pin(t, w, "orders", ""); !p.Changed || p.Previous.String() != first || p.Digest.String() != second {
		t.Errorf("pinned again: %+v", p)
	}
	if other, err := w.CacheKey(); err != nil || other == key || !strings.HasPrefix(other, "irisfix-v1-") {
		t.Errorf("the key was %s, is %s, %v", key, other, err)
	}
	// A pin by digest alone has no tag that could move.
	pin(t, w, "exact", at+"/acme/orders@"+first)
	if all, err := w.CheckPins(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%+v %v", all, err)
	}
	data, _ := os.ReadFile(filepath.Join(dir, "irisfix.lock"))
	want := fmt.Sprintf("{\n  \"version\": 1,\n  \"fixtures\": {\n    \"exact\": %q,\n    \"orders\": %q\n  }\n}\n", at+"/acme/orders@"+first, ref+"@"+second)
	if string(data) != want {
		t.Errorf("got\n%swant\n%s", data, want)
	}

	if p, err := w.Unpin(t.Context(), "orders"); err != nil || p.Previous.String() != second || p.Reference != "" {
		t.Errorf("unpin: %+v %v", p, err)
	}
	for name, err := range map[string]error{
		"ordres": failing(w.Unpin(t.Context(), "ordres")), "exat": failing(w.Pin(t.Context(), "exat", "")), "gone": failing(w.CheckPins(t.Context(), "gone")),
	} {
		if !errors.As(err, new(*workspace.NotFoundError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"", "a b", "-x", "a/b", strings.Repeat("x", 129)} {
		if _, err := w.Pin(t.Context(), bad, ref); !errors.As(err, new(*workspace.ArgumentError)) {
			t.Errorf("name %q: %v", bad, err)
		}
	}
	if _, err := w.Pin(t.Context(), "none", at+"/acme/orders:9"); !errors.Is(err, errdef.ErrNotFound) {
		t.Errorf("a tag that is not there: %v", err)
	}
	lock(t, filepath.Join(dir, "irisfix.lock"), "lost", at+"/acme/orders:9@"+first)
	if all, err := w.CheckPins(t.Context()); !errors.As(err, &moved) || all[0].Digest != "" || !all[0].Changed {
		t.Errorf("a tag that is gone: %+v %v", all, err)
	}
}

func TestNothingPinned(t *testing.T) {
	w, dir := open(t)
	for range 2 {
		for _, err := range []error{failing(w.Pull(t.Context(), nil, workspace.PullOptions{})), failing(w.CheckPins(t.Context())), failing(w.CacheKey())} {
			if !errors.As(err, new(*workspace.NoPinsError)) {
				t.Errorf("got %v", err)
			}
		}
		lock(t, filepath.Join(dir, "irisfix.lock"))
	}
}
