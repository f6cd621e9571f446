package registry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
)

func mustPush(t *testing.T, c *registry.Client, ref registry.Reference, b *bundle) registry.PushReport {
	t.Helper()
	r, err := c.Push(t.Context(), ref, b, b.root, registry.PushOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bundle) size() (n int64) {
	for _, data := range b.blobs {
		n += int64(len(data))
	}
	return n
}

func TestChildrenGoFirstAndTheTagLast(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"), "three", "one", "")
	c, events := newClient(t, registry.Options{})
	report := mustPush(t, c, s.ref(t, "acme/x:1"), b)
	log := s.requests()
	if last := log[len(log)-1]; last != "PUT /v2/acme/x/manifests/1" || s.count("PUT /v2/acme/x/manifests/") != 1 {
		t.Errorf("asked %v", log)
	}
	blobs := len(b.blobs) - 1
	if s.count("POST") != blobs || s.count("HEAD") != 1 || len(log) != 3+2*blobs+1 { // the large one might be there
		t.Errorf("%d requests for %d blobs: %v", len(log), blobs, log)
	}
	if report.Sent != b.size() || report.Reused != 0 || report.Previous != "" || report.Descriptor.Digest != b.root.Digest {
		t.Errorf("%+v", report)
	}
	if done := events.of(registry.Done); len(done) != blobs+1 || done[blobs].Descriptor.Digest != b.root.Digest || done[0].How != registry.Sent {
		t.Errorf("%d done", len(done))
	}
	inRegistry(t, s.ref(t, "acme/x:1"), b)
}

func TestAnUnchangedPushIsOneRequest(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	s.on(nil)
	c, events := newClient(t, registry.Options{})
	report := mustPush(t, c, ref, b)
	if got := s.requests(); !slices.Equal(got, []string{"GET /v2/x/manifests/1"}) {
		t.Errorf("asked %v", got)
	}
	if report.Sent != 0 || report.Reused != b.size() || report.Previous != b.root.Digest {
		t.Errorf("%+v", report)
	}
	if done := events.of(registry.Done); len(done) != len(b.blobs) || done[0].How != registry.Reused {
		t.Errorf("done %+v", done)
	}
}

func TestOnlyWhatTheRegistryLacksIsSent(t *testing.T) {
	old, next := newBundle(t, "same", big("same"), "old"), newBundle(t, "same", big("same"), "new!")
	want := []string{"POST /v2/x/blobs/uploads/", "PUT /v2/x/blobs/uploads/"}
	for name, tt := range map[string]struct {
		tag  string
		look []string
	}{
		"the same tag":       {"1.0", []string{"GET /v2/x/manifests/1.0"}},
		"a new tag":          {"1.1", []string{"GET /v2/x/manifests/1.1", "GET /v2/x/tags/list", "GET /v2/x/manifests/1.0"}},
		"a new, earlier tag": {"0.9", []string{"GET /v2/x/manifests/0.9", "GET /v2/x/tags/list", "GET /v2/x/manifests/1.0"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			old.push(t, s.ref(t, "x:1.0"))
			s.on(nil)
			c, _ := newClient(t, registry.Options{})
			report := mustPush(t, c, s.ref(t, "x:"+tt.tag), next)
			got := s.requests()
			for i, r := range got {
				if strings.HasPrefix(r, "PUT /v2/x/blobs/uploads/") {
					got[i] = "PUT /v2/x/blobs/uploads/"
				}
			}
			if all := append(append(tt.look, want...), "PUT /v2/x/manifests/"+tt.tag); !slices.Equal(got, all) {
				t.Errorf("asked %v\nwant  %v", got, all)
			}
			if report.Sent != 4+next.root.Size {
				t.Errorf("%+v", report)
			}
			inRegistry(t, s.ref(t, "x:"+tt.tag), next)
		})
	}
}

func TestALargeBlobOfWhichNothingIsKnownIsAskedForFirst(t *testing.T) {
	s := newServer(t)
	first, other, back := newBundle(t, big("first")), newBundle(t, "other"), newBundle(t, big("first"), "more")
	ref := s.ref(t, "x:1")
	first.push(t, ref)
	other.push(t, ref)
	s.on(nil)
	c, _ := newClient(t, registry.Options{})
	report := mustPush(t, c, ref, back)
	if s.count("HEAD") != 1 || report.Sent != 4+back.root.Size || report.Previous != other.root.Digest {
		t.Errorf("%+v after %v", report, s.requests())
	}
	inRegistry(t, ref, back)
}

// refusing makes a registry that checks that the blobs of an image manifest are there, as most do.
func refusing(status int, code string, b *bundle) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
			for _, d := range b.desc {
				probe := httptest.NewRecorder()
				next.ServeHTTP(probe, httptest.NewRequest(http.MethodHead, "/v2/x/blobs/"+d.Digest.String(), nil))
				if probe.Code != 200 {
					w.WriteHeader(status)
					fmt.Fprintf(w, `{"errors":[{"code":%q}]}`, code)
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	}
}

func TestABlobThatTheRegistryLostIsSentAfterAll(t *testing.T) {
	for _, refusal := range []struct {
		status int
		code   string
	}{{400, "MANIFEST_BLOB_UNKNOWN"}, {404, "BLOB_UNKNOWN"}, {422, "MANIFEST_INVALID"}} {
		t.Run(refusal.code, func(t *testing.T) {
			s, old, next := newServer(t), newBundle(t, "same", "kept"), newBundle(t, "same", "kept", "new!")
			ref := s.ref(t, "x:1")
			old.push(t, ref)
			lost, err := http.NewRequest(http.MethodDelete, s.URL+"/v2/x/blobs/"+digest.FromString("same").String(), nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(lost)
			if err != nil || resp.StatusCode != 202 {
				t.Fatal(resp.Status, err)
			}
			s.on(refusing(refusal.status, refusal.code, next))
			c, _ := newClient(t, registry.Options{})
			report := mustPush(t, c, ref, next)
			if report.Sent != 4+4+next.root.Size || report.Reused != next.desc[0].Size+4 || s.count("PUT /v2/x/manifests/") != 2 {
				t.Errorf("%+v after %v", report, s.requests())
			}
			inRegistry(t, ref, next)
		})
	}
}

func TestARefusedImageManifestIsPutTwiceAndNotMore(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one")
	s.on(times(99, "PUT /v2/x/manifests/", status(400, "MANIFEST_INVALID")))
	c, _ := newClient(t, registry.Options{})
	_, err := c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
	failsWith(t, err, registry.ErrRefused, s.host()+"/x/manifests/1: PUT answered 400 Bad Request: MANIFEST_INVALID: because")
	if n := s.count("PUT /v2/x/manifests/"); n != 2 {
		t.Errorf("%d times", n)
	}
}

func TestATagThatMayNotMoveStays(t *testing.T) {
	s, one, two := newServer(t), newBundle(t, "one"), newBundle(t, "two")
	ref := s.ref(t, "x:1")
	c, _ := newClient(t, registry.Options{})
	push := func(b *bundle) error {
		_, err := c.Push(t.Context(), ref, b, b.root, registry.PushOptions{NoClobber: true})
		return err
	}
	if err := errors.Join(push(one), push(one)); err != nil {
		t.Fatal(err)
	}
	s.on(nil)
	err := push(two)
	var clobber *registry.ClobberError
	want := fmt.Sprintf("%s: the tag stands for %s, not %s", ref, one.root.Digest, two.root.Digest)
	if !errors.As(err, &clobber) || err.Error() != want || clobber.Have != one.root.Digest {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if got := s.requests(); len(got) != 1 {
		t.Errorf("asked %v", got)
	}
	inRegistry(t, ref, one)
	if report := mustPush(t, c, ref, two); report.Previous != one.root.Digest {
		t.Errorf("previous %s", report.Previous)
	}

	t.Run("nor when somebody else was faster", func(t *testing.T) {
		ref := s.ref(t, "y:1")
		s.on(once("POST /v2/y/", func(w http.ResponseWriter, r *http.Request) {
			s.on(nil)
			one.push(t, ref)
			status(503, "")(w, r)
		}))
		_, err := c.Push(t.Context(), ref, two, two.root, registry.PushOptions{NoClobber: true})
		if !errors.As(err, &clobber) {
			t.Errorf("got %v", err)
		}
		inRegistry(t, ref, one)
	})
}

func TestUploadsSurviveWhatGoesWrong(t *testing.T) {
	faults := map[string]struct {
		prefix string
		fault  http.HandlerFunc
	}{
		"cut before the upload begins": {"POST", cut},
		"503 when it begins":           {"POST", status(503, "")},
		"cut while it is under way":    {"PUT /v2/x/blobs/", func(w http.ResponseWriter, r *http.Request) { io.CopyN(io.Discard, r.Body, 1000); cut(w, r) }},
		"503 after all bytes":          {"PUT /v2/x/blobs/", func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); w.WriteHeader(503) }},
		"429 before any byte":          {"PUT /v2/x/blobs/", status(429, "")},
		"silence":                      {"PUT /v2/x/blobs/", func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() }},
		"503 for the image manifest":   {"PUT /v2/x/manifests/", status(503, "")},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := newServer(t), newBundle(t, big("content"))
			ref := s.ref(t, "x:1")
			s.on(once(f.prefix, f.fault))
			c, _ := newClient(t, registry.Options{Stall: 300 * time.Millisecond})
			mustPush(t, c, ref, b)
			s.on(nil)
			inRegistry(t, ref, b)
		})
	}
}

func TestALostAnswerIsSettledByAsking(t *testing.T) {
	t.Run("of a blob", func(t *testing.T) {
		s, b := newServer(t), newBundle(t, big("content"))
		s.Play(faultproxy.On("PUT /v2/x/blobs/", 1, faultproxy.LoseAnswer()))
		c, _ := newClient(t, registry.Options{})
		mustPush(t, c, s.ref(t, "x:1"), b)
		if n := s.count("POST"); n != 2 { // one for each blob
			t.Errorf("%d uploads: %v", n, s.requests())
		}
		s.on(nil)
		inRegistry(t, s.ref(t, "x:1"), b)
	})
	t.Run("of the image manifest", func(t *testing.T) {
		s, b := newServer(t), newBundle(t, "one")
		s.Play(faultproxy.On("PUT /v2/x/manifests/", 1, faultproxy.LoseAnswer()))
		c, _ := newClient(t, registry.Options{})
		mustPush(t, c, s.ref(t, "x:1"), b)
		if n := s.count("PUT /v2/x/manifests/"); n != 1 {
			t.Errorf("put %d times: %v", n, s.requests())
		}
		s.on(nil)
		inRegistry(t, s.ref(t, "x:1"), b)
	})
}

func TestWrongBytesAreNeverSentWhole(t *testing.T) {
	for name, content := range map[string]string{"changed": "hellO", "shorter": "hell", "other": "help me"} {
		t.Run(name, func(t *testing.T) {
			s, b := newServer(t), newBundle(t, "hello")
			desc := b.desc[1]
			b.blobs[desc.Digest] = []byte(content)
			c, _ := newClient(t, registry.Options{})
			_, err := c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
			var mismatch *registry.MismatchError
			if !errors.As(err, &mismatch) || mismatch.Descriptor.Digest != desc.Digest || !strings.HasPrefix(err.Error(), s.host()+"/x: "+desc.Digest.String()+": content mismatch: want 5 bytes, got sha256:") {
				t.Errorf("got %v", err)
			}
			if b.asked[desc.Digest] != 2 {
				t.Errorf("read %d times", b.asked[desc.Digest])
			}
			if s.count("PUT /v2/x/manifests/") != 0 {
				t.Error("the tag was written")
			}
		})
	}
}

func TestAFailureOfTheSourceIsItsOwn(t *testing.T) {
	s, b := newServer(t), newBundle(t, "hello")
	broken := errors.New("disk broken")
	src := fetcher(func(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
		if desc.Digest == b.desc[1].Digest {
			return io.NopCloser(io.MultiReader(strings.NewReader("he"), failing{broken})), nil
		}
		return b.Fetch(ctx, desc)
	})
	c, _ := newClient(t, registry.Options{})
	_, err := c.Push(t.Context(), s.ref(t, "x:1"), src, b.root, registry.PushOptions{})
	failsWith(t, err, nil, "disk broken")
	if !errors.Is(err, broken) {
		t.Error("not the source's error")
	}
}

type fetcher func(context.Context, ocispec.Descriptor) (io.ReadCloser, error)

func (f fetcher) Fetch(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	return f(ctx, d)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestWhereAnUploadGoesOnIsTheRegistrysBusiness(t *testing.T) {
	elsewhere := newServer(t)
	for name, rewrite := range map[string]func(s *server, location string) string{
		"relative":   func(_ *server, l string) string { return l },
		"absolute":   func(s *server, l string) string { return s.URL + l },
		"with query": func(_ *server, l string) string { return l + "?_state=a%2Fb+c&x=%41" },
		"only a query": func(s *server, l string) string {
			return "//" + s.host() + l + "?_state=a%2Fb+c&x=%41"
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := newServer(t), newBundle(t, "hello")
			s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if strings.Contains(name, "query") && r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/uploads/") &&
					!strings.HasPrefix(r.URL.RawQuery, "_state=a%2Fb+c&x=%41&digest=sha256%3A") {
					t.Errorf("query %q", r.URL.RawQuery)
				}
				next.ServeHTTP(&relocating{w, func(l string) string { return rewrite(s, l) }}, r)
			})
			c, _ := newClient(t, registry.Options{})
			mustPush(t, c, s.ref(t, "x:1"), b)
			inRegistry(t, s.ref(t, "x:1"), b)
		})
	}
	t.Run("on another host", func(t *testing.T) {
		s, b := newServer(t), newBundle(t, "hello")
		s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if _, password, _ := r.BasicAuth(); password != canary {
				w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
				w.WriteHeader(401)
				return
			}
			// Uploads begin here and go on elsewhere, and what arrives there is here too.
			if r.Method == http.MethodPost {
				resp, err := http.Post(elsewhere.URL+r.URL.Path, "", nil)
				if err != nil {
					t.Error(err)
					return
				}
				w.Header().Set("Location", elsewhere.URL+resp.Header.Get("Location"))
				w.WriteHeader(202)
				return
			}
			next.ServeHTTP(w, r)
		})
		c, _ := newClient(t, registry.Options{Credential: static(canary)})
		mustPush(t, c, s.ref(t, "x:1"), b)
		for _, r := range elsewhere.Requests() {
			if r.Header.Get("Authorization") != "" {
				t.Error("the credential went along")
			}
		}
		if elsewhere.count("PUT") != len(b.desc) {
			t.Errorf("elsewhere: %v", elsewhere.requests())
		}
	})
	t.Run("nowhere", func(t *testing.T) {
		s, b := newServer(t), newBundle(t, "hello")
		s.on(times(99, "POST", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) }))
		c, _ := newClient(t, registry.Options{Concurrency: 1})
		_, err := c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
		failsWith(t, err, registry.ErrUnavailable, s.host()+"/x/blobs/uploads/: an upload without a place to go to")
	})
}

// relocating rewrites the Location of uploads.
type relocating struct {
	http.ResponseWriter
	rewrite func(string) string
}

func (r *relocating) WriteHeader(status int) {
	if l := r.Header().Get("Location"); l != "" && status == 202 {
		r.Header().Set("Location", r.rewrite(l))
	}
	r.ResponseWriter.WriteHeader(status)
}

func TestWhatCannotBePushedIsRefusedBeforeAnythingIsSent(t *testing.T) {
	s := newServer(t)
	huge, index, noConfig, sha512 := newBundle(t), newBundle(t), newBundle(t), newBundle(t)
	huge.setRoot(t, map[string]string{"mediaType": ocispec.MediaTypeImageManifest, "x": strings.Repeat("x", 5<<20)})
	index.setRoot(t, ocispec.Index{MediaType: ocispec.MediaTypeImageIndex})
	noConfig.setRoot(t, map[string]any{"mediaType": ocispec.MediaTypeImageManifest, "layers": nil})
	sha512.setRoot(t, ocispec.Manifest{Config: ocispec.Descriptor{Digest: digest.SHA512.FromString("x"), Size: 1}})
	absent := newBundle(t)
	absent.root.Digest = digest.FromString("absent")
	lying := newBundle(t)
	lying.root.Size++
	other := newBundle(t, "other")
	at := func(b *bundle) string { return b.root.Digest.String() }
	for name, tt := range map[string]struct {
		b     *bundle
		ref   string
		class error
		want  string
	}{
		"huge":              {huge, "x:1", errdef.ErrSizeExceedsLimit, at(huge) + fmt.Sprintf(": image manifest of %d bytes: size exceeds limit", huge.root.Size)},
		"an index":          {index, "x:1", errdef.ErrUnsupported, at(index) + ": not an image manifest: unsupported"},
		"no config":         {noConfig, "x:1", errdef.ErrUnsupported, at(noConfig) + ": not an image manifest: unsupported"},
		"another algorithm": {sha512, "x:1", errdef.ErrUnsupported, at(sha512) + ": a descriptor without SHA-256 or size: unsupported"},
		"absent":            {absent, "x:1", errdef.ErrNotFound, "not found"},
		"wrong size":        {lying, "x:1", nil, at(lying) + fmt.Sprintf(": size mismatch: want %d bytes, got %d", lying.root.Size, lying.root.Size-1)},
		"no tag":            {other, "x", nil, `"` + s.host() + `/x": a tag is needed`},
		"another digest":    {other, "x:1@" + digestA, nil, `"` + s.host() + "/x:1@" + digestA + `": the bundle has another digest: ` + at(other)},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(t, registry.Options{})
			_, err := c.Push(t.Context(), s.ref(t, tt.ref), tt.b, tt.b.root, registry.PushOptions{})
			if err == nil || err.Error() != tt.want || tt.class != nil && !errors.Is(err, tt.class) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if c.Requests() != 0 {
				t.Errorf("%d requests", c.Requests())
			}
		})
	}
}

func TestAPushByDigestNeedsNoTag(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one")
	ref := s.ref(t, "x").WithDigest(b.root.Digest)
	c, _ := newClient(t, registry.Options{})
	mustPush(t, c, ref, b)
	s.on(nil)
	inRegistry(t, ref, b)
	s.on(nil)
	if mustPush(t, c, ref, b); len(s.requests()) != 1 {
		t.Errorf("again: %v", s.requests())
	}
}

func TestWhatWasPushedCanBeLookedAtOffline(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one")
	ref := s.ref(t, "x:1")
	c, store := cachedClient(t, registry.Options{})
	mustPush(t, c, ref, b)
	off := registry.New(registry.Options{Cache: store, Offline: true})
	r, err := off.Resolve(t.Context(), ref)
	if err != nil || r.Descriptor.Digest != b.root.Digest {
		t.Fatalf("%+v %v", r, err)
	}
	config, err := store.Bytes(t.Context(), b.desc[0])
	if err != nil || string(config) != string(b.blobs[b.desc[0].Digest]) {
		t.Errorf("%s %v", config, err)
	}
}

func TestTwoPushesOfOneTagLeaveOneOfThemComplete(t *testing.T) {
	s := newServer(t)
	ref := s.ref(t, "x:1")
	bundles := []*bundle{newBundle(t, "shared", big("a")), newBundle(t, "shared", big("b"))}
	done := make(chan struct{})
	for _, b := range bundles {
		go func() {
			defer func() { done <- struct{}{} }()
			c := registry.New(registry.Options{})
			defer c.Close()
			if _, err := c.Push(context.WithoutCancel(t.Context()), ref, b, b.root, registry.PushOptions{}); err != nil {
				t.Error(err)
			}
		}()
	}
	<-done
	<-done
	c, _ := newClient(t, registry.Options{})
	r, err := c.Resolve(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(bundles, func(b *bundle) bool { return b.root.Digest == r.Descriptor.Digest })
	if i < 0 {
		t.Fatalf("neither: %s", r.Descriptor.Digest)
	}
	holds(t, c.Through(ref), bundles[i])
}
