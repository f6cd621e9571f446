package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/parallel"
)

// Limits of what goes along with a bundle. Anybody with the right to push can attach to it, so these bound what they can
// make of a copy.
const (
	// maxReferrers is how many image manifests and indexes: a signature a day for years.
	maxReferrers = 2000

	// maxReferrerDepth is how far they may be from the bundle. The signature of its SBOM is at 2.
	maxReferrerDepth = 16

	// maxReferrerBytes is what they may take in memory together. Each is a few kilobytes; blobs do not count.
	maxReferrerBytes = 64 << 20
)

// cosignTags are the endings of the tags under which cosign keeps what belongs to a digest unless it is told to make
// referrers of it: signatures, attestations, SBOMs (github.com/sigstore/cosign, specs/SIGNATURE_SPEC.md).
var cosignTags = []string{".sig", ".att", ".sbom"}

// origin is where a bundle and what refers to it are copied from.
type origin interface {
	content.Fetcher
	referrers(ctx context.Context, subject digest.Digest) ([]ocispec.Descriptor, error)
	tagged(ctx context.Context, tag string) (ocispec.Descriptor, error)
}

// gathering collects everything that refers to a bundle, to what refers to it, and so on.
type gathering struct {
	from origin

	mu      sync.Mutex
	found   map[digest.Digest]*document // nil while it is on its way, and for the bundle
	order   []*document                 // nearer ones first
	bytes   int64
	missing int // listed, but not there
}

// lead is something to look at.
type lead struct {
	desc   ocispec.Descriptor
	listed bool   // as a referrer
	part   bool   // of an index
	tag    string // of cosign's, that it was found under
}

// gather finds what goes along with a bundle. Equal digests are equal bytes, so there can be no circle.
func (c *Client) gather(ctx context.Context, from origin, root ocispec.Descriptor) (*gathering, error) {
	g := &gathering{from: from, found: map[digest.Digest]*document{root.Digest: nil}}
	next, err := g.cosigned(ctx, root.Digest)
	if err != nil {
		return nil, err
	}
	listed, err := g.about(ctx, root.Digest)
	if err != nil {
		return nil, err
	}
	next = append(next, listed...)
	for depth := 1; len(next) > 0; depth++ {
		if depth > maxReferrerDepth {
			return nil, fmt.Errorf("%s: referrers of referrers, %d deep: %w", root.Digest, depth, errdef.ErrSizeExceedsLimit)
		}
		now := g.fresh(next)
		if len(g.found) > maxReferrers+1 {
			return nil, fmt.Errorf("%s: more than %d referrers: %w", root.Digest, maxReferrers, errdef.ErrSizeExceedsLimit)
		}
		further := make([][]lead, len(now))
		err := parallel.ForEach(ctx, smallLanes*c.opts.Concurrency, len(now), func(ctx context.Context, i int) (err error) {
			further[i], err = g.look(ctx, now[i])
			return err
		})
		if err != nil {
			return nil, err
		}
		next = nil
		for i, l := range now {
			next = append(next, further[i]...)
			if d := g.found[l.desc.Digest]; d != nil {
				g.order = append(g.order, d)
			}
		}
	}
	return g, nil
}

// fresh returns the leads that were not followed yet.
func (g *gathering) fresh(leads []lead) (fresh []lead) {
	for _, l := range leads {
		if _, known := g.found[l.desc.Digest]; !known {
			g.found[l.desc.Digest] = nil
			fresh = append(fresh, l)
		}
	}
	return fresh
}

// look follows a lead and returns where it leads to.
func (g *gathering) look(ctx context.Context, l lead) ([]lead, error) {
	g.mu.Lock()
	g.bytes += l.desc.Size
	tooMuch := g.bytes > maxReferrerBytes
	g.mu.Unlock()
	if tooMuch {
		return nil, fmt.Errorf("%s: image manifests of referrers of more than %d bytes: %w", l.desc.Digest, maxReferrerBytes, errdef.ErrSizeExceedsLimit)
	}
	if !isManifest(l.desc.MediaType) {
		return nil, fmt.Errorf("%s: %.100q is neither an image manifest nor an index: %w", l.desc.Digest, l.desc.MediaType, errdef.ErrUnsupported)
	}
	data, err := readManifest(ctx, g.from, l.desc)
	if errors.Is(err, errdef.ErrNotFound) && !l.part {
		// Lists that are kept under a tag outlive what they list.
		g.mu.Lock()
		defer g.mu.Unlock()
		g.missing++
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	d, err := parseDocument(l.desc, data)
	if err != nil {
		return nil, err
	}
	if l.listed && !g.knows(d.subject) {
		return nil, nil // by mistake: it does not refer to this
	}
	d.tag = l.tag
	leads, err := g.about(ctx, l.desc.Digest)
	if err != nil {
		return nil, err
	}
	for _, p := range d.parts {
		leads = append(leads, lead{desc: p, part: true})
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.found[l.desc.Digest] = d
	return leads, nil
}

func (g *gathering) knows(d digest.Digest) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, known := g.found[d]
	return known
}

// about lists what refers to a digest.
func (g *gathering) about(ctx context.Context, subject digest.Digest) ([]lead, error) {
	list, err := g.from.referrers(ctx, subject)
	if err != nil {
		return nil, err
	}
	var leads []lead
	for _, d := range list {
		leads = append(leads, lead{desc: d, listed: true})
	}
	return leads, nil
}

// cosigned finds what cosign has tagged for a digest.
func (g *gathering) cosigned(ctx context.Context, subject digest.Digest) ([]lead, error) {
	found := make([]*lead, len(cosignTags))
	err := parallel.ForEach(ctx, len(cosignTags), len(cosignTags), func(ctx context.Context, i int) error {
		tag := referrersPrefix + subject.Encoded() + cosignTags[i]
		desc, err := g.from.tagged(ctx, tag)
		if errors.Is(err, errdef.ErrNotFound) {
			return nil
		}
		found[i] = &lead{desc: desc, tag: tag}
		return err
	})
	var leads []lead
	for _, l := range found {
		if l != nil {
			leads = append(leads, *l)
		}
	}
	return leads, err
}

// waves returns the documents in the order in which they may be pushed, those of one wave at once: after what they are
// about and after their parts.
func (g *gathering) waves() [][]*document {
	rank := map[digest.Digest]int{}
	var of func(d digest.Digest) int
	of = func(d digest.Digest) int {
		doc := g.found[d]
		if doc == nil {
			return -1 // the bundle, or not copied
		}
		if _, known := rank[d]; !known {
			rank[d] = 0
			n := of(doc.subject)
			for _, p := range doc.parts {
				n = max(n, of(p.Digest))
			}
			rank[d] = n + 1
		}
		return rank[d]
	}
	var waves [][]*document
	for _, doc := range g.order {
		n := of(doc.desc.Digest)
		for len(waves) <= n {
			waves = append(waves, nil)
		}
		waves[n] = append(waves[n], doc)
	}
	return waves
}

// count is the number of referrers. Parts of an index are none.
func (g *gathering) count() (n int) {
	for _, d := range g.order {
		if d.subject != "" || d.tag != "" {
			n++
		}
	}
	return n
}

// open opens a blob, or a document that is here already.
func (g *gathering) open(ctx context.Context, src content.Fetcher, desc ocispec.Descriptor) (io.ReadCloser, error) {
	if d := g.found[desc.Digest]; d != nil {
		return io.NopCloser(bytes.NewReader(d.data)), nil
	}
	return src.Fetch(ctx, desc)
}

// blobs returns what the documents are made of, each digest once.
func blobs(documents []*document) []ocispec.Descriptor {
	var all []ocispec.Descriptor
	for _, d := range documents {
		all = append(all, d.blobs...)
	}
	return distinct(all)
}
