package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/errdef"
	oras "oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/irisfix/irisfix/registry"
)

// family is a bundle with what refers to it: a signature, a signature of that, an SBOM whose blob is large, and an index
// of two reports of which one is signed.
type family struct {
	*bundle
	all    []*bundle // in an order in which they may be pushed
	second *bundle   // the signature of the signature
}

func newFamily(t *testing.T) *family {
	t.Helper()
	f := &family{bundle: newBundle(t, "one", big("two"))}
	signature := referrer(t, f.root, "application/x.signature", "signed")
	f.second = referrer(t, signature.root, "application/x.signature", "signed again")
	left, right := newBundle(t, "left"), newBundle(t, "right")
	reports := &bundle{blobs: map[digest.Digest][]byte{}, asked: map[digest.Digest]int{}}
	reports.setRoot(t, ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		ArtifactType: "application/x.reports", Manifests: []ocispec.Descriptor{left.root, right.root}, Subject: &f.root})
	reports.root.MediaType = ocispec.MediaTypeImageIndex
	f.all = []*bundle{f.bundle, signature, f.second, referrer(t, f.root, "", big("sbom")), left, right, reports,
		referrer(t, right.root, "application/x.signature", "signed right")}
	return f
}

// referrers is how many of the family are about another one.
const referrers = 5

func (f *family) size() (n int64) {
	seen := map[digest.Digest]bool{}
	for _, b := range f.all {
		for d, data := range b.blobs {
			if !seen[d] {
				n += int64(len(data))
			}
			seen[d] = true
		}
	}
	return n
}

func referrer(t *testing.T, subject ocispec.Descriptor, artifactType, layer string) *bundle {
	t.Helper()
	b := newBundle(t, layer)
	delete(b.blobs, b.root.Digest)
	b.setRoot(t, ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: artifactType, Config: b.desc[0], Layers: b.desc[1:], Subject: &subject, Annotations: map[string]string{"of": layer[:4]}})
	return b
}

// graph is a registry's repository or a layout, as oras-go sees it.
type graph interface {
	content.ReadOnlyGraphStorage
	content.Pusher
	content.TagResolver
}

// place is where a family can be: the way that irisfix names it, and oras-go's view of it.
type place struct {
	name string
	see  func(t *testing.T) graph
	s    *server // nil for a layout
}

func places(t *testing.T) map[string]place {
	t.Helper()
	remotely := func(s *server) place {
		name := s.host() + "/x"
		return place{name: name, s: s, see: func(t *testing.T) graph {
			repo, err := remote.NewRepository(name)
			if err != nil {
				t.Fatal(err)
			}
			repo.PlainHTTP = true
			return repo
		}}
	}
	dir := filepath.Join(t.TempDir(), "layout")
	page := newServer(t)
	page.on(likeGHCR)
	return map[string]place{
		"API": remotely(newEmbedded(t)), "no API": remotely(newServer(t)), "a web page": remotely(page),
		"a layout": {name: "oci-layout:" + dir, see: func(t *testing.T) graph {
			store, err := oci.New(dir)
			if err != nil {
				t.Fatal(err)
			}
			return store
		}},
	}
}

// likeGHCR leads from the API to a web page (artifacthub/hub#4785), which must not be asked. oras-go would follow.
func likeGHCR(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if strings.Contains(r.URL.Path, "/referrers/") && strings.HasPrefix(r.UserAgent(), "irisfix") {
		w.Header().Set("Location", "/-/v2/packages")
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/-/") {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	next.ServeHTTP(w, r)
}

// seed brings the family to a place by oras-go.
func (f *family) seed(t *testing.T, to graph) {
	t.Helper()
	for _, b := range f.all {
		for _, d := range append(slices.Clone(b.desc), b.root) {
			if there, err := to.Exists(t.Context(), d); err != nil {
				t.Fatal(err)
			} else if !there {
				if err := to.Push(t.Context(), d, bytes.NewReader(b.blobs[d.Digest])); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := to.Tag(t.Context(), f.root, "1"); err != nil {
		t.Fatal(err)
	}
}

// check walks the family with oras-go.
func (f *family) check(t *testing.T, in graph) {
	t.Helper()
	if desc, err := in.Resolve(t.Context(), "1"); err != nil || desc.Digest != f.root.Digest {
		t.Errorf("the tag stands for %s: %v", desc.Digest, err)
	}
	for _, b := range f.all {
		for _, d := range append(slices.Clone(b.desc), b.root) {
			data, err := content.FetchAll(t.Context(), in, d)
			if err != nil || !bytes.Equal(data, b.blobs[d.Digest]) {
				t.Errorf("%s: %d bytes, %v", d.Digest, len(data), err)
			}
		}
		var want []digest.Digest
		for _, other := range f.all {
			var m struct{ Subject ocispec.Descriptor }
			if err := json.Unmarshal(other.blobs[other.root.Digest], &m); err == nil && m.Subject.Digest == b.root.Digest {
				want = append(want, other.root.Digest)
			}
		}
		list, err := oras.Referrers(t.Context(), in, b.root, "")
		var got []digest.Digest
		for _, d := range list {
			got = append(got, d.Digest)
			if d.ArtifactType == "" {
				t.Errorf("%s without a type", d.Digest)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("referrers of %s: %v %v, want %v", b.root.Digest, got, err, want)
		}
	}
}

var recursive = registry.CopyOptions{Recursive: true}

func TestReferrersGoAlongEverywhere(t *testing.T) {
	f := newFamily(t)
	for _, fromName := range []string{"API", "no API", "a web page", "a layout"} {
		for _, toName := range []string{"API", "no API", "a web page", "a layout"} {
			t.Run(fromName+" to "+toName, func(t *testing.T) {
				from, to := places(t)[fromName], places(t)[toName]
				f.seed(t, from.see(t))
				c, _ := newClient(t, registry.Options{})
				first, err := c.Copy(t.Context(), endpoint(t, from.name+":1"), endpoint(t, to.name+":1"), recursive)
				if err != nil {
					t.Fatal(err)
				}
				if first.Referrers != referrers || first.Missing != 0 || first.Descriptor.Digest != f.root.Digest || first.Sent < f.bundle.size() {
					t.Errorf("%+v", first)
				}
				f.check(t, to.see(t))
				if to.s != nil {
					log := to.s.requests()
					if i := slices.Index(log, "PUT /v2/x/manifests/1"); i < 0 || slices.ContainsFunc(log[i+1:], func(r string) bool { return strings.HasPrefix(r, "PUT") }) {
						t.Errorf("the tag is not set last")
					}
					if to.s.count("GET /-/") > 0 {
						t.Error("the web page was asked")
					}
				}
				again, err := c.Copy(t.Context(), endpoint(t, from.name+":1"), endpoint(t, to.name+":1"), recursive)
				if err != nil || again.Sent != 0 || again.Referrers != referrers || again.Previous != f.root.Digest || again.Reused != f.size() {
					t.Errorf("again: %+v %v", again, err)
				}
				f.check(t, to.see(t))
			})
		}
	}
}

func TestReferrersStayBehindUnlessWanted(t *testing.T) {
	f := newFamily(t)
	from, to := places(t)["API"], places(t)["API"]
	f.seed(t, from.see(t))
	from.s.on(nil)
	c, _ := newClient(t, registry.Options{})
	report, err := c.Copy(t.Context(), endpoint(t, from.name+":1"), endpoint(t, to.name+":1"), registry.CopyOptions{})
	if err != nil || report.Referrers != 0 || from.s.count("GET /v2/x/referrers/") != 0 {
		t.Errorf("%+v %v", report, err)
	}
	list, err := oras.Referrers(t.Context(), to.see(t), f.root, "")
	if err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}

func TestACopyOfReferrersThatWasInterruptedIsCompleted(t *testing.T) {
	f := newFamily(t)
	for _, toName := range []string{"API", "no API"} {
		for stop := 1; ; stop++ { // after each PUT in turn
			from, to := places(t)["API"], places(t)[toName]
			f.seed(t, from.see(t))
			ctx, cancel := context.WithCancelCause(t.Context())
			enough := errors.New("enough")
			var puts atomic.Int64
			to.s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if r.Method == http.MethodPut && puts.Add(1) > int64(stop) {
					cancel(enough)
					cut(w, r)
				}
				next.ServeHTTP(w, r)
			})
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			_, err := c.Copy(ctx, endpoint(t, from.name+":1"), endpoint(t, to.name+":1"), recursive)
			if err == nil {
				f.check(t, to.see(t))
				break
			}
			if !errors.Is(err, enough) {
				t.Fatalf("got %v", err)
			}
			to.s.on(nil)
			if _, err := to.see(t).Resolve(t.Context(), "1"); !errors.Is(err, errdef.ErrNotFound) {
				t.Errorf("%s, after %d: the tag is there: %v", toName, stop, err)
			}
			if _, err := c.Copy(t.Context(), endpoint(t, from.name+":1"), endpoint(t, to.name+":1"), recursive); err != nil {
				t.Fatal(err)
			}
			f.check(t, to.see(t))
		}
	}
}

func TestTagsOfCosignGoAlong(t *testing.T) {
	b, sig, sbom := newBundle(t, "one"), newBundle(t, "signature"), newBundle(t, "sbom")
	s, to, dir := newServer(t), newServer(t), filepath.Join(t.TempDir(), "layout")
	prefix := "x:sha256-" + b.root.Digest.Encoded()
	b.push(t, s.ref(t, "x:1"))
	sig.push(t, s.ref(t, prefix+".sig"))
	sbom.push(t, s.ref(t, prefix+".sbom"))
	c, _ := newClient(t, registry.Options{})
	for _, hop := range [][2]string{{s.host() + "/x:1", "oci-layout:" + dir}, {"oci-layout:" + dir, to.host() + "/x:1"}, {"oci-layout:" + dir + ":1", to.host() + "/x:1"}} {
		if r, err := c.Copy(t.Context(), endpoint(t, hop[0]), endpoint(t, hop[1]), recursive); err != nil || r.Referrers != 2 {
			t.Fatalf("%+v %v", r, err)
		}
	}
	inRegistry(t, to.ref(t, prefix+".sig"), sig)
	inRegistry(t, to.ref(t, prefix+".sbom"), sbom)
}

// list makes an index at the tag that stands in for the API.
func list(t *testing.T, in graph, subject ocispec.Descriptor, entries ...ocispec.Descriptor) {
	t.Helper()
	data, err := json.Marshal(ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: entries})
	if err != nil {
		t.Fatal(err)
	}
	desc := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if err := in.Push(t.Context(), desc, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	if err := in.Tag(t.Context(), desc, "sha256-"+subject.Digest.Encoded()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAListSaysIsNotBelieved(t *testing.T) {
	f := newFamily(t)
	stranger, gone := newBundle(t, "stranger"), referrer(t, f.root, "a/b", "gone")
	from, to := places(t)["no API"], places(t)["API"]
	f.seed(t, from.see(t))
	stranger.push(t, from.s.ref(t, "x@"+stranger.root.Digest.String()))
	gone.push(t, from.s.ref(t, "x@"+gone.root.Digest.String()))
	list(t, from.see(t), f.root, stranger.root, gone.root, f.all[1].root, f.root)
	from.s.Config.Handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/v2/x/manifests/"+gone.root.Digest.String(), nil))
	c, _ := newClient(t, registry.Options{})
	report, err := c.Copy(t.Context(), endpoint(t, from.name+":1"), endpoint(t, to.name+":1"), recursive)
	if err != nil || report.Referrers != 2 || report.Missing != 1 {
		t.Errorf("%+v %v", report, err)
	}
	if there, err := to.see(t).Exists(t.Context(), stranger.root); there || err != nil {
		t.Errorf("the stranger came along: %v", err)
	}
}

func TestWhoElseIsOnAListStaysOnIt(t *testing.T) {
	f := newFamily(t)
	from, to := places(t)["API"], places(t)["no API"]
	f.seed(t, from.see(t))
	other := referrer(t, f.root, "a/b", "other")
	other.push(t, to.s.ref(t, "x@"+other.root.Digest.String()))
	entry := other.root
	entry.ArtifactType = "a/b"
	list(t, to.see(t), f.root, entry)
	// Somebody else writes the list at the same time, without ours.
	var listed atomic.Int64
	to.s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/sha256-"+f.root.Digest.Encoded()) && listed.Add(1) == 1 {
			io.Copy(io.Discard, r.Body)
			w.WriteHeader(201)
			return
		}
		next.ServeHTTP(w, r)
	})
	c, _ := newClient(t, registry.Options{})
	if _, err := c.Copy(t.Context(), endpoint(t, from.name+":1"), endpoint(t, to.name+":1"), recursive); err != nil {
		t.Fatal(err)
	}
	f.all = append(f.all, other)
	f.check(t, to.see(t))
	if listed.Load() != 2 {
		t.Errorf("the list was written %d times", listed.Load())
	}
}

func TestReferrersAreBounded(t *testing.T) {
	b := newBundle(t, "one")
	s := newServer(t)
	b.push(t, s.ref(t, "x:1"))
	to := s.host() + "/y:1"
	index := func(entries ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
			fmt.Fprintf(w, `{"schemaVersion":2,"manifests":[%s]}`, strings.Join(entries, ","))
		}
	}
	entry := func(i int, size int64) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, ocispec.MediaTypeImageManifest, digest.FromString(fmt.Sprint(i)), size)
	}
	var many, large []string
	for i := range 2001 {
		many = append(many, entry(i, 1))
	}
	for i := range 17 {
		large = append(large, entry(i, 4<<20))
	}
	deep := b.root // each one refers to the one before
	chain := map[string]*bundle{}
	for i := range 20 {
		next := referrer(t, deep, "a/b", fmt.Sprintf("deep %d", i))
		chain[deep.Digest.String()] = next
		next.push(t, s.ref(t, "x@"+next.root.Digest.String()))
		deep = next.root
	}
	list := "127.0.0.1:0/x/referrers/" + b.root.Digest.String()
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		class  error
		text   string
	}{
		"many": {index(many...), errdef.ErrSizeExceedsLimit, b.root.Digest.String() + ": more than 2000 referrers: size exceeds limit"},
		"deep": {func(w http.ResponseWriter, r *http.Request) {
			next, ok := chain[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]
			if !ok {
				index()(w, r)
				return
			}
			index(fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, next.root.MediaType, next.root.Digest, next.root.Size))(w, r)
		}, errdef.ErrSizeExceedsLimit, b.root.Digest.String() + ": referrers of referrers, 17 deep: size exceeds limit"},
		"a long list": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
			io.WriteString(w, strings.Repeat(" ", 4<<20+1))
		}, registry.ErrUnavailable, list + ": list of referrers: larger than 4194304 bytes"},
		"no list":        {index(`1`), registry.ErrUnavailable, ""},
		"another digest": {index(`{"mediaType":"m","digest":"sha512:x","size":1}`), registry.ErrUnavailable, list + ": list of referrers: a descriptor without SHA-256 or size"},
		"another type":   {index(strings.Replace(entry(1, 1), "image.manifest", "artifact.manifest", 1)), errdef.ErrUnsupported, digest.FromString("1").String() + `: "application/vnd.oci.artifact.manifest.v1+json" is neither an image manifest nor an index: unsupported`},
		"pages without end": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "<"+r.URL.Path+"?next=1>; rel=\"next\"")
			index(entry(1, 1))(w, r)
		}, registry.ErrUnavailable, list + ": pages without end"},
		"no rights": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, registry.ErrUnauthorized, list + ": GET answered 403 Forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if strings.HasPrefix(r.URL.Path, "/v2/x/referrers/") {
					tt.answer(w, r)
					return
				}
				next.ServeHTTP(w, r)
			})
			c, _ := newClient(t, registry.Options{})
			_, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:1"), endpoint(t, to), recursive)
			want := strings.Replace(tt.text, "127.0.0.1:0", s.host(), 1)
			if !errors.Is(err, tt.class) || tt.text != "" && err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if s.count("PUT") != 0 {
				t.Error("something was sent")
			}
		})
	}
	t.Run("large", func(t *testing.T) {
		s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			switch {
			case strings.HasPrefix(r.URL.Path, "/v2/x/referrers/"):
				index(large...)(w, r)
			case strings.HasPrefix(r.URL.Path, "/v2/x/manifests/sha256:"):
				<-r.Context().Done()
			default:
				next.ServeHTTP(w, r)
			}
		})
		c, _ := newClient(t, registry.Options{})
		_, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:1"), endpoint(t, to), recursive)
		if !errors.Is(err, errdef.ErrSizeExceedsLimit) || !strings.HasSuffix(err.Error(), ": image manifests of referrers of more than 67108864 bytes: size exceeds limit") {
			t.Errorf("got %v", err)
		}
	})
}

func TestAListOfReferrersIsReadToItsLastPage(t *testing.T) {
	f := newFamily(t)
	from, to := places(t)["API"], places(t)["API"]
	f.seed(t, from.see(t))
	from.s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasSuffix(r.URL.Path, "/referrers/"+f.root.Digest.String()) {
			next.ServeHTTP(w, r)
			return
		}
		var three []ocispec.Descriptor
		for _, i := range []int{1, 3, 6} {
			three = append(three, f.all[i].root)
		}
		page := 0
		fmt.Sscan(r.URL.Query().Get("page"), &page)
		if page < 2 {
			w.Header().Set("Link", fmt.Sprintf(`<%s?page=%d>; rel="next"`, r.URL.Path, page+1))
		}
		w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
		json.NewEncoder(w).Encode(ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, Manifests: three[page : page+1]})
	})
	c, _ := newClient(t, registry.Options{})
	if r, err := c.Copy(t.Context(), endpoint(t, from.name+":1"), endpoint(t, to.name+":1"), recursive); err != nil || r.Referrers != referrers {
		t.Errorf("%+v %v", r, err)
	}
	f.check(t, to.see(t))
}

func TestWithinARegistryReferrersAreMountedToo(t *testing.T) {
	f := newFamily(t)
	p := places(t)["API"]
	f.seed(t, p.see(t))
	p.s.on(nil)
	c, _ := newClient(t, registry.Options{})
	_, err := c.Copy(t.Context(), endpoint(t, p.name+":1"), endpoint(t, p.s.host()+"/y:1"), recursive)
	if err != nil || p.s.count("GET /v2/x/blobs/")+p.s.count("PUT /v2/y/blobs/") != 0 {
		t.Errorf("%v after %s", err, strings.Join(p.s.requests(), "\n"))
	}
}

func TestOfflineNobodyKnowsTheReferrers(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one")
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	c, store := cachedClient(t, registry.Options{})
	if _, err := pull(t, c, ref, b); err != nil {
		t.Fatal(err)
	}
	off, _ := newClient(t, registry.Options{Cache: store, Offline: true})
	_, err := off.Copy(t.Context(), registry.Endpoint{Reference: ref}, endpoint(t, "oci-layout:"+filepath.Join(t.TempDir(), "x")), recursive)
	failsWith(t, err, registry.ErrOffline, ref.String()+": offline, and not in the cache")
}

func TestTheLayoutNamesReferrersAsOrasDoes(t *testing.T) {
	b := newBundle(t, "one")
	signature := referrer(t, b.root, "application/x.signature", "signed")
	s := newEmbedded(t)
	b.push(t, s.ref(t, "x:1"))
	signature.push(t, s.ref(t, "x@"+signature.root.Digest.String()))
	dir := t.TempDir()
	c, _ := newClient(t, registry.Options{})
	for range 2 {
		if _, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:1"), endpoint(t, "oci-layout:"+dir), recursive); err != nil {
			t.Fatal(err)
		}
	}
	index, err := os.ReadFile(filepath.Join(dir, "index.json"))
	want := fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[`+
		`{"mediaType":%q,"digest":%q,"size":%d,"annotations":{"of":"sign"},"artifactType":"application/x.signature"},`+
		`{"mediaType":%q,"digest":%q,"size":%d,"annotations":{"org.opencontainers.image.ref.name":"1"}}]}`,
		signature.root.MediaType, signature.root.Digest, signature.root.Size, b.root.MediaType, b.root.Digest, b.root.Size)
	if err != nil || string(index) != want {
		t.Errorf("got  %s %v\nwant %s", index, err, want)
	}
	if desc, err := registry.OpenLayout(dir).Resolve(t.Context(), ""); err != nil || desc.Digest != b.root.Digest {
		t.Errorf("without a tag it is %s: %v", desc.Digest, err)
	}
}
