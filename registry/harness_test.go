package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
)

// server is a real registry on loopback, behind a proxy that does as it is told.
type server struct{ *faultproxy.Proxy }

func newServer(t *testing.T) *server {
	t.Helper()
	return startServer(t, ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))), faultproxy.Options{})
}

func startServer(t *testing.T, h http.Handler, o faultproxy.Options) *server {
	t.Helper()
	return &server{faultproxy.New(t, h, o)}
}

func (s *server) host() string { return s.Host() }

func (s *server) ref(t *testing.T, name string) registry.Reference {
	t.Helper()
	return parse(t, s.host()+"/"+name)
}

// on sets what happens to requests from now on, and forgets the earlier ones.
func (s *server) on(fault func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	if fault == nil {
		s.Play(nil)
		return
	}
	s.Play(func(*http.Request, int) faultproxy.Fault {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fault(w, r, next) })
		}
	})
}

// requests returns what was asked since the last call of on or Play.
func (s *server) requests() (list []string) {
	for _, r := range s.Requests() {
		list = append(list, r.Method+" "+r.Path)
	}
	return list
}

// count returns how many of the requests begin so.
func (s *server) count(prefix string) (n int) {
	for _, r := range s.requests() {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

func parse(t *testing.T, s string) registry.Reference {
	t.Helper()
	ref, err := registry.ParseReference(s)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// recorder collects events.
type recorder struct {
	mu   sync.Mutex
	list []registry.Event
}

func (r *recorder) add(e registry.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, e)
}

func (r *recorder) of(kind registry.EventKind) (list []registry.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.list {
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// impatient is a retry policy for tests: as often as by default, without the waits.
var impatient = registry.Retry{MaxWait: time.Millisecond}

// newClient returns a client with an empty cache, unless o says otherwise, and what it reports.
func newClient(t *testing.T, o registry.Options) (*registry.Client, *recorder) {
	t.Helper()
	events := &recorder{}
	if o.Cache == nil {
		c, err := cache.Open(filepath.Join(t.TempDir(), "cache"), registry.CacheEvents(events.add))
		if err != nil {
			t.Fatal(err)
		}
		o.Cache = c
	}
	if o.Retry == (registry.Retry{}) {
		o.Retry = impatient
	}
	o.Notify = events.add
	c := registry.New(o)
	t.Cleanup(c.Close)
	return c, events
}

// bundle is a bundle in memory.
type bundle struct {
	root  ocispec.Descriptor
	desc  []ocispec.Descriptor // config and layers
	mu    sync.Mutex
	blobs map[digest.Digest][]byte
	asked map[digest.Digest]int
}

func newBundle(t *testing.T, layers ...string) *bundle {
	t.Helper()
	b := &bundle{blobs: map[digest.Digest][]byte{}, asked: map[digest.Digest]int{}}
	add := func(mediaType, content string) ocispec.Descriptor {
		desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromString(content), Size: int64(len(content))}
		b.blobs[desc.Digest] = []byte(content)
		b.desc = append(b.desc, desc)
		return desc
	}
	m := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: "application/vnd.irisfix.fixture.v1", Config: add("application/vnd.irisfix.manifest.v1+json", `{"fixture_id":"x"}`)}
	for _, l := range layers {
		m.Layers = append(m.Layers, add("application/vnd.irisfix.dat.v1", l))
	}
	b.setRoot(t, m)
	return b
}

func (b *bundle) setRoot(t *testing.T, m any) {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	b.root = ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromBytes(data), Size: int64(len(data))}
	b.blobs[b.root.Digest] = data
}

func (b *bundle) Fetch(_ context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked[desc.Digest]++
	data, ok := b.blobs[desc.Digest]
	if !ok {
		return nil, errdef.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// push brings b to a registry with a client of its own.
func (b *bundle) push(t *testing.T, ref registry.Reference) {
	t.Helper()
	c := registry.New(registry.Options{Retry: impatient})
	defer c.Close()
	if _, err := c.Push(t.Context(), ref, b, b.root, registry.PushOptions{}); err != nil {
		t.Fatal(err)
	}
}

// pull brings everything of a reference into the client's cache.
func pull(t *testing.T, c *registry.Client, ref registry.Reference, b *bundle) (registry.FetchReport, error) {
	t.Helper()
	if _, err := c.Resolve(t.Context(), ref); err != nil {
		return registry.FetchReport{}, err
	}
	return c.FetchAll(t.Context(), ref, b.desc, nil)
}

// holds checks that the cache has all of b, byte for byte.
func holds(t *testing.T, c source, b *bundle) {
	t.Helper()
	for _, desc := range append(b.desc, b.root) {
		r, err := c.Fetch(t.Context(), desc)
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || !bytes.Equal(got, b.blobs[desc.Digest]) {
			t.Errorf("%s: %d bytes, %v", desc.Digest, len(got), err)
		}
	}
}

type source interface {
	Fetch(context.Context, ocispec.Descriptor) (io.ReadCloser, error)
}

// inRegistry checks that a registry has all of b under ref, by pulling with a fresh client.
func inRegistry(t *testing.T, ref registry.Reference, b *bundle) {
	t.Helper()
	c, _ := newClient(t, registry.Options{})
	r, err := c.Resolve(t.Context(), ref)
	if err != nil || r.Descriptor.Digest != b.root.Digest {
		t.Errorf("%s is %s: %v", ref, r.Descriptor.Digest, err)
		return
	}
	holds(t, c.Through(ref), b)
}

// failsWith checks the whole text of an error and that it is of a class.
func failsWith(t *testing.T, err error, class error, text string) {
	t.Helper()
	if err == nil || err.Error() != text {
		t.Errorf("got  %v\nwant %s", err, text)
	}
	for _, c := range []error{registry.ErrUnauthorized, registry.ErrUnavailable, registry.ErrRefused, registry.ErrOffline, errdef.ErrNotFound} {
		if errors.Is(err, c) != (c == class) {
			t.Errorf("%v: is %q: %v", err, c, errors.Is(err, c))
		}
	}
}

// big is a layer that is not small.
func big(seed string) string { return strings.Repeat(fmt.Sprintf("%-64s", seed), 8<<10) } // 512 KiB

func contextWithCancel(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}

// canary is a password that must turn up nowhere.
const canary = "c4n4ry-p4ssw0rd"

// static is a credential that every host gets, if the client lets it.
func static(password string) auth.CredentialFunc {
	return func(context.Context, string) (auth.Credential, error) {
		return auth.Credential{Username: "user", Password: password}, nil
	}
}

func cachedClient(t *testing.T, o registry.Options) (*registry.Client, *cache.Cache) {
	t.Helper()
	store, err := cache.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Cache = store
	c, _ := newClient(t, o)
	return c, store
}

// unfinished lists the partial files of a cache.
func unfinished(t *testing.T, c *cache.Cache) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(c.Dir(), "partial"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
