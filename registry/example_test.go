package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"strings"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
)

// Push a bundle, pull it by digest, and pull it once more without a network.
func Example() {
	server := httptest.NewServer(ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := cache.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	ctx := context.Background()
	ref, err := registry.ParseReference(strings.TrimPrefix(server.URL, "http://") + "/acme/orders:1.0")
	if err != nil {
		log.Fatal(err)
	}
	root, layer, src := smallBundle()
	c := registry.New(registry.Options{Cache: store})
	pushed, err := c.Push(ctx, ref, src, root, registry.PushOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("pushed", pushed.Descriptor.Digest, "bytes", pushed.Sent)

	pinned := ref.WithDigest(pushed.Descriptor.Digest)
	if _, err := c.Resolve(ctx, pinned); err != nil {
		log.Fatal(err)
	}
	fetched, err := c.FetchAll(ctx, pinned, []ocispec.Descriptor{layer})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("fetched bytes", fetched.Fetched)

	offline := registry.New(registry.Options{Cache: store, Offline: true})
	f, err := offline.Through(pinned).Fetch(ctx, layer)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, %d requests\n", data, offline.Requests())
	// Output:
	// pushed sha256:63bd7bf04fd791ce9831ee9b788dacb50b55fa1bcbda61f845e2b8a4b80a412e bytes 392
	// fetched bytes 6
	// orders, 0 requests
}

// smallBundle is an image manifest with one layer.
func smallBundle() (root, layer ocispec.Descriptor, src content.Fetcher) {
	blobs := map[digest.Digest][]byte{}
	add := func(mediaType string, data []byte) ocispec.Descriptor {
		d := digest.FromBytes(data)
		blobs[d] = data
		return ocispec.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(data))}
	}
	layer = add("application/vnd.irisfix.dat.v1", []byte("orders"))
	manifest, err := json.Marshal(ocispec.Manifest{
		MediaType: ocispec.MediaTypeImageManifest,
		Config:    add("application/vnd.irisfix.manifest.v1+json", []byte("{}")),
		Layers:    []ocispec.Descriptor{layer},
	})
	if err != nil {
		log.Fatal(err)
	}
	root = add(ocispec.MediaTypeImageManifest, manifest)
	return root, layer, content.FetcherFunc(func(_ context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(blobs[desc.Digest])), nil
	})
}
