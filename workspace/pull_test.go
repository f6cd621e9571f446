package workspace_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/workspace"
)

// The promise for CI: with a pin and a warm cache nobody is asked, by no command that reads, in any mode.
func TestWithAPinAndAWarmCacheNoSocketIsOpened(t *testing.T) {
	at, warm := host(t), filepath.Join(t.TempDir(), "cache")
	w, dir := open(t, caching(warm))
	push(t, w, at+"/acme/orders:1", "orders", "a")
	pin(t, w, "orders", at+"/acme/orders:1")
	if _, err := w.Pull(t.Context(), nil, workspace.PullOptions{}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	for name, mode := range map[string]func(*workspace.Options){"plain": func(*workspace.Options) {}, "frozen": frozen, "offline": offline} {
		t.Run(name, func(t *testing.T) {
			w, _ := open(t, in(dir), caching(warm), silent(t), mode)
			out := filepath.Join(t.TempDir(), "out")
			list, err := w.Pull(t.Context(), nil, workspace.PullOptions{Output: out})
			if err != nil || len(list) != 1 || list[0].Fetched != 0 || list[0].Path != filepath.Join(out, "orders") {
				t.Errorf("pull: %+v %v", list, err)
			}
			f, err := w.Fixture(t.Context(), "orders")
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Verify(t.Context()); err != nil { // as loading begins
				t.Errorf("verify: %v", err)
			}
			if _, _, err := w.ListCache(t.Context()); err != nil {
				t.Error(err)
			}
			if n := w.Client().Requests(); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestOfflineAnswersFromMemoryOrNotAtAll(t *testing.T) {
	at, warm := host(t), filepath.Join(t.TempDir(), "cache")
	w, _ := open(t, caching(warm))
	ref := at + "/acme/orders:1"
	digest := push(t, w, ref, "orders", "a")
	if _, err := w.Look(t.Context(), ref); err != nil { // the manifest only
		t.Fatal(err)
	}
	off, _ := open(t, caching(warm), offline, silent(t))
	f, err := off.Look(t.Context(), ref)
	if err != nil || f.Digest.String() != digest || time.Since(f.Remembered) > time.Hour || f.Remembered.IsZero() {
		t.Errorf("remembered: %+v %v", f, err)
	}
	for what, err := range map[string]error{
		"a layer that is missing": failing(off.Fixture(t.Context(), ref)), "a tag that is not remembered": failing(off.Look(t.Context(), at+"/acme/orders:2")),
		"a digest that is not there": failing(off.Look(t.Context(), at+"/acme/orders@"+someDigest)), "a pin": failing(off.Pin(t.Context(), "orders", ref)),
		"tags": failing(off.ListTags(t.Context(), at+"/acme/orders")),
	} {
		if !errors.Is(err, registry.ErrOffline) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestPullPutsFixturesWhereTheyBelong(t *testing.T) {
	at := host(t)
	w, dir := open(t)
	push(t, w, at+"/acme/orders:1", "orders-id", "a")
	push(t, w, at+"/acme/users:1", "users-id", "b")
	pin(t, w, "orders", at+"/acme/orders:1")
	pin(t, w, "users", at+"/acme/users:1")
	pulled := func(o workspace.PullOptions, args ...string) string {
		t.Helper()
		list, err := w.Pull(t.Context(), args, o)
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, p := range list {
			rel, _ := filepath.Rel(dir, p.Path)
			paths = append(paths, p.Name+"="+rel)
			if f, err := bundle.OpenDir(p.Path, bundle.Options{}); err != nil {
				t.Error(err)
			} else if err := f.Verify(t.Context()); err != nil {
				t.Error(err)
			}
		}
		return strings.Join(paths, " ")
	}
	for _, tt := range []struct {
		out  string
		args []string
		want string
	}{
		{"one", []string{"orders"}, "orders=one"},
		{"by-reference", []string{at + "/acme/orders:1"}, "orders-id=by-reference"},
		{"several", []string{"users", at + "/acme/orders:1"}, "users=several/users orders-id=several/orders-id"},
		{"all", nil, "orders=all/orders users=all/users"},
		{"all", nil, "orders=all/orders users=all/users"}, // nothing is in the way the second time
	} {
		if got := pulled(workspace.PullOptions{Output: tt.out}, tt.args...); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.args, got, tt.want)
		}
	}
	if _, err := w.Pull(t.Context(), []string{"orders", "orders"}, workspace.PullOptions{Output: "twice"}); !errors.As(err, new(*workspace.ArgumentError)) {
		t.Errorf("twice: %v", err)
	}
	if _, err := w.Pull(t.Context(), []string{"./one"}, workspace.PullOptions{}); err == nil || err.Error() != "./one: a directory: there is nothing to pull" {
		t.Errorf("a directory: %v", err)
	}
	// What somebody wrote is in the way; what we wrote and is older is not.
	file := filepath.Join(dir, "one", "T.dat")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pull(t.Context(), []string{"orders"}, workspace.PullOptions{Output: "one"}); !errors.As(err, new(*bundle.OccupiedError)) {
		t.Errorf("a changed file: %v", err)
	}
	if data, _ := os.ReadFile(file); string(data) != "mine" {
		t.Error("it was overwritten")
	}
	if got := pulled(workspace.PullOptions{Output: "one", Force: true}, "orders"); got != "orders=one" {
		t.Errorf("forced: %s", got)
	}
	push(t, w, at+"/acme/orders:1", "orders-id", "a", "newer")
	pin(t, w, "orders", "")
	if got := pulled(workspace.PullOptions{Output: "one"}, "orders"); got != "orders=one" {
		t.Errorf("a newer version: %s", got)
	}
}

func TestALayoutIsReadThroughTheCache(t *testing.T) {
	at := host(t)
	w, dir := open(t)
	digest := push(t, w, at+"/acme/orders:1", "orders", "a")
	from, err := registry.ParseEndpoint(at + "/acme/orders:1")
	if err != nil {
		t.Fatal(err)
	}
	to, err := registry.ParseEndpoint("oci-layout:" + filepath.Join(dir, "layout") + ":1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Client().Copy(t.Context(), from, to, registry.CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	off, _ := open(t, in(dir), offline, silent(t))
	f, err := off.Fixture(t.Context(), "oci-layout:layout:1")
	if err != nil || f.Digest.String() != digest || f.Reference() != "" {
		t.Fatalf("%+v %v", f, err)
	}
	if err := f.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	list, err := off.Pull(t.Context(), []string{"oci-layout:layout:1"}, workspace.PullOptions{Output: "out"})
	if err != nil || list[0].Name != "orders" || list[0].Path != filepath.Join(dir, "out") {
		t.Errorf("%+v %v", list, err)
	}
}
