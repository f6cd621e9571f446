package registry_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
	ours "github.com/irisfix/irisfix/registry/server"
)

func TestBlobsThatGoAheadAreNotSentAgain(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"), big("three"))
	ref := s.ref(t, "acme/x:1")
	c, events := newClient(t, registry.Options{})
	ahead := []ocispec.Descriptor{b.desc[2], b.desc[2], b.desc[3]}
	how, err := c.PushBlobs(t.Context(), ref, ahead, b, nil)
	if err != nil || len(how) != 2 || how[b.desc[2].Digest] != registry.Sent || how[b.desc[3].Digest] != registry.Sent {
		t.Fatalf("%v, %v", how, err)
	}
	report, err := c.Push(t.Context(), ref, b, b.root, registry.PushOptions{Brought: how})
	if err != nil || report.Sent != b.size() || report.Reused != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	if b.asked[b.desc[2].Digest] != 1 || s.count("HEAD") != 2 { // each once, before it was sent
		t.Errorf("read %d times, %v", b.asked[b.desc[2].Digest], s.requests())
	}
	if done := events.of(registry.Done); len(done) != len(b.blobs) {
		t.Errorf("%d blobs are told of, not %d", len(done), len(b.blobs))
	}
	inRegistry(t, ref, b)

	// Once more: everything is there.
	if how, err = c.PushBlobs(t.Context(), ref, ahead, b, nil); err != nil || how[b.desc[2].Digest] != registry.Reused {
		t.Errorf("again: %v, %v", how, err)
	}
	if report, err = c.Push(t.Context(), ref, b, b.root, registry.PushOptions{Brought: how}); err != nil || report.Sent != 0 || report.Reused != b.size() {
		t.Errorf("again: %+v, %v", report, err)
	}
}

func TestBlobsAreTakenFromTheRepositoryThatHasThem(t *testing.T) {
	handler, err := ours.New(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer handler.Close()
	s := startServer(t, handler, faultproxy.Options{})
	b := newBundle(t, "one", big("two"))
	b.push(t, s.ref(t, "acme/x:1"))
	s.on(nil)
	c, _ := newClient(t, registry.Options{})
	from := func(d ocispec.Descriptor) string {
		if d.Digest == b.desc[2].Digest {
			return "acme/x"
		}
		return ""
	}
	how, err := c.PushBlobs(t.Context(), s.ref(t, "acme/lfs"), b.desc[1:], b, from)
	if err != nil || how[b.desc[1].Digest] != registry.Sent || how[b.desc[2].Digest] != registry.Mounted || s.count("PUT") != 1 {
		t.Errorf("%v, %v, %v", how, err, s.requests())
	}
	if head := "HEAD /v2/acme/lfs/blobs/"; s.count(head) != s.count(head+b.desc[1].Digest.String()) { // one request is enough for the other
		t.Errorf("%v", s.requests())
	}
}

func TestWhatIsMissingIsToldInOrder(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	absent := func(text string) ocispec.Descriptor {
		return ocispec.Descriptor{MediaType: "application/octet-stream", Digest: digest.FromString(text), Size: int64(len(text))}
	}
	c, _ := newClient(t, registry.Options{})
	asked := []ocispec.Descriptor{absent("x"), b.desc[1], absent(strings.Repeat("y", 1<<20)), b.desc[2], absent("x")}
	missing, err := c.Missing(t.Context(), ref, asked)
	if err != nil || len(missing) != 2 || missing[0].Digest != asked[0].Digest || missing[1].Digest != asked[2].Digest {
		t.Errorf("%v, %v", missing, err)
	}
}

// A blob whose bytes are not what they should be gets nowhere.
func TestWrongBlobsAreNotBrought(t *testing.T) {
	s, b := newServer(t), newBundle(t, big("two"))
	b.blobs[b.desc[1].Digest] = []byte(big("other"))
	c, _ := newClient(t, registry.Options{})
	var mismatch *registry.MismatchError
	if _, err := c.PushBlobs(t.Context(), s.ref(t, "x"), b.desc[1:], b, nil); !errors.As(err, &mismatch) {
		t.Errorf("got %v", err)
	}
}

func TestAManifestIsReadWithoutTheCache(t *testing.T) {
	s := startServer(t, ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))), faultproxy.Options{})
	b := newBundle(t, "one")
	b.push(t, s.ref(t, "x:1"))
	c, store := cachedClient(t, registry.Options{})
	desc, data, err := c.Manifest(t.Context(), s.ref(t, "x:1"))
	if err != nil || desc.Digest != b.root.Digest || string(data) != string(b.blobs[b.root.Digest]) {
		t.Errorf("%v: %v", desc, err)
	}
	if there, err := store.Exists(t.Context(), desc); there || err != nil {
		t.Errorf("in the cache: %v, %v", there, err)
	}
	s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) { http.NotFound(w, r) })
	if _, _, err := c.Manifest(t.Context(), s.ref(t, "x:2")); !errors.Is(err, errdef.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	var none *registry.ReferenceError
	if _, _, err := c.Manifest(t.Context(), s.ref(t, "x")); !errors.As(err, &none) {
		t.Errorf("got %v", err)
	}
}
