package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry/cache"
)

// Through reads the blobs of a bundle through the cache: what is not there is fetched into it first. What it returns
// are verified [*os.File]. The errors name repository and digest.
func (c *Client) Through(ref Reference) content.Fetcher {
	return content.FetcherFunc(func(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
		f, err := c.opts.Cache.Fetch(ctx, desc)
		if !errors.Is(err, errdef.ErrNotFound) {
			return f, within(ref.Name(), err)
		}
		if c.opts.Offline {
			return nil, offline(ref.Name()+"@"+desc.Digest.String(), err)
		}
		if _, err := c.fetchBlob(ctx, ref, desc, nil); err != nil {
			return nil, err
		}
		return c.opts.Cache.Fetch(ctx, desc)
	})
}

// FetchReport tells what [Client.FetchAll] did.
type FetchReport struct {
	Fetched int64 // bytes that travelled into the cache, wasted ones not counted
	Reused  int64 // bytes that were there, also of a transfer that had been cut
}

// FetchAll brings blobs of a bundle into the cache, several at once, each digest once and only what is missing. What an
// older version of a blob has of it is taken from there; find may be nil.
func (c *Client) FetchAll(ctx context.Context, ref Reference, descs []ocispec.Descriptor, find FindBase) (FetchReport, error) {
	var mu sync.Mutex
	var report FetchReport
	each := c.each
	if c.opts.Offline {
		each = inOrder // of several that are missing, the first is named
	}
	err := each(ctx, distinct(descs), func(ctx context.Context, desc ocispec.Descriptor) error {
		moved, err := c.fetchBlob(ctx, ref, desc, find)
		if err != nil {
			return err
		}
		done := aboutBlob(ref, desc)
		done.Kind, done.How, done.Bytes = Done, Cached, desc.Size
		if moved > 0 {
			done.How = Fetched
		}
		c.opts.Notify(done)
		mu.Lock()
		defer mu.Unlock()
		report.Fetched += moved
		report.Reused += max(0, desc.Size-moved)
		return nil
	})
	return report, err
}

// Forecast tells what [Client.FetchAll] would do now. Nothing travels but the block maps that it takes to know; they go
// into the cache and are not counted.
func (c *Client) Forecast(ctx context.Context, ref Reference, descs []ocispec.Descriptor, find FindBase) (FetchReport, error) {
	var report FetchReport
	for _, desc := range distinct(descs) {
		there, err := c.opts.Cache.Exists(ctx, desc)
		if err != nil {
			return report, within(ref.Name(), err)
		}
		missing := int64(0)
		if !there {
			missing = c.forecast(ctx, &download{client: c, ref: ref, desc: desc, find: find})
		}
		report.Fetched += missing
		report.Reused += desc.Size - missing
	}
	return report, context.Cause(ctx)
}

// forecast is the number of bytes that would be asked for.
func (c *Client) forecast(ctx context.Context, d *download) (n int64) {
	here := c.opts.Cache.Unfinished(d.desc)
	missing := here.Gaps(cache.Span{End: d.desc.Size})
	if b := d.base(ctx, here); b != nil {
		missing = b.missing
		b.close()
	}
	for _, s := range merge(missing) {
		n += s.Len()
	}
	return n
}

// fetchBlob brings one blob into the cache and tells how many of its bytes travelled.
func (c *Client) fetchBlob(ctx context.Context, ref Reference, desc ocispec.Descriptor, find FindBase) (moved int64, err error) {
	if c.opts.Offline {
		f, err := c.opts.Cache.Fetch(ctx, desc)
		if err == nil {
			return 0, f.Close()
		} else if !errors.Is(err, errdef.ErrNotFound) {
			return 0, err
		}
		return 0, offline(ref.Name()+"@"+desc.Digest.String(), err)
	}
	_, err = c.opts.Cache.Store(ctx, desc, func(ctx context.Context, p *cache.Partial) error {
		d := &download{client: c, ref: ref, desc: desc, to: p, find: find}
		err := d.run(ctx)
		moved = d.moved.Load()
		return err
	})
	return moved, within(ref.Name(), err)
}

// blobRequest is a request for a blob where it is kept: image manifests have a place of their own.
func blobRequest(method string, ref Reference, desc ocispec.Descriptor) *request {
	resource, header := "blobs/", http.Header{}
	if isManifest(desc.MediaType) {
		resource, header = "manifests/", http.Header{"Accept": {desc.MediaType}}
	}
	return &request{method: method, ref: ref, resource: resource + desc.Digest.String(), header: header}
}

const bufferSize = 256 << 10

var buffers = sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}

// copyBuffered is [io.Copy] with a buffer that is large and kept.
func copyBuffered(w io.Writer, r io.Reader) (int64, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	return io.CopyBuffer(w, struct{ io.Reader }{r}, *buf)
}

// offline makes an error of the cache's "not here" where nobody else may be asked.
func offline(subject string, err error) error {
	e := &OfflineError{Subject: subject}
	errors.As(err, &e.Damage)
	return e
}
