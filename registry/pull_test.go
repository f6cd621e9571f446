package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
)

func TestAPullBringsExactlyWhatWasPushed(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"), "", "three", "one")
	ref := s.ref(t, "acme/x:1")
	b.push(t, ref)
	s.on(nil)
	c, events := newClient(t, registry.Options{})
	report, err := pull(t, c, ref, b)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, c.Through(ref), b)
	distinct := len(b.blobs) - 1 // "one" is there once, and nothing has to be asked for
	if got := len(s.requests()); got != distinct || c.Requests() != int64(distinct) {
		t.Errorf("%d requests, %d counted, want %d", got, c.Requests(), distinct)
	}
	var want int64
	for d, data := range b.blobs {
		if d != b.root.Digest {
			want += int64(len(data))
		}
	}
	if report != (registry.FetchReport{Fetched: want}) {
		t.Errorf("report %+v, want %d fetched", report, want)
	}
	done, fetched := events.of(registry.Done), 0
	for _, d := range done {
		if d.How == registry.Fetched { // the empty one has nothing to fetch
			fetched++
		}
	}
	if len(done) != distinct || fetched != distinct-1 || done[0].Reference != ref.String() {
		t.Errorf("%d done: %+v", len(done), done)
	}
	report, err = pull(t, c, ref, b)
	if err != nil || report != (registry.FetchReport{Reused: want}) || c.Requests() != int64(distinct)+1 {
		t.Errorf("again: %+v, %d requests, %v", report, c.Requests(), err)
	}
}

func TestOnlyWhatIsMissingTravels(t *testing.T) {
	s := newServer(t)
	one, two := newBundle(t, "same", big("same"), "old"), newBundle(t, "same", big("same"), "new!")
	one.push(t, s.ref(t, "x:1"))
	two.push(t, s.ref(t, "x:2"))
	c, _ := newClient(t, registry.Options{})
	if _, err := pull(t, c, s.ref(t, "x:1"), one); err != nil {
		t.Fatal(err)
	}
	s.on(nil)
	report, err := pull(t, c, s.ref(t, "x:2"), two)
	if err != nil || report.Fetched != 4 {
		t.Errorf("%+v %v", report, err)
	}
	want := []string{"GET /v2/x/manifests/2", "GET /v2/x/blobs/" + digest.FromString("new!").String()}
	if got := s.requests(); !slices.Equal(got, want) {
		t.Errorf("asked %v", got)
	}
}

func TestADigestInAWarmCacheNeedsNoNetwork(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	dir := t.TempDir()
	warm, err := cache.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(t, registry.Options{Cache: warm})
	if _, err := pull(t, c, ref, b); err != nil {
		t.Fatal(err)
	}
	warm.Close()
	s.Close() // whoever asks it gets an error
	for _, offline := range []bool{false, true} {
		again, err := cache.Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := newClient(t, registry.Options{Cache: again, Offline: offline})
		r, err := c.Resolve(t.Context(), ref.WithDigest(b.root.Digest))
		if err != nil || !reflect.DeepEqual(r.Descriptor, b.root) || !r.Remembered.IsZero() {
			t.Errorf("offline %v: %+v %v", offline, r, err)
		}
		if report, err := c.FetchAll(t.Context(), ref, b.desc, nil); err != nil || report.Fetched != 0 {
			t.Errorf("offline %v: %+v %v", offline, report, err)
		}
		holds(t, c.Through(ref), b)
		if c.Requests() != 0 {
			t.Errorf("offline %v: %d requests", offline, c.Requests())
		}
	}
}

func TestATagIsAskedForEachTimeAndOfflineAnsweredFromMemory(t *testing.T) {
	s, one, two := newServer(t), newBundle(t, "one"), newBundle(t, "two")
	ref := s.ref(t, "x:1")
	one.push(t, ref)
	store, err := cache.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(t, registry.Options{Cache: store})
	if r, err := c.Resolve(t.Context(), ref); err != nil || r.Descriptor.Digest != one.root.Digest {
		t.Fatalf("%+v %v", r, err)
	}
	two.push(t, ref)
	s.on(nil)
	if r, err := c.Resolve(t.Context(), ref); err != nil || r.Descriptor.Digest != two.root.Digest || !r.Remembered.IsZero() {
		t.Errorf("%+v %v", r, err)
	}
	if got := s.requests(); len(got) != 1 {
		t.Errorf("asked %v", got)
	}
	off, _ := newClient(t, registry.Options{Cache: store, Offline: true})
	r, err := off.Resolve(t.Context(), ref)
	if err != nil || r.Descriptor.Digest != two.root.Digest || time.Since(r.Remembered) > time.Minute || r.Remembered.IsZero() {
		t.Errorf("offline: %+v %v", r, err)
	}
	_, err = off.Resolve(t.Context(), s.ref(t, "x:2"))
	failsWith(t, err, registry.ErrOffline, s.host()+"/x:2: offline, and not in the cache")
	if off.Requests() != 0 || len(s.requests()) != 1 {
		t.Error("the network was used")
	}
}

func TestOfflineTheErrorSaysWhatIsMissingOrDamaged(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", "two")
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	store, err := cache.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(t, registry.Options{Cache: store})
	if _, err := c.Resolve(t.Context(), ref); err != nil {
		t.Fatal(err)
	}
	one := b.desc[1]
	if _, err := c.FetchAll(t.Context(), ref, b.desc[1:2], nil); err != nil {
		t.Fatal(err)
	}
	off, _ := newClient(t, registry.Options{Cache: store, Offline: true})
	_, err = off.FetchAll(t.Context(), ref, b.desc[2:3], nil)
	failsWith(t, err, registry.ErrOffline, s.host()+"/x@"+b.desc[2].Digest.String()+": offline, and not in the cache")
	damage(t, store, one)
	_, err = off.Through(ref).Fetch(t.Context(), one)
	var damaged *cache.DamagedError
	if !errors.As(err, &damaged) || damaged.GotDigest == one.Digest {
		t.Errorf("no damage told: %v", err)
	}
	if want := s.host() + "/x@" + one.Digest.String() + ": offline, and damaged in the cache"; !errors.Is(err, registry.ErrOffline) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for name, use := range map[string]func() error{
		"push": func() error {
			_, err := off.Push(t.Context(), ref, b, b.root, registry.PushOptions{})
			return err
		},
		"tags": func() error { _, err := off.Tags(t.Context(), ref); return err },
	} {
		if err := use(); !errors.Is(err, registry.ErrOffline) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// damage changes a blob in the cache.
func damage(t *testing.T, c *cache.Cache, desc ocispec.Descriptor) {
	t.Helper()
	path := filepath.Join(c.Dir(), "blobs", "sha256", desc.Digest.Encoded())
	if err := errors.Join(os.Chmod(path, 0o644), os.WriteFile(path, bytes.Repeat([]byte("x"), int(desc.Size)), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedBlobIsHealedAndReported(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	events := &recorder{}
	store, err := cache.Open(t.TempDir(), registry.CacheEvents(events.add))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(t, registry.Options{Cache: store})
	if _, err := pull(t, c, ref, b); err != nil {
		t.Fatal(err)
	}
	for _, desc := range append(b.desc, b.root) {
		damage(t, store, desc)
	}
	holds(t, c.Through(ref), b)
	reported := events.of(registry.Damaged)
	if len(reported) != len(b.desc)+1 || reported[0].Damage == nil || reported[0].Descriptor.Digest != b.desc[0].Digest {
		t.Errorf("reported %+v", reported)
	}
}

// once lets a fault happen to the first request that begins so.
func once(prefix string, fault http.HandlerFunc) func(http.ResponseWriter, *http.Request, http.Handler) {
	return times(1, prefix, fault)
}

func times(n int64, prefix string, fault http.HandlerFunc) func(http.ResponseWriter, *http.Request, http.Handler) {
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasPrefix(r.Method+" "+r.URL.Path, prefix) && seen.Add(1) <= n {
			fault(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// cut breaks the connection.
func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// halfOf sends half of a body and then does something else.
func halfOf(body string, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		io.WriteString(w, body[:len(body)/2])
		w.(http.Flusher).Flush()
		then(w, r)
	}
}

func TestWhatGoesWrongOnTheWayIsTriedAgain(t *testing.T) {
	content := big("content")
	length := len(content)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	hang := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	faults := map[string]http.HandlerFunc{
		"connection cut after the header": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(length))
			w.(http.Flusher).Flush()
			cut(w, r)
		},
		"connection cut in the middle": halfOf(content, cut),
		"silence before the answer":    hang,
		"silence in the middle":        halfOf(content, hang),
		"500":                          status(500, ""),
		"503":                          status(503, ""),
		"429":                          status(429, ""),
		"408":                          status(408, ""),
		"524":                          status(524, ""),
		"other bytes": func(w http.ResponseWriter, _ *http.Request) {
			w.Write(bytes.Repeat([]byte("x"), length))
		},
		"too few bytes":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, content[1:]) },
		"too many bytes": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, content+"x") },
		"no bytes":       func(w http.ResponseWriter, _ *http.Request) {},
		"an html page":   func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>Log in</html>") },
		"bytes without end": func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := io.WriteString(w, content); err != nil {
					return
				}
			}
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := newServer(t), newBundle(t, content)
			ref := s.ref(t, "x:1")
			b.push(t, ref)
			o := registry.Options{}
			if strings.HasPrefix(name, "silence") {
				o.Stall = time.Second
			}
			c, events := newClient(t, o)
			s.on(once("GET /v2/x/blobs/"+b.desc[1].Digest.String(), fault))
			if _, err := pull(t, c, ref, b); err != nil {
				t.Fatal(err)
			}
			holds(t, c.Through(ref), b)
			retries := events.of(registry.Retrying)
			if len(retries) != 1 || retries[0].Attempt != 1 || retries[0].Err == nil || retries[0].Descriptor.Digest != b.desc[1].Digest {
				t.Errorf("retries %+v", retries)
			}
		})
	}
}

func TestASlowServerIsNotASilentOne(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("x", 40)
	s, b := newServer(t), newBundle(t, content)
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	const stall = 1600 * time.Millisecond
	s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasSuffix(r.URL.Path, b.desc[1].Digest.String()) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Length", "40")
		for i := range 8 { // twice the stall time in all, never silent for as long
			io.WriteString(w, content[i*5:i*5+5])
			w.(http.Flusher).Flush()
			time.Sleep(stall / 4)
		}
	})
	c, events := newClient(t, registry.Options{Stall: stall})
	if _, err := pull(t, c, ref, b); err != nil {
		t.Fatal(err)
	}
	if retries := events.of(registry.Retrying); len(retries) > 0 {
		t.Errorf("given up on: %v", retries)
	}
}

func TestWrongBytesAreFetchedOnceMoreAndThenAnError(t *testing.T) {
	s, b := newServer(t), newBundle(t, "hello")
	ref := s.ref(t, "acme/x:1")
	b.push(t, ref)
	c, _ := newClient(t, registry.Options{})
	blob := "GET /v2/acme/x/blobs/" + b.desc[1].Digest.String()
	s.on(times(99, blob, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hellO") }))
	_, err := pull(t, c, ref, b)
	var mismatch *registry.MismatchError
	want := fmt.Sprintf("%s/acme/x: %s: content mismatch: want 5 bytes, got %s with 5 bytes", s.host(), b.desc[1].Digest, digest.FromString("hellO"))
	if !errors.As(err, &mismatch) || err.Error() != want || mismatch.GotDigest != digest.FromString("hellO") {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if n := s.count(blob); n != 2 {
		t.Errorf("fetched %d times", n)
	}
}

func TestABundleIsResolvedOnlyFromAnImageManifest(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one")
	ref := s.ref(t, "acme/x:1")
	b.push(t, ref)
	manifest := "GET /v2/acme/x/manifests/"
	at := s.host() + "/acme/x/manifests/1: "
	answer := func(contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			io.WriteString(w, body)
		}
	}
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"html", answer("text/html", "<html>Welcome</html>"), `the answer is not an image manifest: 20 bytes of "text/html"`},
		{"nothing", answer(ocispec.MediaTypeImageManifest, ""), `the answer is not an image manifest: 0 bytes of "` + ocispec.MediaTypeImageManifest + `": line 1, column 1: empty`},
		{"other JSON", answer("application/json", `{"hello":"world"}`), `the answer is not an image manifest: 17 bytes of "application/json"`},
		{"duplicate keys", answer(ocispec.MediaTypeImageManifest, `{"config":{},"config":{}}`), `the answer is not an image manifest: 25 bytes of "` + ocispec.MediaTypeImageManifest + `": line 1, column 22: duplicate key "config"`},
		{"huge", answer(ocispec.MediaTypeImageManifest, `{"a":"`+strings.Repeat("x", 5<<20)+`"}`), "image manifest larger than 4194304 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.on(times(99, manifest, tt.answer))
			c, _ := newClient(t, registry.Options{})
			_, err := c.Resolve(t.Context(), ref)
			failsWith(t, err, registry.ErrUnavailable, at+tt.want)
			var protocol *registry.ProtocolError
			if !errors.As(err, &protocol) || len(s.requests()) != 1 {
				t.Errorf("%T after %d requests", err, len(s.requests()))
			}
		})
	}
	t.Run("other bytes than the digest asked for", func(t *testing.T) {
		other := `{"mediaType":"` + ocispec.MediaTypeImageManifest + `"}`
		s.on(times(99, manifest, answer(ocispec.MediaTypeImageManifest, other)))
		c, _ := newClient(t, registry.Options{})
		pinned := ref.WithDigest(b.root.Digest)
		_, err := c.Resolve(t.Context(), pinned)
		failsWith(t, err, nil, fmt.Sprintf("%s: %s: content mismatch: got %s with %d bytes", pinned, b.root.Digest, digest.FromString(other), len(other)))
	})
	t.Run("other bytes than its own header says", func(t *testing.T) {
		s.on(times(99, manifest, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Docker-Content-Digest", b.root.Digest.String())
			answer(ocispec.MediaTypeImageManifest, `{"mediaType":"`+ocispec.MediaTypeImageManifest+`"}`)(w, r)
		}))
		c, _ := newClient(t, registry.Options{})
		_, err := c.Resolve(t.Context(), ref)
		var mismatch *registry.MismatchError
		if !errors.As(err, &mismatch) || mismatch.Descriptor.Digest != b.root.Digest {
			t.Errorf("%v", err)
		}
	})
	t.Run("an index is said to be one", func(t *testing.T) {
		s.on(times(99, manifest, answer(ocispec.MediaTypeImageIndex, `{"schemaVersion":2,"manifests":[]}`)))
		c, _ := newClient(t, registry.Options{})
		r, err := c.Resolve(t.Context(), ref)
		if err != nil || r.Descriptor.MediaType != ocispec.MediaTypeImageIndex {
			t.Errorf("%+v %v", r, err)
		}
	})
	t.Run("neither tag nor digest", func(t *testing.T) {
		c, _ := newClient(t, registry.Options{})
		_, err := c.Resolve(t.Context(), s.ref(t, "acme/x"))
		failsWith(t, err, nil, `"`+s.host()+`/acme/x": a tag or a digest is needed`)
	})
}

func TestLargeBlobsAreBoundedByConcurrency(t *testing.T) {
	var layers []string
	for i := range 12 {
		layers = append(layers, big(fmt.Sprint(i)))
	}
	s, b := newServer(t), newBundle(t, layers...)
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	var now, most atomic.Int64
	full := make(chan struct{})
	s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.ContentLength == 0 && strings.Contains(r.URL.Path, "/blobs/") && !strings.HasSuffix(r.URL.Path, b.desc[0].Digest.String()) {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			if n == 3 {
				close(full) // all three are here at once
			}
			<-full
		}
		next.ServeHTTP(w, r)
	})
	c, _ := newClient(t, registry.Options{Concurrency: 3})
	if _, err := pull(t, c, ref, b); err != nil {
		t.Fatal(err)
	}
	if most.Load() != 3 {
		t.Errorf("%d at once", most.Load())
	}
}

func TestAPullThatIsInterruptedEndsAtOnceWithItsCause(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	enough := errors.New("enough")
	t.Run("in a transfer", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		c, _ := newClient(t, registry.Options{})
		s.on(once("GET /v2/x/blobs/"+b.desc[2].Digest.String(), halfOf(big("two"), func(_ http.ResponseWriter, r *http.Request) {
			cancel(enough)
			<-r.Context().Done()
		})))
		if _, err := c.Resolve(ctx, ref); err != nil {
			t.Fatal(err)
		}
		if _, err := c.FetchAll(ctx, ref, b.desc, nil); !errors.Is(err, enough) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("in a wait", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		c := registry.New(registry.Options{Retry: registry.Retry{MaxWait: time.Hour}, Notify: func(e registry.Event) {
			if e.Kind == registry.Retrying {
				cancel(enough)
			}
		}})
		s.on(times(99, "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(503)
		}))
		if _, err := c.Tags(ctx, ref); !errors.Is(err, enough) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAMissingBlobIsNotFound(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one")
	b.push(t, s.ref(t, "x:1"))
	c, _ := newClient(t, registry.Options{})
	absent := ocispec.Descriptor{MediaType: "application/x", Digest: digest.FromString("absent"), Size: 6}
	_, err := c.FetchAll(t.Context(), s.ref(t, "x:1"), []ocispec.Descriptor{absent}, nil)
	failsWith(t, err, errdef.ErrNotFound, s.host()+"/x/blobs/"+absent.Digest.String()+": GET answered 404 Not Found: BLOB_UNKNOWN: Unknown blob")
}
