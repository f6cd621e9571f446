package registry

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/parallel"
)

// worthAsking is the size from which on it is cheaper to ask whether a registry has a blob than to send it in vain.
const worthAsking = 256 << 10

// presence is what is known of a repository's blobs before a push, from at most three requests and a few for what an
// interrupted push has left. Asking for each blob would take as many requests as sending it.
type presence struct {
	known map[digest.Digest]bool // asked for, or part of an image manifest that the registry has served just now
	fresh bool                   // the repository has no tags, so nothing else can be there
}

// ask reports whether to ask for a blob of which nothing is known.
func (p presence) ask(desc ocispec.Descriptor) bool { return !p.fresh && desc.Size >= worthAsking }

// look finds out what is there: what the tag is made of now or, if it is a new tag, what its neighbour is made of.
func (p *push) look(ctx context.Context) (presence, error) {
	there := presence{known: map[digest.Digest]bool{}}
	desc, data, err := p.client.fetchManifest(ctx, p.target(), true)
	switch {
	case err == nil:
		p.report.Previous = desc.Digest
	case !errors.Is(err, errdef.ErrNotFound):
		return there, err
	default:
		desc, data, there.fresh = p.neighbour(ctx)
	}
	if there.fresh && p.from == "" {
		if err := p.leftovers(ctx, there.known); err != nil {
			return there, err
		}
	}
	if data != nil && p.report.Previous != p.report.Descriptor.Digest {
		blobs, _ := blobsOf(desc, data) // of something else than an image manifest nothing is known
		for _, d := range blobs {
			there.known[d.Digest] = true
		}
	}
	return there, context.Cause(ctx)
}

// leftovers finds the blobs that an interrupted push has left in a repository without tags. They are sent in order, a few
// at once; so where as many in a row are absent no later one is there. Small ones are asked for if a large one was found.
func (p *push) leftovers(ctx context.Context, known map[digest.Digest]bool) error {
	open := slices.DeleteFunc(slices.Clone(p.blobs), func(d ocispec.Descriptor) bool { _, ok := p.brought[d.Digest]; return ok })
	small := slices.DeleteFunc(slices.Clone(open), func(d ocispec.Descriptor) bool { return d.Size > smallBlob })
	large := slices.DeleteFunc(open, func(d ocispec.Descriptor) bool { return d.Size <= smallBlob })
	if found, err := p.probe(ctx, large, p.client.opts.Concurrency, known); err != nil || !found {
		return err
	}
	_, err := p.probe(ctx, small, smallLanes*p.client.opts.Concurrency, known)
	return err
}

// probe asks for blobs, so many at once, until as many are absent. The result says whether any is there.
func (p *push) probe(ctx context.Context, blobs []ocispec.Descriptor, width int, known map[digest.Digest]bool) (any bool, err error) {
	for part := range slices.Chunk(blobs, width) {
		there := make([]bool, len(part))
		err := parallel.ForEach(ctx, width, len(part), func(ctx context.Context, i int) (err error) {
			there[i], err = p.client.has(ctx, p.ref, part[i])
			return err
		})
		if err != nil {
			return any, err
		}
		for i, d := range part {
			if there[i] {
				known[d.Digest] = true
			}
		}
		if !slices.Contains(there, true) {
			return any, nil
		}
		any = true
	}
	return any, nil
}

// target is what is being written: the tag, or without one the digest.
func (p *push) target() Reference {
	if p.ref.Tag != "" {
		return p.ref.WithDigest("")
	}
	return p.ref
}

// neighbour returns the image manifest of the tag that sorts just before the one being pushed, or else just after:
// most often the version before. It is only for saving work, so what fails is left out.
func (p *push) neighbour(ctx context.Context) (desc ocispec.Descriptor, data []byte, fresh bool) {
	tags, _, err := p.client.tagPage(ctx, p.ref, nil)
	if errors.Is(err, errdef.ErrNotFound) || err == nil && len(tags) == 0 {
		return desc, nil, true
	}
	tags = slices.DeleteFunc(tags, func(t string) bool { return strings.HasPrefix(t, referrersPrefix) || !tagRule.MatchString(t) })
	if err != nil || len(tags) == 0 {
		return desc, nil, false
	}
	slices.Sort(tags)
	i, _ := slices.BinarySearch(tags, p.ref.Tag)
	near := p.ref.WithDigest("")
	near.Tag = tags[max(i-1, 0)]
	desc, data, err = p.client.fetchManifest(ctx, near, true)
	if err != nil {
		return desc, nil, false
	}
	return desc, data, false
}
