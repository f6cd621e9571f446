package lfs

import (
	"context"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/registry"
)

// Forecast tells what [Plan.Import] would do now, asking the registry what it has. Of the bytes those of objects are
// counted. The errors are those of Import, but objects that are not on this machine are none.
func (p *Plan) Forecast(ctx context.Context, o ImportOptions) (*Imported, error) {
	targets, archive, err := p.places(o)
	if err != nil {
		return nil, err
	}
	f := &Imported{Plan: p}
	moved := map[digest.Digest]bool{}
	for i, fixture := range p.Fixtures {
		sent, err := lacks(ctx, o.Client, targets[i], fixture.Files)
		if err != nil {
			return nil, err
		}
		m := Moved{Fixture: fixture, Name: p.name(fixture), Reference: targets[i]}
		m.Sent, m.Reused = sent, Bytes(distinct(fixture.Files))-sent
		f.Fixtures = append(f.Fixtures, m)
		for _, file := range fixture.Files {
			moved[file.Digest] = true
		}
	}
	if o.HeadOnly {
		return f, nil
	}
	named, err := archive.Named(ctx)
	if err != nil {
		return nil, err
	}
	var unknown []Object // those that the registry does not take over from a fixture
	all := distinct(p.History)
	for _, object := range all {
		if !named[object.Digest] && !moved[object.Digest] {
			unknown = append(unknown, object)
		}
	}
	f.Archive, f.Objects = archive, len(all)
	f.Stored.Sent, err = lacks(ctx, o.Client, archive.At, unknown)
	f.Stored.Reused = Bytes(all) - f.Stored.Sent
	return f, err
}

// lacks is how many bytes of the objects a repository does not have.
func lacks(ctx context.Context, c *registry.Client, at registry.Reference, objects []Object) (n int64, _ error) {
	var blobs []ocispec.Descriptor
	for _, o := range objects {
		blobs = append(blobs, o.descriptor())
	}
	missing, err := c.Missing(ctx, at, blobs)
	for _, m := range missing {
		n += m.Size
	}
	return n, err
}
