package registry

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// maxLayoutManifests bounds what is read to find out which image manifests of a layout refer to others.
const maxLayoutManifests = 100_000

// layoutOrigin is a layout together with what refers to what in it. It may be used by several goroutines.
type layoutOrigin struct {
	*Layout
	once sync.Once
	to   map[digest.Digest][]ocispec.Descriptor
	err  error
}

func (l *layoutOrigin) tagged(ctx context.Context, tag string) (ocispec.Descriptor, error) {
	return l.Resolve(ctx, tag)
}

// referrers answers from what the image manifests themselves say. The image-spec has no form for lists of referrers in a
// layout; some tools only name the referrers in index.json, others name an index of them under a tag. Both lead here.
func (l *layoutOrigin) referrers(ctx context.Context, subject digest.Digest) ([]ocispec.Descriptor, error) {
	l.once.Do(func() { l.to, l.err = l.relations(ctx) })
	return l.to[subject], l.err
}

// relations reads every image manifest and index that index.json leads to. What is named and not there is left out, as
// the image-spec allows.
func (l *Layout) relations(ctx context.Context) (map[digest.Digest][]ocispec.Descriptor, error) {
	x, err := l.readIndex()
	if err != nil {
		return nil, err
	}
	var todo []ocispec.Descriptor
	for _, e := range x.entries {
		desc, _ := tagOf(e)
		todo = append(todo, desc)
	}
	to, seen := map[digest.Digest][]ocispec.Descriptor{}, map[digest.Digest]bool{}
	for len(todo) > 0 && ctx.Err() == nil {
		desc := ocispec.Descriptor{MediaType: todo[0].MediaType, Digest: todo[0].Digest, Size: todo[0].Size}
		todo = todo[1:]
		if seen[desc.Digest] || !isManifest(desc.MediaType) || !sound(desc) {
			continue
		}
		if seen[desc.Digest] = true; len(seen) > maxLayoutManifests {
			return nil, fmt.Errorf("%s: more than %d image manifests: %w", l.dir, maxLayoutManifests, errdef.ErrSizeExceedsLimit)
		}
		data, err := readManifest(ctx, l, desc)
		if errors.Is(err, errdef.ErrNotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		var m struct {
			Manifests []ocispec.Descriptor `json:"manifests"`
			Subject   ocispec.Descriptor   `json:"subject"`
		}
		if strictjson.Decode(data, &m) != nil {
			continue // not of a form in which it could refer to anything
		}
		todo = append(todo, m.Manifests...)
		to[m.Subject.Digest] = append(to[m.Subject.Digest], desc)
	}
	return to, context.Cause(ctx)
}
