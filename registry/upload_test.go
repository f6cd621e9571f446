package registry_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
)

// An upload that fails is repeated by opening the file again, after the wait that the registry asks for within limits.
func TestAnUploadIsRepeatedFromItsFile(t *testing.T) {
	const limit = 20 * time.Millisecond
	far := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for name, tt := range map[string]struct {
		fault faultproxy.Fault
		reads int           // of the file
		wait  time.Duration // the limit, where the registry asks for more; 0: any
	}{
		"503":                      {faultproxy.Answer(503, ""), 2, 0},
		"500":                      {faultproxy.Answer(500, ""), 2, 0},
		"429 and seconds":          {faultproxy.Answer(429, "", "Retry-After", "3600"), 2, limit},
		"503 and a date":           {faultproxy.Answer(503, "", "Retry-After", far), 2, limit},
		"cut after 100 KiB":        {faultproxy.CutUpload(100 << 10), 2, 0},
		"cut before the last byte": {faultproxy.CutUpload(512<<10 - 1), 2, 0},
		"silence":                  {faultproxy.Silence(), 2, 0},
		"lost answer":              {faultproxy.LoseAnswer(), 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := startServer(t, ownRegistry(t), faultproxy.Options{}), newBundle(t, big("content"))
			c, events := newClient(t, registry.Options{Stall: 300 * time.Millisecond, Concurrency: 1, Retry: registry.Retry{MaxWait: limit}})
			large := b.desc[1]
			s.Play(func() faultproxy.Script {
				first := true
				return func(r *http.Request, _ int) faultproxy.Fault {
					if r.Method != http.MethodPut || r.ContentLength != large.Size || !first {
						return nil
					}
					first = false
					return tt.fault
				}
			}())
			mustPush(t, c, s.ref(t, "x:1"), b)
			if n := b.asked[large.Digest]; n != tt.reads {
				t.Errorf("read %d times", n)
			}
			for _, e := range events.of(registry.Retrying) {
				if e.Wait > limit || tt.wait > 0 && e.Wait != tt.wait {
					t.Errorf("waits %v", e.Wait)
				}
			}
			s.Play(nil)
			inRegistry(t, s.ref(t, "x:1"), b)
		})
	}
}

// A push that was interrupted sends the next time what the registry lacks.
func TestAnInterruptedPushGoesOnWithWhatIsMissing(t *testing.T) {
	var layers []string
	for i := range 6 {
		layers = append(layers, strings.Repeat(big(string(rune('a'+i))), 8)) // 4 MiB
	}
	s, b := startServer(t, ownRegistry(t), faultproxy.Options{}), newBundle(t, layers...)
	size := b.desc[1].Size
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	var sent atomic.Int64
	s.Play(func(*http.Request, int) faultproxy.Fault {
		return faultproxy.WatchUpload(func(n int) {
			if sent.Add(int64(n)) > 3*size+size/2 {
				cancel(enough)
			}
		})
	})
	c, _ := newClient(t, registry.Options{Concurrency: 1})
	if _, err := c.Push(ctx, s.ref(t, "x:1"), b, b.root, registry.PushOptions{}); !errors.Is(err, enough) {
		t.Fatalf("got %v", err)
	}
	s.Play(nil)
	report := mustPush(t, c, s.ref(t, "x:1"), b)
	if report.Reused < 3*size || report.Sent > 3*size+b.root.Size+b.desc[0].Size {
		t.Errorf("%+v", report)
	}
	inRegistry(t, s.ref(t, "x:1"), b)
}
