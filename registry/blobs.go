package registry

import (
	"context"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// PushBlobs brings blobs to a repository before there is an image manifest that refers to them, several at once and each
// digest once. One that the repository has is not sent; for others from, which may be nil, names a repository of the same
// registry that the registry is asked to take the blob from, or nothing. The result tells how each came there. Until
// something refers to them the registry may remove them again, so [Client.Push] should follow soon.
//
// Errors are those of [Client.Push]; blobs that had arrived by then stay.
func (c *Client) PushBlobs(ctx context.Context, ref Reference, blobs []ocispec.Descriptor, src content.Fetcher, from func(ocispec.Descriptor) string) (map[digest.Digest]How, error) {
	if err := c.acceptable(ref, blobs); err != nil {
		return nil, err
	}
	t := newTally(c, ref.Name(), ocispec.Descriptor{})
	err := c.each(ctx, distinct(blobs), func(ctx context.Context, desc ocispec.Descriptor) error {
		source := ""
		if from != nil {
			source = from(desc)
		}
		how, err := c.bring(ctx, ref, desc, src, source)
		if err != nil {
			return err
		}
		t.done(desc, how)
		return nil
	})
	return t.how, err
}

// bring makes sure that a blob is there. Of one that may be mounted the upload asks whether it was there, and only if the
// registry does not mount it.
func (c *Client) bring(ctx context.Context, to Reference, desc ocispec.Descriptor, src content.Fetcher, from string) (How, error) {
	if from == "" {
		if there, err := c.has(ctx, to, desc); err != nil || there {
			return Reused, err
		}
	}
	return c.upload(ctx, to, desc, src, from)
}

// Missing returns those of the blobs, each digest once, that a repository does not have, in their order.
func (c *Client) Missing(ctx context.Context, ref Reference, blobs []ocispec.Descriptor) (missing []ocispec.Descriptor, _ error) {
	var mu sync.Mutex
	there := map[digest.Digest]bool{}
	blobs = distinct(blobs)
	err := c.each(ctx, blobs, func(ctx context.Context, desc ocispec.Descriptor) error {
		has, err := c.has(ctx, ref, desc)
		mu.Lock()
		defer mu.Unlock()
		there[desc.Digest] = has
		return err
	})
	for _, b := range blobs {
		if !there[b.Digest] {
			missing = append(missing, b)
		}
	}
	return missing, err
}

// Manifest gets the image manifest or index that ref stands for, and leaves the cache alone. The errors are those of
// [Client.Resolve].
func (c *Client) Manifest(ctx context.Context, ref Reference) (ocispec.Descriptor, []byte, error) {
	if ref.version() == "" {
		return ocispec.Descriptor{}, nil, &ReferenceError{Reference: ref.String(), Reason: "a tag or a digest is needed"}
	}
	return c.fetchManifest(ctx, ref, false)
}
