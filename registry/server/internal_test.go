package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	spec "github.com/opencontainers/image-spec/specs-go/v1"
)

// What a manifest names is synced before the manifest is stored; what nothing names waits.
func TestManifestWaitsForTheSyncOfItsBlobs(t *testing.T) {
	s, err := New(t.Context(), filepath.Join(t.TempDir(), "registry"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	push := func(method, path, mediaType, body string) {
		t.Helper()
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", mediaType)
		if s.ServeHTTP(w, r); w.Code != http.StatusCreated {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	needed, listed, other := digest.FromString("needed"), digest.FromString("listed"), digest.FromString("other")
	for _, content := range []string{"needed", "listed", "other"} {
		push("POST", "/v2/a/blobs/uploads/?digest="+digest.FromString(content).String(), "", content)
	}
	late := func(d digest.Digest) bool { return s.store.unsynced[s.store.content(d)] }
	if !late(needed) || !late(listed) || !late(other) {
		t.Errorf("synced one by one: %v", s.store.unsynced)
	}
	push("PUT", "/v2/a/manifests/image", spec.MediaTypeImageManifest, `{"config":{"digest":"`+needed.String()+`"}}`)
	push("PUT", "/v2/a/manifests/index", spec.MediaTypeImageIndex, `{"manifests":[{"digest":"`+listed.String()+`"}]}`)
	if len(s.store.unsynced) != 1 || !late(other) {
		t.Errorf("not on stable storage: %v", s.store.unsynced)
	}
	push("POST", "/v2/b/blobs/uploads/?from=a&mount="+needed.String(), "", "")
	if name := filepath.Dir(s.store.mark("b", needed)); !s.store.unsynced[name] {
		t.Error("the name of a mounted blob is not due")
	}
}

func TestSyncThatFailedIsDueAgain(t *testing.T) {
	st := &store{dir: t.TempDir(), unsynced: map[string]bool{}}
	d := digest.FromString("x")
	if err := makeDir(filepath.Dir(st.content(d))); err != nil {
		t.Fatal(err)
	}
	// A link to itself can be neither looked at nor synced.
	if err := os.Symlink(st.content(d), st.content(d)); err != nil {
		t.Skip(err)
	}
	st.unsynced[st.content(d)] = true
	if err := st.syncBlobs(t.Context(), "a", []digest.Digest{d}); err == nil {
		t.Error("no error")
	}
	if !st.unsynced[st.content(d)] {
		t.Error("forgotten")
	}
}

func TestAbandonedUploadIsDropped(t *testing.T) {
	us := &uploads{dir: t.TempDir(), byID: map[string]*upload{}}
	old, err := us.begin("a", digest.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := us.keep(old); err != nil {
		t.Fatal(err)
	}
	busy, err := us.begin("a", digest.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := us.keep(busy); err != nil {
		t.Fatal(err)
	}
	old.used = time.Now().Add(-abandonedAfter - time.Second)
	busy.used = old.used
	busy.Lock() // a request that takes long is not an abandoned one
	third, err := us.begin("a", digest.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := us.keep(third); err != nil {
		t.Fatal(err)
	}
	busy.Unlock()
	if _, err := us.take("a", old.id); err == nil {
		t.Error("the abandoned upload is still there")
	}
	for _, u := range []*upload{busy, third} {
		if got, err := us.take("a", u.id); err != nil || got != u {
			t.Errorf("a live upload is gone: %v", err)
		}
	}
	if list, _ := os.ReadDir(us.dir); len(list) != 2 {
		t.Errorf("%d files", len(list))
	}
	for _, u := range us.byID {
		u.Unlock()
	}
	if err := us.dropAll(); err != nil {
		t.Error(err)
	}
}

// The hash of an upload never runs ahead of its file, even when a write is cut short.
func TestUploadThatTheDiskRefusedIsLost(t *testing.T) {
	us := &uploads{dir: t.TempDir(), byID: map[string]*upload{}}
	u, err := us.begin("a", digest.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.file.File.Close(); err != nil { // every write fails from here
		t.Fatal(err)
	}
	if err := u.receive(strings.NewReader("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if !u.ended || u.size != 0 {
		t.Errorf("ended %v, size %d", u.ended, u.size)
	}
	if list, _ := os.ReadDir(us.dir); len(list) != 0 {
		t.Errorf("%d files", len(list))
	}
}

func FuzzTagFile(f *testing.F) {
	for _, s := range []string{"v1", "V1", "v1.", "_", "LATEST", "!v1.tag", "v1.tag", "!!a.tag", "!.tag", strings.Repeat("A", 128)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if validTag(s) {
			file := fileOfTag(s)
			if back, ok := tagOfFile(file); !ok || back != s {
				t.Errorf("%q is written as %q and read as %q", s, file, back)
			}
			if strings.ToLower(file) != file || len(file) > 255 || strings.ContainsAny(file, `/\`) || file[0] == '.' {
				t.Errorf("%q is written as %q", s, file)
			}
		}
		if tag, ok := tagOfFile(s); ok && fileOfTag(tag) != s {
			t.Errorf("%q is read as %q, which is written otherwise", s, tag)
		}
	})
}

func FuzzParseManifest(f *testing.F) {
	const image, index = spec.MediaTypeImageManifest, spec.MediaTypeImageIndex
	for _, s := range []string{`{}`, `{"config":{}}`, `{"config":null,"layers":null}`, `{"manifests":[{"digest":"sha256:x"}]}`, `[]`, ``,
		`{"config":{"digest":"` + digest.FromString("x").String() + `"},"layers":[{}],"subject":{},"annotations":{"a":"b"}}`} {
		f.Add(image, []byte(s))
		f.Add(index, []byte(s))
	}
	f.Fuzz(func(t *testing.T, mediaType string, body []byte) {
		doc, err := parseManifest(manifest{mediaType, body})
		if err != nil {
			return
		}
		for _, d := range doc.all() {
			if d.Digest.Validate() != nil {
				t.Errorf("accepted digest %q", d.Digest)
			}
		}
		if mediaType == index && len(doc.needs()) > len(doc.Manifests) {
			t.Error("an index needs more than it lists")
		}
	})
}
