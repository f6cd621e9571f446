package registry

import (
	"context"
	"errors"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
)

// Resolution is what a reference stands for.
type Resolution struct {
	Descriptor ocispec.Descriptor // of the image manifest, which is in the cache

	// Remembered is when the registry said so, if it was not asked now because the client is offline; else zero.
	Remembered time.Time
}

// Resolve finds the image manifest that ref stands for and brings it into the cache. A digest that is in the cache is
// answered without a request. A tag without digest is asked for each time with one request, and answered from memory
// only when the client is offline.
//
// Errors: errdef.ErrNotFound, a [*ReferenceError] without tag and digest, an [*OfflineError], a [*MismatchError], those
// of the network, those of the cache.
func (c *Client) Resolve(ctx context.Context, ref Reference) (Resolution, error) {
	switch {
	case ref.version() == "":
		return Resolution{}, &ReferenceError{Reference: ref.String(), Reason: "a tag or a digest is needed"}
	case c.opts.Offline && c.opts.Cache == nil:
		return Resolution{}, &OfflineError{Subject: ref.String()}
	case ref.Digest != "":
		desc, err := c.cachedManifest(ctx, ref)
		if err == nil {
			// Said again, so that pruning sees that it is in use. A cache that cannot be written does not mind.
			_ = c.opts.Cache.Remember(ref.String(), desc)
			return Resolution{Descriptor: desc}, nil
		} else if !errors.Is(err, errdef.ErrNotFound) {
			return Resolution{}, err
		}
		if c.opts.Offline {
			return Resolution{}, offline(ref.String(), err)
		}
	case c.opts.Offline:
		r, err := c.opts.Cache.Recall(ref.String())
		if err != nil {
			return Resolution{}, &OfflineError{Subject: ref.String()}
		}
		return Resolution{Descriptor: r.Descriptor, Remembered: r.Time}, nil
	}
	desc, data, err := c.fetchManifest(ctx, ref, false)
	if err != nil {
		return Resolution{}, err
	}
	if err := c.opts.Cache.StoreBytes(ctx, desc, data); err != nil {
		return Resolution{}, err
	}
	return Resolution{Descriptor: desc}, c.opts.Cache.Remember(ref.String(), desc)
}

// cachedManifest describes the image manifest of a digest if it is in the cache.
func (c *Client) cachedManifest(ctx context.Context, ref Reference) (ocispec.Descriptor, error) {
	desc := ocispec.Descriptor{Digest: ref.Digest, Size: -1}
	data, err := c.opts.Cache.Bytes(ctx, desc)
	if err != nil {
		return desc, err
	}
	desc.Size, desc.MediaType = int64(len(data)), mediaTypeOf(data)
	if desc.MediaType == "" {
		desc.MediaType = ocispec.MediaTypeImageManifest
	}
	return desc, nil
}
