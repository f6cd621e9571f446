package workspace_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/workspace"
)

func TestListsTellWhatIsThere(t *testing.T) {
	at := host(t)
	w, dir := open(t)
	good := fixture(t, filepath.Join(dir, "fixtures", "good"), "good-id", "a", "b")
	for name, text := range map[string]string{"bad/manifest.json": "{", "other/notes.txt": "x", "file": "x"} {
		path := filepath.Join(dir, "fixtures", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := w.ListDir(t.Context(), "fixtures")
	if err != nil || len(list) != 2 || list[0].Name != "bad" || list[0].Err == nil || list[1].Name != "good-id" || list[1].Rows != 2 || list[1].Tables != 1 || list[1].Path != good {
		t.Errorf("%+v %v", list, err)
	}
	if self, err := w.ListDir(t.Context(), "fixtures/good"); err != nil || len(self) != 1 || self[0].Digest != list[1].Digest {
		t.Errorf("%+v %v", self, err)
	}
	if _, err := w.ListDir(t.Context(), "nowhere"); !errors.As(err, new(*workspace.NoDirectoryError)) {
		t.Errorf("got %v", err)
	}

	one := push(t, w, at+"/acme/orders:1", "orders", "a")
	push(t, w, at+"/acme/orders:2", "orders", "a", "b")
	tags, err := w.ListTags(t.Context(), at+"/acme/orders")
	if err != nil || len(tags) != 2 || tags[0].Name != "1" || tags[0].Digest.String() != one || tags[1].Rows != 2 || tags[1].Reference != at+"/acme/orders:2" || tags[1].Bytes == 0 {
		t.Errorf("%+v %v", tags, err)
	}
	if tags, err := w.ListTags(t.Context(), at+"/acme/orders:2"); err != nil || len(tags) != 1 || tags[0].Name != "2" {
		t.Errorf("%+v %v", tags, err)
	}

	cached, _, err := w.ListCache(t.Context())
	if err != nil || len(cached) != 2 || cached[0].Complete || cached[0].Err != nil {
		t.Errorf("%+v %v", cached, err)
	}
	if _, err := w.Fixture(t.Context(), at+"/acme/orders:1"); err != nil {
		t.Fatal(err)
	}
	cached, usage, err := w.ListCache(t.Context())
	complete := slices.ContainsFunc(cached, func(e workspace.Entry) bool {
		return e.Reference == at+"/acme/orders:1" && e.Complete && e.Digest.String() == one && e.Name == "orders"
	})
	if err != nil || !complete || usage.Blobs == 0 {
		t.Errorf("%+v %v", cached, err)
	}
}

// Pruning asks every lock file that ever used the cache, from whatever workspace it is called.
func TestPruneKeepsWhatAnyLockFileNeeds(t *testing.T) {
	at, shared := host(t), filepath.Join(t.TempDir(), "cache")
	one, _ := open(t, caching(shared))
	push(t, one, at+"/acme/orders:1", "orders", "a")
	pin(t, one, "orders", at+"/acme/orders:1")
	if _, err := one.Pull(t.Context(), nil, workspace.PullOptions{}); err != nil {
		t.Fatal(err)
	}
	two, _ := open(t, caching(shared))
	push(t, two, at+"/acme/orders:2", "orders", "b")
	if _, err := two.Fixture(t.Context(), at+"/acme/orders:2"); err != nil {
		t.Fatal(err)
	}
	r, err := two.Prune(t.Context(), cache.PruneOptions{MaxSize: 1})
	if err != nil || !slices.Equal(r.Forgotten, []string{at + "/acme/orders:2"}) || len(r.Removed) == 0 {
		t.Errorf("%+v %v", r, err)
	}
	again, _ := open(t, caching(shared), offline, silent(t), in(filepath.Dir(lockOf(t, one))))
	if _, err := again.Fixture(t.Context(), "orders"); err != nil {
		t.Errorf("what is pinned: %v", err)
	}
}

func lockOf(t *testing.T, w *workspace.Workspace) string {
	t.Helper()
	paths, err := w.Cache().LockFiles()
	if err != nil || len(paths) != 1 {
		t.Fatalf("%v %v", paths, err)
	}
	return paths[0]
}
