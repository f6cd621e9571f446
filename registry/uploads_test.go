package registry_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/registry"
)

// What goes wrong in the middle of an upload is tried again with a file that is opened again.
func TestAnUploadThatFailsInTheMiddleIsSentAgainFromAFileOpenedAgain(t *testing.T) {
	midway := func(status int) fault {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
			io.CopyN(io.Discard, r.Body, mib)
			return saying(status)(w, r, next)
		}
	}
	for name, f := range map[string]fault{
		"429": midway(429), "500": midway(500), "502": midway(502), "503": midway(503), "504": midway(504), "524": midway(524), "cut": cutting(mib),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := newEmbedded(t), newBundle(t, noise(1, 5*mib)) // too large to be remembered, which is one more reading
			var tr traffic
			tr.on(s, nth(putBlob, 1, 1, func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
				return r.ContentLength > mib && f(w, r, next)
			}))
			c, events := newClient(t, registry.Options{Concurrency: 1})
			opened := 0
			src := fetcher(func(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
				if desc.Digest == b.desc[1].Digest {
					opened++
				}
				return b.Fetch(ctx, desc)
			})
			b.only(t)
			if _, err := c.Push(t.Context(), s.ref(t, "x:1"), src, b.root, registry.PushOptions{}); err != nil {
				t.Fatal(err)
			}
			if opened != 2 || len(events.of(registry.Retrying)) != 1 {
				t.Errorf("opened %d times, %d retries", opened, len(events.of(registry.Retrying)))
			}
			keeps(t, s, b)
		})
	}
}

// only makes the first layer the config too, so that it is the only blob.
func (b *bundle) only(t *testing.T) {
	t.Helper()
	b.desc = []ocispec.Descriptor{b.desc[1], b.desc[1]}
	b.setRoot(t, ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, Config: b.desc[1], Layers: b.desc[1:]})
}

func TestRetryAfterIsHonouredBoundedAndShown(t *testing.T) {
	const patience = 7 * time.Minute
	for name, tt := range map[string]struct {
		after    string
		max      time.Duration
		low, top time.Duration
	}{
		"seconds":                 {"90", patience, 90 * time.Second, 90 * time.Second},
		"a date":                  {"in 5m", patience, 5*time.Minute - 10*time.Second, 5 * time.Minute},
		"seconds above the limit": {"3600", patience, patience, patience},
		"a date above the limit":  {"in 1h", patience, patience, patience},
		"two minutes by default":  {"3600", 0, 2 * time.Minute, 2 * time.Minute},
		"a date in the past":      {"in -1h", patience, 1, time.Second},
		"neither":                 {"soon", patience, 1, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := newEmbedded(t), newBundle(t, noise(1, mib))
			s.on(times(1, putBlob, func(w http.ResponseWriter, r *http.Request) {
				after := tt.after
				if d, err := time.ParseDuration(strings.TrimPrefix(after, "in ")); strings.HasPrefix(after, "in ") && err == nil {
					after = time.Now().Add(d).UTC().Format(http.TimeFormat)
				}
				io.Copy(io.Discard, r.Body)
				w.Header().Set("Retry-After", after)
				w.WriteHeader(429)
			}))
			// Nobody waits that long: the push ends when it says that it is going to wait.
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			enough := errors.New("enough")
			var told []registry.Event
			c := registry.New(registry.Options{Retry: registry.Retry{MaxWait: tt.max}, Concurrency: 1, Notify: func(e registry.Event) {
				if e.Kind == registry.Retrying {
					told = append(told, e)
					cancel(enough)
				}
			}})
			defer c.Close()
			b.only(t)
			if _, err := c.Push(ctx, s.ref(t, "x:1"), b, b.root, registry.PushOptions{}); !errors.Is(err, enough) {
				t.Errorf("got %v", err)
			}
			var status *registry.StatusError
			if len(told) != 1 || told[0].Wait < tt.low || told[0].Wait > tt.top || told[0].Attempt != 1 || !errors.As(told[0].Err, &status) || status.Status != 429 {
				t.Errorf("told %+v", told)
			}
		})
	}
}

// sentBytes counts the bodies of blobs that reach a registry.
func (tr *traffic) sentBytes(n *int64) fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/blobs/") {
			tr.mu.Lock()
			*n += r.ContentLength
			tr.mu.Unlock()
		}
		return false
	}
}

func TestAnInterruptedPushContinuesWithWhatIsMissing(t *testing.T) {
	const size = 2 * mib
	for name, interrupt := range map[string]func(cancel func()) fault{
		"by the user": func(cancel func()) fault {
			return func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
				io.CopyN(io.Discard, r.Body, mib)
				cancel()
				io.Copy(io.Discard, r.Body) // until the client is gone
				return cutting(0)(w, r, nil)
			}
		},
		"by the registry, which is gone": func(func()) fault { return cutting(mib) },
	} {
		t.Run(name, func(t *testing.T) {
			s, b := newEmbedded(t), newBundle(t, noise(1, size), noise(2, size), noise(3, size), noise(4, size))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var tr traffic
			// Two of the large files arrive, then nothing does any more.
			var mu sync.Mutex
			arrived := 0
			f := interrupt(cancel)
			tr.on(s, func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
				if r.Method != http.MethodPut || r.ContentLength < size {
					return false
				}
				mu.Lock()
				arrived++
				late := arrived > 2
				mu.Unlock()
				return late && f(w, r, next)
			})
			c, _ := newClient(t, registry.Options{Concurrency: 1})
			if _, err := c.Push(ctx, s.ref(t, "x:1"), b, b.root, registry.PushOptions{}); err == nil {
				t.Fatal("the push was not interrupted")
			}
			var sent int64
			tr.on(s, tr.sentBytes(&sent))
			next, _ := newClient(t, registry.Options{})
			report := mustPush(t, next, s.ref(t, "x:1"), b)
			// Blobs come in the order of the image manifest: where the first large one is, the config before it is too.
			if want := int64(2 * size); sent != want || report.Sent != want+b.root.Size || report.Reused != want+b.desc[0].Size {
				t.Errorf("%d bytes of blobs travelled, want %d; %+v", sent, want, report)
			}
			keeps(t, s, b)
		})
	}
}

// Both pushes have sent all their blobs before either of them sets the tag, and then both do so at once.
func TestTwoPushesOfOneTagAtOnceLeaveOneOfThemComplete(t *testing.T) {
	for name, faults := range map[string][]fault{"whole": nil, "in chunks": {wantsChunks}} {
		t.Run(name, func(t *testing.T) {
			s := newEmbedded(t)
			bundles := []*bundle{newBundle(t, "shared", noise(1, 9*mib)), newBundle(t, "shared", noise(2, 9*mib))}
			var ready sync.WaitGroup
			ready.Add(len(bundles))
			var tr traffic
			tr.on(s, append(faults, func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
				if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
					ready.Done()
					ready.Wait()
				}
				return false
			})...)
			var pushes sync.WaitGroup
			for _, b := range bundles {
				pushes.Go(func() {
					c := registry.New(registry.Options{})
					defer c.Close()
					if _, err := c.Push(context.WithoutCancel(t.Context()), s.ref(t, "x:1"), b, b.root, registry.PushOptions{}); err != nil {
						t.Error(err)
						ready.Done()
					}
				})
			}
			pushes.Wait()
			s.on(nil)
			got := string(fetched(t, s.URL+"/v2/x/manifests/1"))
			i := slices.IndexFunc(bundles, func(b *bundle) bool { return string(b.blobs[b.root.Digest]) == got })
			if i < 0 {
				t.Fatalf("neither: %s", got)
			}
			keeps(t, s, bundles[i])
		})
	}
}
