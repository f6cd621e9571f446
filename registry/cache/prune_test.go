package cache

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// bundled stores a bundle of these layers, remembered as ref.
func bundled(t *testing.T, c *Cache, ref string, layers ...string) ocispec.Descriptor {
	t.Helper()
	put := func(content string) ocispec.Descriptor {
		desc := fake(content)
		if err := c.StoreBytes(t.Context(), desc, []byte(content)); err != nil {
			t.Fatal(err)
		}
		return desc
	}
	m := ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, Config: put("config of " + ref)}
	for _, l := range layers {
		m.Layers = append(m.Layers, put(l))
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	desc := put(string(data))
	if ref != "" {
		if err := c.Remember(ref, desc); err != nil {
			t.Fatal(err)
		}
	}
	return desc
}

// loose stores a blob that nothing leads to, so long ago.
func loose(t *testing.T, c *Cache, content string, age time.Duration) digest.Digest {
	t.Helper()
	desc := fake(content)
	if err := c.StoreBytes(t.Context(), desc, []byte(content)); err != nil {
		t.Fatal(err)
	}
	when := time.Now().Add(-age)
	if err := os.Chtimes(c.path(blobsDir, desc.Digest.Encoded()), when, when); err != nil {
		t.Fatal(err)
	}
	return desc.Digest
}

func present(t *testing.T, c *Cache, contents ...string) (there []string) {
	t.Helper()
	for _, content := range contents {
		if ok, err := c.Exists(t.Context(), fake(content)); err != nil {
			t.Fatal(err)
		} else if ok {
			there = append(there, content)
		}
	}
	return there
}

func openCache(t *testing.T) *Cache {
	t.Helper()
	c, err := Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func prune(t *testing.T, c *Cache, o PruneOptions) PruneReport {
	t.Helper()
	r, err := c.Prune(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPruneRemovesOnlyWhatNothingLeadsTo(t *testing.T) {
	c := openCache(t)
	bundled(t, c, "a.example/r:1", "one", "two")
	old, fresh := loose(t, c, "old", 2*time.Hour), loose(t, c, "fresh", time.Minute)
	dry := prune(t, c, PruneOptions{DryRun: true})
	if got := present(t, c, "one", "two", "old", "fresh"); len(got) != 4 {
		t.Errorf("a dry run removed something: left %v", got)
	}
	real := prune(t, c, PruneOptions{})
	for _, r := range []PruneReport{dry, real} {
		if !slices.Equal(r.Removed, []digest.Digest{old}) || r.Bytes != 3 || r.Forgotten != nil || r.InUse != 0 {
			t.Errorf("%+v", r)
		}
	}
	if got := present(t, c, "one", "two", "old", "fresh"); !slices.Equal(got, []string{"one", "two", "fresh"}) {
		t.Errorf("left %v (the fresh one is %s)", got, fresh)
	}
	if r := prune(t, c, PruneOptions{}); r.Removed != nil {
		t.Errorf("second time: %+v", r)
	}
}

func TestPruneByAgeForgetsOldReferencesWithWhatOnlyTheyHold(t *testing.T) {
	c := openCache(t)
	bundled(t, c, "a.example/r:old", "shared", "only old")
	bundled(t, c, "a.example/r:new", "shared", "only new")
	age(t, c, "a.example/r:old", 40)
	r := prune(t, c, PruneOptions{MaxAge: 30 * 24 * time.Hour})
	if !slices.Equal(r.Forgotten, []string{"a.example/r:old"}) || len(r.Removed) != 3 { // layer, config, image manifest
		t.Errorf("%+v", r)
	}
	if got := present(t, c, "shared", "only old", "only new"); !slices.Equal(got, []string{"shared", "only new"}) {
		t.Errorf("left %v", got)
	}
}

func TestPruneToASizeForgetsTheLeastRecentlyUsedFirst(t *testing.T) {
	c := openCache(t)
	big := strings.Repeat("x", 10_000)
	for i, name := range []string{"a", "b", "c"} {
		ref := "a.example/r:" + name
		bundled(t, c, ref, name+big)
		age(t, c, ref, 30-i)
	}
	r := prune(t, c, PruneOptions{MaxSize: 25_000})
	if !slices.Equal(r.Forgotten, []string{"a.example/r:a"}) {
		t.Errorf("%+v", r)
	}
	if got := present(t, c, "a"+big, "b"+big, "c"+big); len(got) != 2 {
		t.Errorf("%d left", len(got))
	}
}

func TestPruneKeepsWhatIsPinned(t *testing.T) {
	c := openCache(t)
	pinned := bundled(t, c, "", "pinned layer")
	aged := bundled(t, c, "a.example/r:1", "aged layer")
	age(t, c, "a.example/r:1", 100)
	for _, name := range []string{"pinned layer", "config of ", "aged layer"} {
		loose(t, c, name, 2*time.Hour)
	}
	r := prune(t, c, PruneOptions{MaxAge: time.Hour, MaxSize: 1, Keep: func(d digest.Digest) bool {
		return d == pinned.Digest || d == aged.Digest
	}})
	if r.Forgotten != nil || r.Removed != nil {
		t.Errorf("%+v", r)
	}
	if got := present(t, c, "pinned layer", "config of ", "aged layer"); len(got) != 3 {
		t.Errorf("left %v", got)
	}
}

func TestPruneLeavesWhatAnotherProcessHolds(t *testing.T) {
	c := openCache(t)
	for _, content := range []string{"small", strings.Repeat("large", sharedLock)} {
		d := loose(t, c, content, 2*time.Hour)
		name, _ := lockName(d.Encoded(), int64(len(content)))
		leavesLocked(t, c, d, c.path(locksDir, name))
	}
}

func leavesLocked(t *testing.T, c *Cache, d digest.Digest, lock string) {
	l := flock.New(lock)
	if ok, err := l.TryLock(); !ok || err != nil {
		t.Fatal(err)
	}
	if r := prune(t, c, PruneOptions{}); r.InUse != 1 || r.Removed != nil {
		t.Errorf("%+v", r)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	if r := prune(t, c, PruneOptions{}); r.InUse != 0 || !slices.Equal(r.Removed, []digest.Digest{d}) {
		t.Errorf("%+v", r)
	}
}

func TestPruneClearsQuarantineAndAbandonedFiles(t *testing.T) {
	c := openCache(t)
	bundled(t, c, "a.example/r:1")
	old, now := time.Now().Add(-2*abandoned), time.Now()
	files := map[string]time.Time{c.path(quarantineDir, "x"): now, c.path(partialDir, "old"): old, c.path(partialDir, "young"): now}
	if err := os.Mkdir(c.path(quarantineDir), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, when := range files {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	prune(t, c, PruneOptions{})
	var left []string
	for path := range files {
		if _, err := os.Lstat(path); err == nil {
			left = append(left, path)
		}
	}
	if !slices.Equal(left, []string{c.path(partialDir, "young")}) {
		t.Errorf("left %v", left)
	}
}

func TestUsageTellsSharedAndLooseBytes(t *testing.T) {
	c := openCache(t)
	bundled(t, c, "a.example/r:1", "shared!", "one")
	m2 := bundled(t, c, "a.example/r:2", "shared!", "three", "gone")
	loose(t, c, "loose", 0)
	if err := os.Remove(c.path(blobsDir, fake("gone").Digest.Encoded())); err != nil {
		t.Fatal(err)
	}
	u, err := c.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if u.Loose != 5 || u.Blobs != 8 || len(u.Bundles) != 2 {
		t.Errorf("%+v", u)
	}
	one, two := u.Bundles[0], u.Bundles[1]
	if !one.Complete || one.Shared != 7 || one.Blobs != 4 {
		t.Errorf("%+v", one)
	}
	want := m2.Size + int64(len("config of a.example/r:2")+len("shared!")+len("three"))
	if two.Complete || two.Shared != 7 || two.Bytes != want {
		t.Errorf("%+v, want %d bytes", two, want)
	}
}
