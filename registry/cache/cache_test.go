package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/stamp"
	"github.com/irisfix/irisfix/registry/cache"
)

// events collects what a cache says.
type events struct {
	mu   sync.Mutex
	list []cache.Event
}

func (e *events) add(ev cache.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, ev)
}

func (e *events) kinds() (kinds []cache.Kind) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.list {
		kinds = append(kinds, ev.Kind)
	}
	return kinds
}

func open(t *testing.T, dir string) (*cache.Cache, *events) {
	t.Helper()
	e := &events{}
	c, err := cache.Open(dir, e.add)
	if err != nil {
		t.Fatal(err)
	}
	return c, e
}

func describe(content string) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: "application/x", Digest: digest.FromString(content), Size: int64(len(content))}
}

func store(t *testing.T, c *cache.Cache, content string) ocispec.Descriptor {
	t.Helper()
	desc := describe(content)
	if err := c.StoreBytes(t.Context(), desc, []byte(content)); err != nil {
		t.Fatal(err)
	}
	return desc
}

func fetch(t *testing.T, c *cache.Cache, desc ocispec.Descriptor) (string, error) {
	t.Helper()
	r, err := c.Fetch(t.Context(), desc)
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), nil
}

func blobPath(c *cache.Cache, desc ocispec.Descriptor) string {
	return filepath.Join(c.Dir(), "blobs", "sha256", desc.Digest.Encoded())
}

// tree lists the files below dir.
func tree(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

func TestABlobComesBackAsAFile(t *testing.T) {
	c, _ := open(t, filepath.Join(t.TempDir(), "new", "cache"))
	desc := store(t, c, "hello")
	if got, err := fetch(t, c, desc); got != "hello" || err != nil {
		t.Errorf("got %q %v", got, err)
	}
	r, err := c.Fetch(t.Context(), desc)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if f, ok := r.(*os.File); !ok || f.Name() != blobPath(c, desc) {
		t.Errorf("not the blob's file: %T", r)
	}
	if there, err := c.Exists(t.Context(), desc); !there || err != nil {
		t.Errorf("Exists: %v %v", there, err)
	}
	info, err := os.Stat(blobPath(c, desc))
	if err != nil || info.Mode().Perm()&0o222 != 0 {
		t.Errorf("writable: %v %v", info.Mode(), err)
	}
	hex := desc.Digest.Encoded()
	want := []string{"CACHEDIR.TAG", "README", "blobs/sha256/" + hex, "locks/" + hex[:2]}
	if got := tree(t, c.Dir()); !slices.Equal(got, want) {
		t.Errorf("files %v", got)
	}
}

func TestReadingWritesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	c, _ := open(t, dir)
	if _, err := fetch(t, c, describe("x")); !errors.Is(err, errdef.ErrNotFound) {
		t.Errorf("Fetch: %v", err)
	}
	if _, err := c.Recall("a.b/c:1"); !errors.Is(err, errdef.ErrNotFound) {
		t.Errorf("Recall: %v", err)
	}
	if _, err := c.Refs(); err != nil {
		t.Error(err)
	}
	if _, err := c.Usage(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if _, err := c.LockFiles(); err != nil {
		t.Error(err)
	}
	c.Close()
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory was made: %v", tree(t, dir))
	}
}

// refuses checks that a place that cannot be a cache is told of by every use, and by nothing before.
func refuses(t *testing.T, dir string) {
	t.Helper()
	c, err := cache.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, fetched := c.Fetch(t.Context(), describe("x"))
	_, refs := c.Refs()
	_, usage := c.Usage(t.Context())
	for name, err := range map[string]error{"fetch": fetched, "store": c.StoreBytes(t.Context(), describe("x"), []byte("x")),
		"remember": c.Remember("a.b/c:1", describe("x")), "register": c.Register("irisfix.lock"), "refs": refs, "usage": usage} {
		var place *cache.PlaceError
		if !errors.As(err, &place) || place.Dir != dir || dir != "" && err.Error() != dir+" cannot be a cache: not a directory" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoPlaceForACacheIsToldWhenOneIsNeeded(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	refuses(t, "")
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left here: %v %v", left, err)
	}
}

func TestWhatIsNotADirectoryIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	refuses(t, file)
}

func TestWrongBytesAreThrownAway(t *testing.T) {
	want := describe("hello")
	other := digest.FromString("hellO")
	short := digest.FromString("hell")
	tests := []struct{ name, bytes, message string }{
		{"other content", "hellO", want.Digest.String() + ": content mismatch: want 5 bytes, got " + other.String() + " with 5 bytes"},
		{"too short", "hell", want.Digest.String() + ": content mismatch: want 5 bytes, got " + short.String() + " with 4 bytes"},
		{"too long", "hello!", want.Digest.String() + ": content mismatch: want 5 bytes, got more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := open(t, t.TempDir())
			err := c.StoreBytes(t.Context(), want, []byte(tt.bytes))
			var mismatch *cache.MismatchError
			if !errors.As(err, &mismatch) || err.Error() != tt.message {
				t.Errorf("got  %v\nwant %s", err, tt.message)
			}
			if _, err := fetch(t, c, want); !errors.Is(err, errdef.ErrNotFound) {
				t.Errorf("published: %v", err)
			}
			for _, file := range tree(t, c.Dir()) {
				if strings.HasPrefix(file, "partial/") || strings.HasPrefix(file, "blobs/") {
					t.Errorf("left behind: %s", file)
				}
			}
		})
	}
}

func TestResetBeginsAgain(t *testing.T) {
	c, _ := open(t, t.TempDir())
	fetched, err := c.Store(t.Context(), describe("hello"), func(_ context.Context, p *cache.Partial) error {
		for _, part := range []string{"hexx", "", "he", "hello"} {
			if err := p.Reset(); err != nil {
				return err
			}
			if _, err := io.WriteString(p, part); err != nil {
				return err
			}
			if p.Have() != int64(len(part)) {
				t.Errorf("%d bytes after %q", p.Have(), part)
			}
		}
		return nil
	})
	if !fetched || err != nil {
		t.Errorf("%v %v", fetched, err)
	}
}

func TestOnlySHA256IsTaken(t *testing.T) {
	c, _ := open(t, t.TempDir())
	for _, d := range []digest.Digest{"", "sha256:", "sha256:../../../etc/passwd", digest.Digest("sha512:" + strings.Repeat("a", 128)),
		digest.Digest("sha256:" + strings.Repeat("A", 64))} {
		desc := ocispec.Descriptor{Digest: d, Size: 1}
		if _, err := c.Fetch(t.Context(), desc); err == nil || errors.Is(err, errdef.ErrNotFound) {
			t.Errorf("Fetch of %q: %v", d, err)
		}
		if err := c.StoreBytes(t.Context(), desc, []byte("x")); err == nil {
			t.Errorf("Store of %q succeeded", d)
		}
		if err := c.Remember("a.b/c:1", desc); err == nil {
			t.Errorf("Remember of %q succeeded", d)
		}
	}
}

// rewrite changes a read-only file in place.
func rewrite(t *testing.T, path, content string) {
	t.Helper()
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedBlobIsPutAsideAndFetchedAgain(t *testing.T) {
	damages := map[string]func(t *testing.T, path string){
		"flipped bit": func(t *testing.T, path string) { rewrite(t, path, "hellp") },
		"truncated":   func(t *testing.T, path string) { rewrite(t, path, "hel") },
		"emptied":     func(t *testing.T, path string) { rewrite(t, path, "") },
		"longer":      func(t *testing.T, path string) { rewrite(t, path, "hello hello") },
		"other file with the old times": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			rewrite(t, path, "hellp")
			if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		},
		"a directory": func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o755)); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, damage := range damages {
		for _, fresh := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, fresh process %v", name, fresh), func(t *testing.T) {
				dir := t.TempDir()
				c, e := open(t, dir)
				desc := store(t, c, "hello")
				if fresh {
					c.Close()
					c, e = open(t, dir)
				}
				damage(t, blobPath(c, desc))
				_, err := fetch(t, c, desc)
				var damaged *cache.DamagedError
				if !errors.As(err, &damaged) || !errors.Is(err, errdef.ErrNotFound) {
					t.Fatalf("got %v", err)
				}
				if want := desc.Digest.String() + ": damaged in the cache: not found"; err.Error() != want {
					t.Errorf("got  %v\nwant %s", err, want)
				}
				if damaged.GotDigest == desc.Digest {
					t.Error("the error says that the digest was right")
				}
				if _, err := os.Stat(damaged.Quarantine); err != nil {
					t.Errorf("quarantine: %v", err)
				}
				if kinds := e.kinds(); !slices.Equal(kinds, []cache.Kind{cache.Damaged}) {
					t.Errorf("events %v", kinds)
				}
				if got, err := fetch(t, c, store(t, c, "hello")); got != "hello" || err != nil {
					t.Errorf("after healing: %q %v", got, err)
				}
			})
		}
	}
}

func TestAWrongSizeInADescriptorDoesNotCostTheBlob(t *testing.T) {
	c, e := open(t, t.TempDir())
	desc := store(t, c, "hello")
	lying := desc
	lying.Size = 6
	_, err := fetch(t, c, lying)
	if want := desc.Digest.String() + ": size mismatch: want 6 bytes, got 5"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if got, err := fetch(t, c, desc); got != "hello" || err != nil || len(e.kinds()) > 0 {
		t.Errorf("the good blob: %q %v %v", got, err, e.kinds())
	}
	lying.Size = -1
	if got, err := fetch(t, c, lying); got != "hello" || err != nil {
		t.Errorf("unknown size: %q %v", got, err)
	}
}

func TestAVerifiedBlobIsRememberedForTheNextProcess(t *testing.T) {
	dir := t.TempDir()
	c, _ := open(t, dir)
	desc := store(t, c, "hello")
	stamped := func() bool {
		info, err := os.Lstat(blobPath(c, desc))
		if err != nil {
			t.Fatal(err)
		}
		hex := desc.Digest.Encoded()
		_, ok := stamp.Load(filepath.Join(dir, "stamps", hex[:2])).Lookup(hex, info)
		return ok
	}
	c.Close()
	if !stamped() {
		t.Error("not stamped when it was stored")
	}
	if err := os.RemoveAll(filepath.Join(dir, "stamps")); err != nil {
		t.Fatal(err)
	}
	c, _ = open(t, dir)
	if _, err := fetch(t, c, desc); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if !stamped() {
		t.Error("not stamped when it was read")
	}
}

func TestStampsThatCannotBeWrittenAreNoTrouble(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "stamps"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c, _ := open(t, dir)
	desc := store(t, c, "hello")
	c.Close()
	c, _ = open(t, dir)
	if got, err := fetch(t, c, desc); got != "hello" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	c.Close()
}

func TestACacheThatIsRemovedMeanwhileComesBack(t *testing.T) {
	c, _ := open(t, t.TempDir())
	desc := store(t, c, "hello")
	if err := os.RemoveAll(c.Dir()); err != nil {
		t.Fatal(err)
	}
	if _, err := fetch(t, c, desc); !errors.Is(err, errdef.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if got, err := fetch(t, c, store(t, c, "hello")); got != "hello" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

func TestVerifyReadsEverythingAgain(t *testing.T) {
	c, e := open(t, t.TempDir())
	good, bad := store(t, c, "good"), store(t, c, "bad")
	rewrite(t, blobPath(c, bad), "BAD")
	var mu sync.Mutex
	seen := map[digest.Digest]int64{}
	report, err := c.Verify(t.Context(), func(d digest.Digest, size int64) {
		mu.Lock()
		defer mu.Unlock()
		seen[d] = size
	})
	if err != nil || report.Checked != 2 || report.Bytes != 7 || len(report.Damaged) != 1 ||
		report.Damaged[0].Descriptor.Digest != bad.Digest || report.Damaged[0].GotDigest != digest.FromString("BAD") {
		t.Errorf("report %+v, error %v", report, err)
	}
	if len(seen) != 2 || seen[good.Digest] != 4 {
		t.Errorf("seen %v", seen)
	}
	if kinds := e.kinds(); !slices.Equal(kinds, []cache.Kind{cache.Damaged}) {
		t.Errorf("events %v", kinds)
	}
	if report, err := c.Verify(t.Context(), nil); err != nil || report.Checked != 1 || report.Damaged != nil {
		t.Errorf("second report %+v, error %v", report, err)
	}
}

func TestPlaceMakesAPrivateCopy(t *testing.T) {
	c, _ := open(t, t.TempDir())
	content := strings.Repeat("0123456789", 100_000)
	desc := store(t, c, content)
	target := filepath.Join(t.TempDir(), "a.dat")
	if err := os.WriteFile(target, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	if err := c.Place(t.Context(), desc, target, when); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(target)
	if err != nil || string(got) != content {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	info, err := os.Stat(target)
	if err != nil || !info.ModTime().Equal(when) || info.Mode().Perm()&0o200 == 0 {
		t.Errorf("%v %v %v", info.ModTime(), info.Mode(), err)
	}
	if blob, err := os.Stat(blobPath(c, desc)); err != nil || os.SameFile(info, blob) {
		t.Errorf("it is the blob itself: %v", err)
	}
	f, err := os.OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("X"), 0)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if report, err := c.Verify(t.Context(), nil); err != nil || len(report.Damaged) > 0 {
		t.Errorf("writing to the copy changed the blob: %+v %v", report, err)
	}
	if err := c.Place(t.Context(), describe("absent"), target, when); !errors.Is(err, errdef.ErrNotFound) {
		t.Errorf("absent: %v", err)
	}
	if got, _ := os.ReadFile(target); !bytes.HasPrefix(got, []byte("X123")) {
		t.Error("a failed Place changed the target")
	}
}

func TestRegisteredLockFilesAreForgottenWhenTheyVanish(t *testing.T) {
	c, _ := open(t, t.TempDir())
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a", "irisfix.lock"), filepath.Join(dir, "b", "irisfix.lock")
	for _, path := range []string{a, b, b} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644), c.Register(path)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := c.LockFiles(); err != nil || !slices.Equal(got, []string{a, b}) {
		t.Errorf("%v %v", got, err)
	}
	if err := os.Remove(a); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := c.LockFiles(); err != nil || !slices.Equal(got, []string{b}) {
			t.Errorf("%v %v", got, err)
		}
	}
}
