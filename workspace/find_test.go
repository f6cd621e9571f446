package workspace_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/workspace"
)

func TestWhatAFixtureArgumentMeans(t *testing.T) {
	w, dir := open(t, func(o *workspace.Options) { o.Home = "/home/me" })
	lock(t, filepath.Join(dir, "irisfix.lock"), "orders", "a.example/r:1@"+someDigest, "both", "a.example/both@"+someDigest)
	for _, name := range []string{"both", "folder", "a.example/folder", "oci-layout:x"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ arg, want string }{
		{".", "dir " + dir}, {"./orders", "dir " + filepath.Join(dir, "orders")}, {"../x", "dir " + filepath.Join(filepath.Dir(dir), "x")},
		{"/abs", "dir /abs"}, {`\x`, "dir " + filepath.Join(dir, `\x`)}, {"~", "dir /home/me"}, {"~/x", "dir /home/me/x"}, {"~other/x", "dir " + filepath.Join(dir, "~other/x")},
		{"C:x", "dir " + filepath.Join(dir, "C:x")},
		{"orders", "ref a.example/r:1@" + someDigest + " as orders"},
		{"both", "ref a.example/both@" + someDigest + " as both"}, // the lock file comes before the folder
		{"folder", "dir " + filepath.Join(dir, "folder")},
		{"a.example/folder", "dir " + filepath.Join(dir, "a.example/folder")}, // the folder comes before the reference
		{"oci-layout:x", "dir " + filepath.Join(dir, "oci-layout:x")},
		{"oci-layout:y:v1", "layout oci-layout:" + filepath.Join(dir, "y") + ":v1"},
		{"oci-layout:/y", "layout oci-layout:/y"},
		{"a.example/r:1", "ref a.example/r:1"}, {"localhost/r:1", "ref localhost/r:1"}, {"a.example/r", "ref a.example/r"},
		{"a.example/r@" + someDigest, "ref a.example/r@" + someDigest},
		{"order", "order: neither pinned nor a directory nor a reference [orders] of 2"},
		{"bth", "bth: neither pinned nor a directory nor a reference [both] of 2"},
		{"nothing-like-it", "nothing-like-it: neither pinned nor a directory nor a reference [] of 2"},
		{"", ": neither pinned nor a directory nor a reference [] of 2"},
		{"fixtures/orders", "fixtures/orders: neither pinned nor a directory nor a reference [] of 2"},
		{"a.example/R:1", `"a.example/R:1": `},
	}
	for _, tt := range tests {
		at, err := w.Find(tt.arg)
		var got string
		var none *workspace.NotFoundError
		switch {
		case errors.As(err, &none):
			got = fmt.Sprint(err, " ", none.Nearest, " of ", none.Pins)
		case err != nil:
			got = err.Error()
		case at.Dir != "":
			got = "dir " + at.Dir
		case at.Layout.Dir != "":
			got = "layout " + at.String()
		default:
			got = "ref " + at.String()
			if at.Name != "" {
				got += " as " + at.Name
			}
		}
		if got != tt.want && (!strings.HasSuffix(tt.want, `": `) || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%q: got %s, want %s", tt.arg, got, tt.want)
		}
	}
}

func TestTheLockFileIsFoundUpwardsToTheRootOfTheWorkTree(t *testing.T) {
	_, top := open(t)
	below := filepath.Join(top, "a", "b")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	lock(t, filepath.Join(filepath.Dir(top), "irisfix.lock"), "outside", "a.example/r@"+someDigest)
	defer os.Remove(filepath.Join(filepath.Dir(top), "irisfix.lock"))
	w := opened(t, workspace.Options{Dir: below, CacheDir: t.TempDir()})
	if pins, err := w.Pins(); err != nil || pins != nil {
		t.Errorf("%v %v", pins, err)
	}
	lock(t, filepath.Join(top, "irisfix.lock"), "inside", "a.example/r@"+someDigest)
	if pins, err := w.Pins(); err != nil || len(pins) != 1 || pins[0].Name != "inside" {
		t.Errorf("%v %v", pins, err)
	}
	named := filepath.Join(t.TempDir(), "other.lock")
	lock(t, named, "named", "a.example/r@"+someDigest)
	w = opened(t, workspace.Options{Dir: below, CacheDir: t.TempDir(), LockFile: named})
	if pins, err := w.Pins(); err != nil || len(pins) != 1 || pins[0].Name != "named" {
		t.Errorf("%v %v", pins, err)
	}
	if err := os.WriteFile(named, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, arg := range []string{"named", "a.example/r:1"} {
		if _, err := w.Find(arg); err == nil || !strings.Contains(err.Error(), "other.lock") {
			t.Errorf("a damaged lock file, %s: %v", arg, err)
		}
	}
	if _, err := w.Find("./x"); err != nil {
		t.Errorf("a damaged lock file is none of a path's business: %v", err)
	}
}

func TestFrozenTakesOnlyWhatIsPinned(t *testing.T) {
	w, dir := open(t, frozen)
	path := filepath.Join(dir, "irisfix.lock")
	lock(t, path, "orders", "a.example/r:1@"+someDigest)
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	for _, arg := range []string{"orders", "./x", "folder", "a.example/r@" + someDigest, "a.example/r:1@" + someDigest, "oci-layout:x"} {
		if _, err := w.Find(arg); err != nil {
			t.Errorf("%s: %v", arg, err)
		}
	}
	for _, arg := range []string{"other", "a.example/r:1"} {
		_, err := w.Find(arg)
		if e := new(workspace.UnpinnedError); !errors.As(err, &e) || err.Error() != arg+": not pinned" {
			t.Errorf("%s: %v", arg, err)
		}
	}
	_, err := w.Pin(t.Context(), "orders", "a.example/r:2")
	_, err2 := w.Unpin(t.Context(), "orders")
	_, err3 := w.Push(t.Context(), dir, "a.example/r:2", workspace.PushOptions{Pin: "orders"})
	for _, err := range []error{err, err2, err3} {
		if e := new(workspace.FrozenError); !errors.As(err, &e) || err.Error() != "orders: the lock file is frozen" {
			t.Errorf("got %v", err)
		}
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Errorf("the lock file is %s", after)
	}
}

// A workspace that only looks leaves no trace.
func TestLookingMakesNoFiles(t *testing.T) {
	w, dir := open(t)
	if _, err := w.Find("nothing"); err == nil {
		t.Error("found")
	}
	if _, err := w.Pins(); err != nil {
		t.Error(err)
	}
	w.Close()
	if _, err := os.Stat(w.Cache().Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the cache: %v", err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("%v", list)
	}
}
