package registry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
	registryserver "github.com/irisfix/irisfix/registry/server"
)

const mib = 1 << 20

// random returns content in which no two places look the same.
func random(t *testing.T, n int) string { return string(faultproxy.NewRand(t, "1").Bytes(n)) }

// large is a registry with a bundle of one layer. It keeps it on the disk, as registries do.
func large(t *testing.T, content string, o faultproxy.Options) (s *server, b *bundle, ref registry.Reference, blob string) {
	t.Helper()
	h := ownRegistry(t)
	s, b = startServer(t, h, o), newBundle(t, content)
	plain := startServer(t, h, faultproxy.Options{})
	b.push(t, plain.ref(t, "x:1"))
	plain.Close()
	return s, b, s.ref(t, "x:1"), "/v2/x/blobs/" + b.desc[1].Digest.String()
}

// ownRegistry is our own registry.
func ownRegistry(t *testing.T) http.Handler {
	t.Helper()
	h, err := registryserver.New(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// behind is the registry that the long tests are about: our own, or the one that the environment names.
func behind(t *testing.T) http.Handler {
	if host := os.Getenv(registryVariable); host != "" {
		return faultproxy.To(host)
	}
	return ownRegistry(t)
}

// protocols are those that a registry may speak.
var protocols = map[string]faultproxy.Options{
	"HTTP/1.1": {},
	"TLS":      {TLS: true},
	"HTTP/2":   {HTTP2: true},
}

// client returns a client with an empty cache that trusts the server.
func (s *server) client(t *testing.T, o registry.Options) (*registry.Client, *recorder) {
	t.Helper()
	if s.TLS != nil {
		o.RootCAs = s.Roots()
	}
	return newClient(t, o)
}

// inRanges makes a fault happen to the first requests for a part of a blob; with 0 to all.
func inRanges(times int64, f faultproxy.Fault) faultproxy.Script {
	var seen atomic.Int64
	return func(r *http.Request, _ int) faultproxy.Fault {
		if r.Header.Get("Range") == "" || times > 0 && seen.Add(1) > times {
			return nil
		}
		return f
	}
}

// always makes a fault happen to everything that is asked of a path.
func always(path string, f faultproxy.Fault) faultproxy.Script {
	return func(r *http.Request, _ int) faultproxy.Fault {
		if r.URL.Path != path {
			return nil
		}
		return f
	}
}

// Whatever a registry makes of a request for a part of a blob, the pull ends with the right bytes, and with few of them
// in vain.
func TestEveryAnswerToARangeEndsInTheRightBytes(t *testing.T) {
	const size = 17*mib + 7 // two pieces
	content := random(t, size)
	for name, tt := range map[string]struct {
		script   func(blob string) faultproxy.Script
		most     float64 // bytes that the registry sends, in sizes of the blob
		requests int     // at most; 0: any number
	}{
		"none wrong":            {func(string) faultproxy.Script { return nil }, 1, 2},
		"200 instead of 206":    {func(string) faultproxy.Script { return inRanges(0, faultproxy.NoRanges()) }, 1, 1},
		"200 for the second":    {second(faultproxy.NoRanges()), 2, 0},
		"416":                   {func(string) faultproxy.Script { return inRanges(0, faultproxy.Answer(416, "")) }, 1.01, 2},
		"501":                   {func(string) faultproxy.Script { return inRanges(0, faultproxy.Answer(501, "")) }, 1.01, 2},
		"another range":         {func(string) faultproxy.Script { return inRanges(0, faultproxy.RangeInstead(5, 500)) }, 1.01, 2},
		"another range once":    {second(faultproxy.RangeInstead(5, 500)), 2, 0},
		"no Content-Range":      {func(string) faultproxy.Script { return inRanges(0, faultproxy.Header("Content-Range")) }, 1.9, 2},
		"two Content-Range":     {inEach("Content-Range", "bytes 0-1/2", "bytes 0-1/3"), 1.9, 2},
		"garbage":               {inEach("Content-Range", "bytes"), 1.9, 2},
		"no such range":         {inEach("Content-Range", "bytes */17825799"), 1.9, 2},
		"of another size":       {inEach("Content-Range", fmt.Sprintf("bytes 0-%d/%d", 16*mib-1, size+1)), 1.9, 2},
		"of unknown size":       {func(string) faultproxy.Script { return inRanges(0, unknownSize) }, 1, 2},
		"Accept-Ranges: none":   {inEach("Accept-Ranges", "none"), 1, 2},
		"no Accept-Ranges":      {inEach("Accept-Ranges"), 1, 2},
		"shorter ones":          {func(string) faultproxy.Script { return inRanges(0, shorter(mib)) }, 1, 0},
		"cut each time":         {func(string) faultproxy.Script { return inRanges(0, faultproxy.CutAfter(mib)) }, 1.02, 0},
		"cut at once, once":     {second(faultproxy.CutAfter(0)), 1.01, 3},
		"silence in one":        {second(faultproxy.StallAfter(mib / 10)), 1.01, 3},
		"silence before one":    {second(faultproxy.Silence()), 1.01, 3},
		"a bit that flips":      {second(faultproxy.Flip(4711)), 2, 4},
		"too long":              {second(longer(100)), 1.01, 3},
		"503":                   {second(faultproxy.Answer(503, "")), 1.01, 3},
		"503 and a wait":        {second(faultproxy.Answer(503, "", "Retry-After", "1")), 1.01, 3},
		"429 until a date":      {second(faultproxy.Answer(429, "", "Retry-After", "Wed, 21 Oct 2115 07:28:00 GMT")), 1.01, 3},
		"a page of a portal":    {second(faultproxy.Answer(200, "<html>Log in</html>", "Content-Length", "19")), 1.01, 3},
		"an empty part":         {second(empty), 1.01, 3},
		"nothing":               {second(faultproxy.Answer(204, "")), 1.01, 3},
		"each slow, one slower": {second(faultproxy.Slow(8 * mib)), 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b, ref, blob := large(t, content, faultproxy.Options{WriteBuffer: 64 << 10})
			c, _ := s.client(t, registry.Options{Stall: time.Second})
			s.Play(tt.script(blob))
			if _, err := pull(t, c, ref, b); err != nil {
				t.Fatal(err)
			}
			n := s.Count(blob)
			if ratio := float64(n.Bytes) / size; ratio > tt.most || tt.requests > 0 && n.Requests > tt.requests {
				t.Errorf("%d requests for %.3f times the blob", n.Requests, ratio)
			}
			holds(t, c.Through(ref), b)
		})
	}
}

// second makes a fault happen to the second request for a part.
func second(f faultproxy.Fault) func(string) faultproxy.Script {
	return func(string) faultproxy.Script {
		var seen atomic.Int64
		return func(r *http.Request, _ int) faultproxy.Fault {
			if r.Header.Get("Range") == "" || seen.Add(1) != 2 {
				return nil
			}
			return f
		}
	}
}

func inEach(header string, values ...string) func(string) faultproxy.Script {
	return func(string) faultproxy.Script { return inRanges(0, faultproxy.Header(header, values...)) }
}

// rewriting changes the range that a server is asked for.
func rewriting(change func(r *http.Request, first, last int64)) faultproxy.Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var first, last int64
			fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last)
			r = r.Clone(r.Context())
			change(r, first, last)
			next.ServeHTTP(w, r)
		})
	}
}

// shorter gives at most n bytes of the range.
func shorter(n int64) faultproxy.Fault {
	return rewriting(func(r *http.Request, first, last int64) {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, min(last, first+n-1)))
	})
}

// empty has the head of the right answer, and no bytes.
func empty(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Range", strings.Replace(r.Header.Get("Range"), "=", " ", 1)+"/*")
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusPartialContent)
	})
}

// unknownSize has a Content-Range that does not say how large the blob is.
func unknownSize(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&headed{w, func(h http.Header) {
			about, _, _ := strings.Cut(h.Get("Content-Range"), "/")
			h.Set("Content-Range", about+"/*")
		}}, r)
	})
}

// longer gives more bytes than its head says.
func longer(n int) faultproxy.Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&headed{w, func(h http.Header) { h.Del("Content-Length") }}, r)
			io.WriteString(w, strings.Repeat("x", n))
		})
	}
}

// headed changes the head of an answer.
type headed struct {
	http.ResponseWriter
	change func(http.Header)
}

func (h *headed) WriteHeader(status int) {
	h.change(h.Header())
	h.ResponseWriter.WriteHeader(status)
}

func (h *headed) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// What cannot be had is an error of the right class, soon, and nothing of it is published.
func TestWhatARegistryNeverGivesIsAnError(t *testing.T) {
	const size = 17 * mib
	content := random(t, size)
	for name, tt := range map[string]struct {
		fault faultproxy.Fault
		class error // nil: wrong bytes
	}{
		"503 for ever":             {faultproxy.Answer(503, ""), registry.ErrUnavailable},
		"429 for ever":             {faultproxy.Answer(429, "", "Retry-After", "100"), registry.ErrUnavailable},
		"cut at once for ever":     {faultproxy.CutAfter(0), registry.ErrUnavailable},
		"cut soon for ever":        {faultproxy.CutAfter(10 << 10), registry.ErrUnavailable},
		"silence for ever":         {faultproxy.Silence(), registry.ErrUnavailable},
		"always silent after some": {faultproxy.StallAfter(10 << 10), registry.ErrUnavailable},
		"401":                      {faultproxy.Answer(401, ""), registry.ErrUnauthorized},
		"403":                      {faultproxy.Answer(403, ""), registry.ErrUnauthorized},
		"404":                      {faultproxy.Answer(404, ""), errdef.ErrNotFound},
		"400":                      {faultproxy.Answer(400, ""), registry.ErrRefused},
		"416":                      {faultproxy.Answer(416, ""), registry.ErrRefused},
		"501":                      {faultproxy.Answer(501, ""), registry.ErrUnavailable},
		"empty parts for ever":     {empty, registry.ErrUnavailable},
		"206 about nothing":        {faultproxy.Answer(206, "", "Content-Range", "bytes */1"), registry.ErrUnavailable},
		"a portal for ever":        {faultproxy.Answer(200, "<html>Log in</html>", "Content-Length", "19"), registry.ErrUnavailable},
		"a bit that always flips":  {faultproxy.Flip(4711), nil},
		"other bytes without end":  {endless, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b, ref, blob := large(t, content, faultproxy.Options{})
			c, store := cachedClient(t, registry.Options{Stall: 300 * time.Millisecond})
			s.Play(always(blob, tt.fault))
			_, err := pull(t, c, ref, b)
			var mismatch *registry.MismatchError
			if isMismatch := errors.As(err, &mismatch); isMismatch != (tt.class == nil) || tt.class != nil && !errors.Is(err, tt.class) {
				t.Errorf("got %v", err)
			}
			if mismatch != nil && (mismatch.Descriptor.Digest != b.desc[1].Digest || mismatch.GotDigest == mismatch.Descriptor.Digest) {
				t.Errorf("names %s and %s", mismatch.Descriptor.Digest, mismatch.GotDigest)
			}
			if there, err := store.Exists(t.Context(), b.desc[1]); there || err != nil {
				t.Errorf("published: %v %v", there, err)
			}
			if n := s.Count(blob).Requests; n > 16 {
				t.Errorf("asked %d times", n)
			}
			s.Play(nil)
			if _, err := pull(t, c, ref, b); err != nil {
				t.Error(err)
			}
			holds(t, c.Through(ref), b)
		})
	}
}

// endless sends bytes that nobody asked for, for ever.
func endless(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for chunk := strings.Repeat("x", 1<<16); ; {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	})
}

// Pieces that come in another order than they were asked for, one slowly, one in two parts, over connections of their
// own, and never more at once than allowed.
func TestPiecesComeOverSeveralConnectionsInAnyOrder(t *testing.T) {
	for name, o := range map[string]faultproxy.Options{"HTTP/1.1": {}, "HTTP/2": {HTTP2: true}} {
		t.Run(name, func(t *testing.T) {
			o.WriteBuffer = 64 << 10
			piecesInAnyOrder(t, o)
		})
	}
}

func piecesInAnyOrder(t *testing.T, o faultproxy.Options) {
	const size = 4*16*mib + mib
	content := random(t, size)
	s, b, ref, blob := large(t, content, o)
	var waiting []chan struct{}
	var mu sync.Mutex
	third := make(chan struct{}) // closed when three pieces are under way at once
	s.Play(func(r *http.Request, n int) faultproxy.Fault {
		if r.URL.Path != blob || strings.HasPrefix(r.Header.Get("Range"), "bytes=0-") {
			return nil // the first comes alone, to see whether there are pieces at all
		}
		mu.Lock()
		defer mu.Unlock()
		mine := make(chan struct{})
		waiting = append(waiting, mine)
		if len(waiting) == 3 { // the last first
			close(third)
			for _, w := range waiting {
				defer close(w)
			}
		} else if len(waiting) > 3 {
			close(mine)
		}
		hold := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-mine:
				case <-r.Context().Done():
				}
				next.ServeHTTP(w, r)
			})
		}
		switch len(waiting) {
		case 2:
			return faultproxy.All(hold, faultproxy.Slow(64*mib))
		case 3:
			return faultproxy.All(hold, faultproxy.CutAfter(3*mib))
		}
		return hold
	})
	c, _ := s.client(t, registry.Options{Concurrency: 3})
	report, err := pull(t, c, ref, b)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-third:
	default:
		t.Error("pieces came one after the other")
	}
	n, clients := s.Count(blob), map[string]bool{}
	for _, r := range s.Requests() {
		if r.Path == blob {
			clients[r.Client] = true
		}
	}
	if n.AtOnce != 3 || len(clients) < 3 || n.Requests != 6 || float64(n.Bytes) > 1.001*size {
		t.Errorf("%+v over %d connections", n, len(clients))
	}
	if report.Fetched != size+b.desc[0].Size {
		t.Errorf("%+v", report)
	}
	holds(t, c.Through(ref), b)
}

// A host that cannot give parts is asked for one only once, whatever it says in Accept-Ranges.
func TestAHostWithoutRangesIsRemembered(t *testing.T) {
	one, two := random(t, 17*mib), "x"+random(t, 18*mib)
	s, _, ref, _ := large(t, one+two, faultproxy.Options{})
	b := newBundle(t, one, two)
	b.push(t, ref)
	for name, f := range map[string]faultproxy.Fault{
		"200": faultproxy.All(faultproxy.NoRanges(), faultproxy.Header("Accept-Ranges", "bytes")),
		"416": faultproxy.Answer(416, "", "Accept-Ranges", "bytes"),
		"501": faultproxy.Answer(501, ""),
	} {
		t.Run(name, func(t *testing.T) {
			s.Play(inRanges(0, f))
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			report, err := pull(t, c, ref, b)
			if err != nil {
				t.Fatal(err)
			}
			asked := 0
			for _, r := range s.Requests() {
				if r.Header.Get("Range") != "" {
					asked++
				}
			}
			if asked != 1 || report.Fetched != b.size()-b.root.Size {
				t.Errorf("%d ranges asked for, %+v", asked, report)
			}
			holds(t, c.Through(ref), b)
		})
	}
}

// Each piece goes to the registry first, so that a signed address need not live longer than one answer. The storage
// gets no credential, and nobody else is asked.
func TestSignedAddressesThatExpireAreFollowedAnew(t *testing.T) {
	const size = 40 * mib
	content := random(t, size)
	for name, o := range protocols {
		t.Run(name, func(t *testing.T) {
			s, b, ref, blob := large(t, content, o)
			storage := faultproxy.NewStorage(t, s.Next(), 1, 5*mib, o)
			s.Play(func(r *http.Request, _ int) faultproxy.Fault {
				guard := func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { basic(canary)(w, r, next) })
				}
				if r.Method == http.MethodGet && r.URL.Path == blob {
					return faultproxy.All(guard, storage.Redirect())
				}
				return guard
			})
			roots := registry.Options{Credential: static(canary)}
			if s.TLS != nil {
				roots.RootCAs = s.Roots()
				roots.RootCAs.AddCert(storage.Certificate())
			}
			c, events := newClient(t, roots)
			if _, err := pull(t, c, ref, b); err != nil {
				t.Fatal(err)
			}
			for _, r := range storage.Requests() {
				if r.Path != blob || r.Header.Get("Authorization") != "" || r.Header.Get("Range") == "" {
					t.Errorf("asked of the storage: %+v", r)
				}
			}
			if n := storage.Count(blob); n.Bytes > size*102/100 || s.TLS == nil && int64(len(s.Requests())+len(storage.Requests())) != c.Requests() {
				t.Errorf("%+v, %d requests", n, c.Requests())
			}
			noCanary(t, nil, events)
			holds(t, c.Through(ref), b)
		})
	}
}

// A registry cannot send a client to a place that gives other bytes, or that refuses, without that being seen.
func TestAStorageThatRefusesIsNotAskedForEver(t *testing.T) {
	s, b, ref, blob := large(t, random(t, 17*mib), faultproxy.Options{})
	storage := faultproxy.New(t, http.NotFoundHandler(), faultproxy.Options{})
	for number, class := range map[int]error{403: registry.ErrUnauthorized, 404: errdef.ErrNotFound, 500: registry.ErrUnavailable} {
		storage.Play(func(*http.Request, int) faultproxy.Fault { return faultproxy.Answer(number, "") })
		s.Play(always(blob, faultproxy.Answer(307, "", "Location", storage.URL+"/elsewhere")))
		c, _ := newClient(t, registry.Options{})
		if _, err := pull(t, c, ref, b); !errors.Is(err, class) || !strings.HasPrefix(err.Error(), storage.Host()) {
			t.Errorf("%d: %v", number, err)
		}
		if n := len(storage.Requests()); n > registry.DefaultAttempts {
			t.Errorf("%d: asked %d times", number, n)
		}
	}
}

// A connection that ends in the middle of a TLS record has given the records before.
func TestConnectionsThatEndInTheMiddleOfARecord(t *testing.T) {
	const size = 20 * mib
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2 ", http2), func(t *testing.T) {
			s, b, ref, blob := large(t, random(t, size), faultproxy.Options{TLS: true, HTTP2: http2, CutWire: func(n int) int64 {
				if n < 6 {
					return 3*mib + 12345
				}
				return 0
			}})
			c, _ := s.client(t, registry.Options{})
			if _, err := pull(t, c, ref, b); err != nil {
				t.Fatal(err)
			}
			if n := s.Count(blob); n.Bytes > size+6*mib { // what was in buffers when a connection ended did not arrive
				t.Errorf("%+v for %d bytes", n, size)
			}
			holds(t, c.Through(ref), b)
		})
	}
}

func TestAPullInPiecesThatIsInterruptedEndsAtOnceWithItsCause(t *testing.T) {
	s, b, ref, blob := large(t, random(t, 40*mib), faultproxy.Options{})
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	s.Play(always(blob, faultproxy.All(faultproxy.Watch(func(int) {
		if s.Count(blob).Bytes > 20*mib {
			cancel(enough)
		}
	}), faultproxy.Slow(400*mib))))
	c, _ := newClient(t, registry.Options{})
	if _, err := c.Resolve(ctx, ref); err != nil {
		t.Fatal(err)
	}
	if _, err := c.FetchAll(ctx, ref, b.desc, nil); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

// Wrong bytes are thrown away, all of them fetched once more, and then the error names both digests.
func TestALargeBlobOfWrongBytesIsFetchedTwice(t *testing.T) {
	const size = 20 * mib
	content := random(t, size)
	s, b, ref, blob := large(t, content, faultproxy.Options{})
	s.Play(always(blob, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.Header.Get("Range"), "bytes=0-") {
				next = faultproxy.Flip(1)(next)
			}
			next.ServeHTTP(w, r)
		})
	}))
	c, store := cachedClient(t, registry.Options{})
	_, err := pull(t, c, ref, b)
	wrong := []byte(content)
	wrong[1] ^= 1
	failsWith(t, err, nil, fmt.Sprintf("%s/x: %s: content mismatch: want %d bytes, got %s with %d bytes", s.host(), b.desc[1].Digest, size, digest.FromBytes(wrong), size))
	if n := s.Count(blob); n.Bytes != 2*size {
		t.Errorf("%+v", n)
	}
	if rest := unfinished(t, store); len(rest) > 0 {
		t.Errorf("left behind: %v", rest)
	}
}
