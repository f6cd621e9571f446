package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/registry"
)

const (
	putBlob  = "PUT /v2/x/blobs/uploads/"
	patch    = "PATCH /v2/x/blobs/uploads/"
	statusOf = "GET /v2/x/blobs/uploads/"
)

// noise is a layer in which no two parts are alike.
func noise(seed byte, size int) string {
	content := make([]byte, size)
	rand.NewChaCha8([32]byte{seed}).Read(content)
	return string(content)
}

// traffic is what reached a registry.
type traffic struct {
	mu      sync.Mutex
	ranges  []string // Content-Range of each chunk that came
	taken   int64    // bytes of chunks that the registry took
	largest int64    // request
}

func (tr *traffic) saw(r *http.Request) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.largest = max(tr.largest, r.ContentLength)
	if r.Method == http.MethodPatch {
		tr.ranges = append(tr.ranges, r.Header.Get("Content-Range"))
		r.Body = &counted{r.Body, tr}
	}
}

type counted struct {
	io.ReadCloser
	traffic *traffic
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.traffic.mu.Lock()
	c.traffic.taken += int64(n)
	c.traffic.mu.Unlock()
	return n, err
}

// fault is something that happens to requests on their way to a registry. It returns whether it has dealt with one.
type fault func(w http.ResponseWriter, r *http.Request, next http.Handler) bool

// on sets faults and what counts the traffic.
func (tr *traffic) on(s *server, faults ...fault) {
	s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		for _, f := range faults {
			if f(w, r, next) {
				return
			}
		}
		tr.saw(r)
		next.ServeHTTP(w, r)
	})
}

// nth lets a fault happen to some of the requests that begin so; the first is number 1.
func nth(prefix string, first, last int, f fault) fault {
	var mu sync.Mutex
	seen := 0
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if !strings.HasPrefix(r.Method+" "+r.URL.Path, prefix) {
			return false
		}
		mu.Lock()
		seen++
		hit := seen >= first && seen <= last
		mu.Unlock()
		return hit && f(w, r, next)
	}
}

// saying answers when all of the request has come.
func saying(status int) fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		return true
	}
}

// cutting breaks the connection when so many bytes of the body have come.
func cutting(after int64) fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		io.CopyN(io.Discard, r.Body, after)
		cut(w, r)
		return true
	}
}

// above answers requests with larger bodies so, without a look at the body.
func above(limit int64, status int) fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.ContentLength <= limit {
			return false
		}
		w.WriteHeader(status)
		return true
	}
}

// keeps checks that the tag x:1 of a registry is b, and that every byte is there, without our own client.
func keeps(t *testing.T, s *server, b *bundle) {
	t.Helper()
	s.on(nil)
	if got := fetched(t, s.URL+"/v2/x/manifests/1"); !bytes.Equal(got, b.blobs[b.root.Digest]) {
		t.Errorf("image manifest %s", got)
	}
	keepsBlobs(t, s, b)
}

func keepsBlobs(t *testing.T, s *server, b *bundle) {
	t.Helper()
	for _, d := range b.desc {
		if got := fetched(t, s.URL+"/v2/x/blobs/"+d.Digest.String()); !bytes.Equal(got, b.blobs[d.Digest]) {
			t.Errorf("%s: %d other bytes", d.Digest, len(got))
		}
	}
}

func fetched(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("%s: %s, %v", url, resp.Status, err)
	}
	return got
}

// whole lets a fault happen to some of the requests that bring all of a large blob.
func whole(first, last int, f fault) fault {
	f = nth("PUT", first, last, f)
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		return r.Method == http.MethodPut && r.ContentLength > 8*mib && f(w, r, next)
	}
}

// wantsChunks is a registry that says so.
func wantsChunks(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
	if r.Method == http.MethodPost {
		w.Header().Set("OCI-Chunk-Min-Length", "1")
	}
	return false
}

// tooLarge is a proxy that does not let large blobs through in one request.
var tooLarge = whole(1, 1<<30, above(0, 413))

func TestALargeBlobGoesInChunksWhereTheRegistryWantsIt(t *testing.T) {
	least := func(n string) fault {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
			if r.Method == http.MethodPost {
				w.Header().Set("OCI-Chunk-Min-Length", n)
			}
			return false
		}
	}
	for name, tt := range map[string]struct {
		fault fault
		whole int // requests with all bytes of a large blob that came in vain
		chunk int64
	}{
		"413 for the whole":                  {tooLarge, 1, 8 * mib},
		"413 for more than 1 MiB, as nginx":  {above(mib, 413), 1, mib},
		"413 for more than 100 MB":           {above(9*mib, 413), 1, 8 * mib},
		"416 for PATCH above 4 MiB, as GHCR": {both(tooLarge, nth("PATCH", 1, 1<<30, above(4*mib, 416))), 1, 4 * mib},
		"a least size of chunks":             {least("5242880"), 0, 8 * mib},
		"a least size above ours":            {least("10485760"), 0, 10 * mib},
		"cut twice":                          {whole(1, 2, cutting(9*mib)), 2, 8 * mib},
		"408 twice":                          {whole(1, 2, saying(408)), 2, 8 * mib},
		"504 twice":                          {whole(1, 2, saying(504)), 2, 8 * mib},
		"524 twice":                          {whole(1, 2, saying(524)), 2, 8 * mib},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib+1), noise(2, 17*mib), "small")
			var tr traffic
			var vain int
			tr.on(s, whole(1, 1<<30, func(http.ResponseWriter, *http.Request, http.Handler) bool { vain++; return false }), tt.fault)
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			report := mustPush(t, c, s.ref(t, "x:1"), b)
			if vain != tt.whole {
				t.Errorf("%d large blobs came in one request, want %d", vain, tt.whole)
			}
			if tr.largest != tt.chunk {
				t.Errorf("the largest request had %d bytes, want %d", tr.largest, tt.chunk)
			}
			if report.Sent != b.size() || tr.taken != int64(len(b.blobs[b.desc[1].Digest])+len(b.blobs[b.desc[2].Digest])) {
				t.Errorf("%+v, the registry took %d bytes of chunks", report, tr.taken)
			}
			keeps(t, s, b)
		})
	}
}

func TestWhereNothingSpeaksAgainstItABlobGoesInOneRequest(t *testing.T) {
	s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib))
	var tr traffic
	tr.on(s, whole(1, 1, cutting(9*mib))) // once may be chance
	c, _ := newClient(t, registry.Options{Concurrency: 1})
	mustPush(t, c, s.ref(t, "x:1"), b)
	if s.count("PATCH") != 0 || tr.largest != 20*mib {
		t.Errorf("asked %v", s.requests())
	}
	keeps(t, s, b)
}

// A chunk that fails is settled by asking where the upload stands, and only what is missing goes again.
func TestAChunkThatFailsIsContinuedWhereTheRegistryStands(t *testing.T) {
	// partly lets the registry have the first bytes of a chunk before something goes wrong.
	partly := func(n int64, then fault) fault {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
			in := r.Clone(r.Context())
			in.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, n), failing{io.ErrUnexpectedEOF}))
			next.ServeHTTP(httptest.NewRecorder(), in)
			return then(w, r, next)
		}
	}
	for name, tt := range map[string]struct {
		fault fault
		want  []string
	}{
		"429":               {nth(patch, 2, 2, saying(429)), []string{"0-8388607", "8388608-16777215", "16777216-20971519"}},
		"503 for the first": {nth(patch, 1, 1, saying(503)), []string{"0-8388607", "8388608-16777215", "16777216-20971519"}},
		"cut before a byte": {nth(patch, 3, 3, cutting(0)), []string{"0-8388607", "8388608-16777215", "16777216-20971519"}},
		"cut in the middle": {nth(patch, 2, 2, partly(3*mib, cutting(0))), []string{"0-8388607", "11534336-19922943", "19922944-20971519"}},
		"502 at the end":    {nth(patch, 2, 2, partly(8*mib, saying(502))), []string{"0-8388607", "16777216-20971519"}},
		"the answer about the status fails too": {both(nth(patch, 2, 2, partly(3*mib, cutting(0))), nth(statusOf, 1, 2, saying(503))),
			[]string{"0-8388607", "11534336-19922943", "19922944-20971519"}},
		"416 although it fits": {nth(patch, 2, 2, partly(8*mib, saying(416))), []string{"0-8388607", "16777216-20971519"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib))
			var tr traffic
			tr.on(s, wantsChunks, tt.fault)
			c, events := newClient(t, registry.Options{Concurrency: 1})
			mustPush(t, c, s.ref(t, "x:1"), b)
			if fmt.Sprint(tr.ranges) != fmt.Sprint(tt.want) {
				t.Errorf("chunks %v, want %v", tr.ranges, tt.want)
			}
			if n := s.count("POST"); n != len(b.desc) {
				t.Errorf("%d uploads", n)
			}
			if b.asked[b.desc[1].Digest] != 1 {
				t.Errorf("read %d times", b.asked[b.desc[1].Digest])
			}
			if n := len(events.of(registry.Retrying)); n == 0 && !strings.Contains(name, "416") {
				t.Error("nothing was told")
			}
			keeps(t, s, b)
		})
	}
}

func both(faults ...fault) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		for _, f := range faults {
			if f(w, r, next) {
				return true
			}
		}
		return false
	}
}

// Whatever a registry says about where an upload stands: what it keeps in the end is right, or it keeps nothing.
func TestARegistryThatLiesAboutAnUploadGetsNoWrongBytes(t *testing.T) {
	lie := func(header string) fault {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
			if header != "" {
				w.Header().Set("Range", header)
			}
			w.WriteHeader(204)
			return true
		}
	}
	lax := func(w http.ResponseWriter, r *http.Request, next http.Handler) bool { // takes any chunk anywhere
		r.Header.Del("Content-Range")
		return false
	}
	lies := map[string]fault{
		"less than it had acknowledged": lie("0-8388606"),
		"more than was sent":            lie("0-16777216"),
		"more than it has":              lie("0-12582911"),
		"more, and takes it":            both(nth(statusOf, 1, 1<<30, lie("0-12582911")), nth("PATCH", 1, 1<<30, lax)),
		"no range":                      lie(""),
		"no number":                     lie("0-x"),
		"a negative one":                lie("0--7"),
		"another unit":                  lie("chunks=1-2"),
		"a huge one":                    lie("0-99999999999999999999"),
	}
	for name, f := range lies {
		f = nth("", 1, 1<<30, f)
		if name != "more, and takes it" {
			f = nth(statusOf, 1, 1<<30, f)
		}
		t.Run(name+" once", func(t *testing.T) {
			t.Parallel()
			s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib))
			var tr traffic
			tr.on(s, wantsChunks, nth(patch, 2, 2, cutting(100)), f)
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			mustPush(t, c, s.ref(t, "x:1"), b)
			keeps(t, s, b)
		})
		t.Run(name+" always", func(t *testing.T) {
			t.Parallel()
			s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib))
			var tr traffic
			failing := func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
				return strings.HasPrefix(r.Header.Get("Content-Range"), "8388608-") && cutting(100)(w, r, next)
			}
			tr.on(s, wantsChunks, failing, f)
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			_, err := c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
			if !errors.Is(err, registry.ErrUnavailable) && !errors.Is(err, registry.ErrRefused) {
				t.Errorf("got %v", err)
			}
			if n := s.count("POST"); n > len(b.desc)+registry.MaxLost || s.count("PUT /v2/x/manifests/") != 0 {
				t.Errorf("%d uploads: %v", n, s.requests())
			}
		})
	}
}

func TestAnUploadThatTheRegistryForgotBeginsAnew(t *testing.T) {
	for name, tt := range map[string]struct {
		first, last int
		ok          bool
	}{"once": {2, 2, true}, "always": {2, 1 << 30, false}} {
		t.Run(name, func(t *testing.T) {
			s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib))
			var tr traffic
			tr.on(s, wantsChunks, nth(patch, tt.first, tt.last, func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
				return !strings.HasPrefix(r.Header.Get("Content-Range"), "0-") && saying(404)(w, r, next)
			}))
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			_, err := c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
			if (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
			if n := s.count("POST"); n > len(b.desc)+registry.MaxLost {
				t.Errorf("%d uploads", n)
			}
			if tt.ok {
				keeps(t, s, b)
			}
		})
	}
}

func TestARegistryThatTakesNoChunksGetsTheWholeAfterAll(t *testing.T) {
	for _, number := range []int{400, 404, 405, 501} {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			t.Parallel()
			s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib), noise(2, 9*mib))
			var tr traffic
			tr.on(s, whole(1, 2, saying(504)), nth(patch, 1, 1<<30, saying(number)))
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			mustPush(t, c, s.ref(t, "x:1"), b)
			if s.count("PATCH") != 1 || tr.largest != 20*mib {
				t.Errorf("asked %v", s.requests())
			}
			keeps(t, s, b)
		})
	}
	t.Run("and its refusal is told if it does not take that either", func(t *testing.T) {
		s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib))
		var tr traffic
		tr.on(s, above(100<<10, 413))
		c, _ := newClient(t, registry.Options{Concurrency: 1})
		_, err := c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
		failsWith(t, err, registry.ErrRefused, s.host()+"/x/blobs/"+b.desc[1].Digest.String()+": PUT answered 413 Request Entity Too Large")
	})
}

func TestALostAnswerToTheLastRequestOfAnUploadInChunksIsSettledByAsking(t *testing.T) {
	for name, faults := range map[string][]fault{
		"the blob is there":                    nil,
		"and the first question fails as well": {nth("HEAD /v2/x/blobs/", 2, 2, saying(503))},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib))
			var tr traffic
			lost := func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
				if r.Method != http.MethodPut || r.ContentLength != 0 {
					return false
				}
				next.ServeHTTP(httptest.NewRecorder(), r)
				return cutting(0)(w, r, next)
			}
			tr.on(s, append(faults, wantsChunks, lost)...)
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			mustPush(t, c, s.ref(t, "x:1"), b)
			if n := s.count("POST"); n != len(b.desc) || tr.taken != 20*mib {
				t.Errorf("%d uploads, %d bytes of chunks: %v", n, tr.taken, s.requests())
			}
			keeps(t, s, b)
		})
	}
}

func TestWrongBytesAreNeverSentWholeInChunksEither(t *testing.T) {
	content := noise(1, 20*mib)
	for name, wrong := range map[string]string{"changed": content[:len(content)-1] + "x", "shorter": content[:17*mib]} {
		t.Run(name, func(t *testing.T) {
			s, b := newEmbedded(t), newBundle(t, content)
			desc := b.desc[1]
			b.blobs[desc.Digest] = []byte(wrong)
			var tr traffic
			tr.on(s, wantsChunks)
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			_, err := c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
			var mismatch *registry.MismatchError
			if !errors.As(err, &mismatch) || mismatch.Descriptor.Digest != desc.Digest || b.asked[desc.Digest] != 2 {
				t.Errorf("got %v after reading it %d times", err, b.asked[desc.Digest])
			}
			if tr.taken != 2*16*mib || s.count("PUT /v2/x/manifests/") != 0 {
				t.Errorf("%d bytes sent: %v", tr.taken, s.requests())
			}
		})
	}
}

func TestAnUploadInChunksThatGoesOnElsewhereGetsNoCredentialThere(t *testing.T) {
	s, elsewhere, b := newEmbedded(t), newEmbedded(t), newBundle(t, noise(1, 20*mib))
	s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if _, password, _ := r.BasicAuth(); password != canary {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(401)
			return
		}
		if strings.Contains(r.URL.Path, "/manifests/") && r.Method == http.MethodPut {
			w.WriteHeader(201) // it believes that the blobs are there
			return
		}
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		resp, err := http.Post(elsewhere.URL+r.URL.Path, "", nil)
		if err != nil {
			t.Error(err)
			return
		}
		resp.Body.Close()
		w.Header().Set("Location", elsewhere.URL+resp.Header.Get("Location")+"?state=a%2Fb+c")
		w.Header().Set("OCI-Chunk-Min-Length", "1")
		w.WriteHeader(202)
	})
	var tr traffic
	tr.on(elsewhere, nth(patch, 2, 2, cutting(100)), func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if _, ok := r.Header["Authorization"]; ok {
			t.Errorf("%s: the credential went along", r.Method)
		}
		return false
	})
	c, events := newClient(t, registry.Options{Credential: static(canary), Concurrency: 1})
	_, err := c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
	noCanary(t, err, events)
	if elsewhere.count(statusOf) != 1 || elsewhere.count(putBlob) != len(b.desc) || tr.taken != 20*mib || s.count("PATCH") != 0 {
		t.Errorf("elsewhere: %v, %d bytes", strings.Join(elsewhere.requests(), "\n"), tr.taken)
	}
	keepsBlobs(t, elsewhere, b)
}

func TestAChunkIsSentAgainWhenTheTokenHasExpired(t *testing.T) {
	s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib))
	expired := nth(patch, 2, 2, func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(401)
		return true
	})
	var tr traffic
	tr.on(s, wantsChunks, expired)
	c, events := newClient(t, registry.Options{Credential: static(canary), Concurrency: 1})
	mustPush(t, c, s.ref(t, "x:1"), b)
	if len(events.of(registry.Retrying)) != 0 || tr.taken != 20*mib {
		t.Errorf("%d bytes of chunks, %v", tr.taken, events.of(registry.Retrying))
	}
	keeps(t, s, b)
}

// madeUp makes up the bytes of a blob as they are read.
type madeUp struct{ left int64 }

func (e *madeUp) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	clear(p[:n])
	e.left -= n
	return int(n), nil
}

func TestTheMemoryOfAnUploadInChunksDoesNotGrowWithTheBlob(t *testing.T) {
	const size = 200 * mib
	sum, err := digest.FromReader(&madeUp{size})
	if err != nil {
		t.Fatal(err)
	}
	b := newBundle(t)
	huge := ocispec.Descriptor{MediaType: "application/octet-stream", Digest: sum, Size: size}
	b.setRoot(t, ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, Config: b.desc[0], Layers: []ocispec.Descriptor{huge}})
	src := fetcher(func(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
		if desc.Digest == huge.Digest {
			return io.NopCloser(&madeUp{size}), nil
		}
		return b.Fetch(ctx, desc)
	})
	s := newEmbedded(t)
	var tr traffic
	tr.on(s, wantsChunks)
	quiet := registry.New(registry.Options{})
	defer quiet.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := quiet.Push(t.Context(), s.ref(t, "x:1"), src, b.root, registry.PushOptions{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > size/4 {
		t.Errorf("%d bytes of memory for %d", grown, size)
	}
	if s.count("PATCH") != size/(8*mib) || tr.taken != size {
		t.Errorf("%d chunks, %d bytes", s.count("PATCH"), tr.taken)
	}
}
