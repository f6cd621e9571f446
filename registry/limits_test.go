package registry_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/registry"
)

func TestABlobThatARegistryIsKnownToRefuseIsRefusedBeforeAnythingIsSent(t *testing.T) {
	b := newBundle(t, "x")
	tooLarge := ocispec.Descriptor{MediaType: "application/octet-stream", Digest: digest.NewDigestFromEncoded(digest.SHA256, strings.Repeat("1", 64)), Size: 10e9 + 1}
	fits := ocispec.Descriptor{MediaType: "application/octet-stream", Digest: digest.NewDigestFromEncoded(digest.SHA256, strings.Repeat("2", 64)), Size: 10e9}
	b.setRoot(t, ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, Config: b.desc[0], Layers: []ocispec.Descriptor{tooLarge, fits}})
	for _, host := range []string{"ghcr.io", "ghcr.io:443"} {
		c, events := newClient(t, registry.Options{})
		_, err := c.Push(t.Context(), parse(t, host+"/x:1"), b, b.root, registry.PushOptions{})
		failsWith(t, err, registry.ErrRefused, host+": a blob has at most 10000000000 bytes; "+tooLarge.Digest.String()+" has 10000000001")
		var limit *registry.LimitError
		if !errors.As(err, &limit) || len(limit.Blobs) != 1 || c.Requests() != 0 || len(events.of(registry.Started)) != 0 || b.asked[tooLarge.Digest] != 0 {
			t.Errorf("%d requests, %v", c.Requests(), err)
		}
	}
	for _, host := range []string{"ghcr.io.evil.test", "notghcr.io", "registry.test"} {
		c, _ := newClient(t, registry.Options{Offline: true})
		if _, err := c.Push(t.Context(), parse(t, host+"/x:1"), b, b.root, registry.PushOptions{}); !errors.Is(err, registry.ErrOffline) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestAnUploadThatWillTakeTooLongIsForetold(t *testing.T) {
	s, b := newEmbedded(t), newBundle(t, noise(1, 20*mib), noise(2, 2*mib))
	for name, tt := range map[string]struct {
		limit    time.Duration
		measured time.Duration
		fault    fault
		told     int
	}{
		"whole":                 {1, 0, nil, 2},
		"in chunks":             {1, 0, wantsChunks, 2},
		"not if there is time":  {time.Hour, 0, nil, 0},
		"not without a measure": {1, time.Hour, nil, 0},
		"not without a limit":   {0, 0, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var tr traffic
			tr.on(s)
			if tt.fault != nil {
				tr.on(s, tt.fault)
			}
			c, events := newClient(t, registry.Options{Concurrency: 1})
			registry.LimitUploads(c, 0, tt.limit, tt.measured)
			mustPush(t, c, s.ref(t, strings.ReplaceAll(name, " ", "-")+":1"), b)
			slow := events.of(registry.TooSlow)
			seen := map[string]bool{}
			for _, e := range slow {
				f := e.Forecast
				seen[e.Descriptor.Digest.String()] = true
				if f.Host != s.host() || f.Limit != tt.limit || f.Rate <= 0 || f.Takes <= tt.limit || e.Reference == "" {
					t.Errorf("%+v", f)
				}
				if takes := time.Duration(float64(e.Descriptor.Size) / f.Rate * float64(time.Second)); takes != f.Takes {
					t.Errorf("%v, want %v", f.Takes, takes)
				}
			}
			large := 0
			for _, d := range b.desc[1:] {
				if seen[d.Digest.String()] {
					large++
				}
			}
			if large != tt.told || len(slow) != len(seen) {
				t.Errorf("told of %d, %d times", large, len(slow))
			}
		})
	}
	t.Run("before its first byte where a rate is known", func(t *testing.T) {
		c, events := newClient(t, registry.Options{Concurrency: 1})
		registry.LimitUploads(c, 0, 1, 0)
		mustPush(t, c, s.ref(t, "before:1"), b)
		second := b.desc[2].Digest
		for _, e := range events.list {
			if e.Descriptor.Digest == second && e.Kind == registry.Progress {
				t.Error("told only when it was under way")
			}
			if e.Descriptor.Digest == second && e.Kind == registry.TooSlow {
				return
			}
		}
		t.Error("not told")
	})
}
