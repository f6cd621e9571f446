package registry_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
)

// newEmbedded is the registry of irisfix serve.
func newEmbedded(t *testing.T) *server {
	t.Helper()
	return startServer(t, ownRegistry(t), faultproxy.Options{})
}

func TestAnInterruptedCopySendsOnlyWhatIsMissing(t *testing.T) {
	layers := []string{"small"}
	for i := range 9 {
		layers = append(layers, big(fmt.Sprint(i)))
	}
	b := newBundle(t, layers...)
	for name, to := range map[string]*server{"another client's registry": newServer(t), "the embedded registry": newEmbedded(t), "a layout": nil} {
		for _, source := range []string{"registry", "layout"} {
			t.Run(name+" from a "+source, func(t *testing.T) {
				from := newServer(t)
				b.push(t, from.ref(t, "x:1"))
				src := endpoint(t, from.host()+"/x:1")
				var dst registry.Endpoint
				if to != nil {
					dst = endpoint(t, to.host()+"/"+source+":1")
				} else {
					dst = endpoint(t, "oci-layout:"+filepath.Join(t.TempDir(), "target"))
				}
				if source == "layout" {
					dir := filepath.Join(t.TempDir(), "source")
					c, _ := newClient(t, registry.Options{})
					if _, err := c.Copy(t.Context(), src, endpoint(t, "oci-layout:"+dir), registry.CopyOptions{}); err != nil {
						t.Fatal(err)
					}
					src = endpoint(t, "oci-layout:"+dir)
				}
				arrived := interrupted(t, src, dst)
				from.on(nil)
				c, events := newClient(t, registry.Options{})
				report, err := c.Copy(t.Context(), src, dst, registry.CopyOptions{})
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range events.of(registry.Done) {
					if arrived[e.Descriptor.Digest] && e.How != registry.Reused {
						t.Errorf("%d bytes that were there were %s", e.Descriptor.Size, e.How)
					}
				}
				if report.Sent+report.Reused != b.size() || report.Sent == 0 || report.Reused < 3*int64(len(big(""))) {
					t.Errorf("%+v", report)
				}
				for d := range arrived {
					if source == "registry" && from.count("GET /v2/x/blobs/"+d.String()) > 0 {
						t.Errorf("%s was read again", d)
					}
				}
				if to != nil {
					inRegistry(t, dst.Reference, b)
				} else {
					holds(t, registry.OpenLayout(dst.Dir), b)
				}
			})
		}
	}
}

// interrupted begins a copy, ends it when five blobs have arrived, and returns those that have.
func interrupted(t *testing.T, from, to registry.Endpoint) map[digest.Digest]bool {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	var mu sync.Mutex
	arrived := map[digest.Digest]bool{}
	c := registry.New(registry.Options{Concurrency: 2, Notify: func(e registry.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Kind == registry.Done {
			arrived[e.Descriptor.Digest] = true
			if len(arrived) == 5 {
				cancel(enough)
			}
		}
	}})
	defer c.Close()
	if _, err := c.Copy(ctx, from, to, registry.CopyOptions{}); !errors.Is(err, enough) {
		t.Fatalf("got %v", err)
	}
	return arrived
}

func TestACopyWithinARegistryAsksForEachBlobOnce(t *testing.T) {
	s, b := newEmbedded(t), newBundle(t, "one", big("two"), "three")
	b.push(t, s.ref(t, "x:1"))
	s.on(nil)
	c, _ := newClient(t, registry.Options{})
	report, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:1"), endpoint(t, s.host()+"/y:1"), registry.CopyOptions{})
	if err != nil || report.Sent != b.root.Size || report.Reused != b.size()-b.root.Size {
		t.Errorf("%+v %v", report, err)
	}
	want := []string{"GET /v2/x/manifests/1", "GET /v2/y/manifests/1", "GET /v2/y/tags/list",
		"POST /v2/y/blobs/uploads/", "POST /v2/y/blobs/uploads/", "POST /v2/y/blobs/uploads/", "POST /v2/y/blobs/uploads/",
		"PUT /v2/y/manifests/1"}
	if got := s.requests(); !slices.Equal(got, want) {
		t.Errorf("asked %s", strings.Join(got, "\n"))
	}
	inRegistry(t, s.ref(t, "y:1"), b)
}
