package registry_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	fixtures "github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	embedded "github.com/irisfix/irisfix/registry/server"
)

// Push a fixture to a registry, pull it by digest, and open it once more without a network.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "registry")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	handler, err := embedded.New(ctx, filepath.Join(dir, "registry"))
	if err != nil {
		log.Fatal(err)
	}
	defer handler.Close()
	host := httptest.NewServer(handler)
	defer host.Close()

	fixture, err := fixtures.OpenDir("../bundle/testdata/countries", fixtures.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer fixture.Close()
	packed, err := fixtures.Pack(ctx, fixture)
	if err != nil {
		log.Fatal(err)
	}

	store, err := cache.Open(filepath.Join(dir, "cache"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	client := registry.New(registry.Options{Cache: store})
	defer client.Close()
	tagged, err := registry.ParseReference(strings.TrimPrefix(host.URL, "http://") + "/acme/countries:1.0.0")
	if err != nil {
		log.Fatal(err)
	}
	pushed, err := client.Push(ctx, tagged, packed, packed.Descriptor, registry.PushOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("pushed", pushed.Descriptor.Digest)

	pinned := tagged.WithDigest(pushed.Descriptor.Digest)
	resolved, err := client.Resolve(ctx, pinned)
	if err != nil {
		log.Fatal(err)
	}
	pulled, err := fixtures.Open(ctx, client.Through(pinned), resolved.Descriptor, pinned.Name(), fixtures.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fetched, err := client.FetchAll(ctx, pinned, pulled.Layers(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("fetched", fetched.Fetched, "bytes of", pulled.Manifest.FixtureID)

	offline := registry.New(registry.Options{Cache: store, Offline: true})
	defer offline.Close()
	again, err := fixtures.Open(ctx, offline.Through(pinned), resolved.Descriptor, pinned.Name(), fixtures.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := again.Verify(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println("opened again with", offline.Requests(), "requests")
	// Output:
	// pushed sha256:913181e5172c6b2a17beeaf1e57fa70d3843378420694fe18fedf0a05f66f633
	// fetched 620 bytes of countries
	// opened again with 0 requests
}

// A reference may have a tag, a digest, or both; then the digest decides.
func ExampleParseReference() {
	ref, err := registry.ParseReference("ghcr.io/acme/fixtures/orders:1.2.0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ref.Registry, ref.Repository, ref.Tag)
	_, err = registry.ParseReference("orders:1.2.0")
	fmt.Println(err)
	// Output:
	// ghcr.io acme/fixtures/orders 1.2.0
	// "orders:1.2.0": no registry: it must be registry/repository[:tag][@sha256:…]
}
