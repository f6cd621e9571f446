package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/strictjson"
)

// packed is a store of blobs in the form of a bundle.
type packed struct {
	src    content.Fetcher
	root   digest.Digest
	layers map[string]ocispec.Descriptor // by path
	order  []ocispec.Descriptor
	maps   map[digest.Digest]ocispec.Descriptor // by the digest of the file
}

// Open opens the bundle whose image manifest is root. Only the image manifest and the config are read, so that nothing
// large moves before it is certain that this is a fixture. src must verify what it delivers, and for the files of the
// fixture deliver something that is an io.ReaderAt and has a Stat method, such as an *os.File. The error is a
// [*NotFixtureError], an [*InvalidError], a [*NewerError] or comes from src.
func Open(ctx context.Context, src content.Fetcher, root ocispec.Descriptor, where string, o Options) (*Fixture, error) {
	data, err := fetch(ctx, src, root, maxImage)
	if err != nil {
		return nil, err
	}
	image, err := parseImage(data, root)
	if err != nil {
		return nil, err
	}
	if problems := checkImage(image); len(problems) > 0 {
		return nil, &InvalidError{where, problems}
	}
	raw, err := fetch(ctx, src, image.Config, MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(raw)
	if err != nil {
		return nil, err
	}
	p := &packed{src: src, root: root.Digest, layers: map[string]ocispec.Descriptor{}, maps: map[digest.Digest]ocispec.Descriptor{}}
	if problems := p.match(m, image); len(problems) > 0 {
		return nil, &InvalidError{where, problems}
	}
	return &Fixture{Manifest: m, Raw: raw, Where: where, store: p, opts: o}, nil
}

// fetch reads a small blob into memory.
func fetch(ctx context.Context, src content.Fetcher, d ocispec.Descriptor, limit int64) ([]byte, error) {
	if d.Size > limit {
		return nil, &InvalidError{d.Digest.String(), []Problem{{d.MediaType, fmt.Sprintf("%d bytes, more than %d", d.Size, limit)}}}
	}
	r, err := src.Fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, limit))
}

func parseImage(data []byte, root ocispec.Descriptor) (*ocispec.Manifest, error) {
	not := func(what string) error { return &NotFixtureError{root.Digest, what} }
	var image struct {
		ocispec.Manifest
		Manifests json.RawMessage `json:"manifests"`
	}
	if err := strictjson.Decode(data, &image); err != nil {
		return nil, not("not an image manifest (" + err.Error() + ")")
	}
	switch {
	case image.Manifests != nil:
		return nil, not("an index of several manifests")
	case image.ArtifactType != ArtifactType:
		return nil, not(describe(&image.Manifest))
	}
	return &image.Manifest, nil
}

// describe says what an artifact of another kind is.
func describe(image *ocispec.Manifest) string {
	switch image.Config.MediaType {
	case ocispec.MediaTypeImageConfig, "application/vnd.docker.container.image.v1+json":
		if image.ArtifactType == "" {
			return "a container image"
		}
	case "application/vnd.cncf.helm.config.v1+json":
		return "a Helm chart"
	}
	if image.ArtifactType != "" {
		return "an artifact of type " + image.ArtifactType
	}
	return "an artifact of type " + image.Config.MediaType
}

// checkImage checks what can be told without the manifest.
func checkImage(image *ocispec.Manifest) []Problem {
	p := &parser{}
	if image.SchemaVersion != 2 {
		p.problem("schemaVersion", "%d instead of 2", image.SchemaVersion)
	}
	if image.Config.MediaType != MediaManifest {
		p.problem("config", "media type %q instead of %q", image.Config.MediaType, MediaManifest)
	}
	p.descriptor("config", image.Config)
	for i, l := range image.Layers {
		p.descriptor(fmt.Sprintf("layers[%d]", i), l)
	}
	if len(image.Layers) == 0 || image.Layers[0].Digest != image.Config.Digest || image.Layers[0].Annotations[ocispec.AnnotationTitle] != manifestName {
		p.problem("layers", "the first is not the manifest")
	}
	return p.problems
}

func (p *parser) descriptor(where string, d ocispec.Descriptor) {
	switch {
	case !digestForm.MatchString(string(d.Digest)):
		p.problem(where, "digest %q is not sha256: and 64 hex digits", d.Digest)
	case d.Size < 0:
		p.problem(where, "size %d", d.Size)
	}
}

// match holds the layers against the manifest: exactly one for each file, with its digest, and nothing else but block
// maps.
func (s *packed) match(m *Manifest, image *ocispec.Manifest) []Problem {
	p := &parser{}
	sizes := map[digest.Digest]int64{}
	for i, l := range image.Layers[1:] {
		title := l.Annotations[ocispec.AnnotationTitle]
		switch l.MediaType {
		case MediaDAT:
			if _, twice := s.layers[title]; twice {
				p.problem(fmt.Sprintf("layers[%d]", i+1), "a second layer for %q", title)
			}
			s.layers[title] = l
			sizes[l.Digest] = l.Size
		case MediaBlockMap:
			of := digest.Digest(l.Annotations[AnnotationBlockMapFor])
			if size, known := sizes[of]; !known || l.Size != blockmap.Size(size) {
				p.problem(fmt.Sprintf("layers[%d]", i+1), "a block map that fits no layer before it")
			}
			s.maps[of] = l
		default:
			p.problem(fmt.Sprintf("layers[%d]", i+1), "media type %q does not belong into a fixture", l.MediaType)
		}
	}
	files := m.Files()
	for _, f := range files {
		l, ok := s.layers[f.Path]
		switch {
		case !ok:
			p.problem(f.Path, "listed in the manifest, not among the layers")
		case l.Digest != f.Digest:
			p.problem(f.Path, "the layer has digest %s, the manifest says %s", l.Digest, f.Digest)
		default:
			s.order = append(s.order, l)
		}
	}
	if len(p.problems) == 0 && len(s.layers) != len(files) {
		p.problem("layers", "%d files, the manifest lists %d", len(s.layers), len(files))
	}
	return p.problems
}

// Layers returns the descriptors of the files of a bundle in the order of the manifest; nil for a directory.
func (f *Fixture) Layers() []ocispec.Descriptor {
	if p, ok := f.store.(*packed); ok {
		return p.order
	}
	return nil
}

// BlockMap returns the descriptor of the block map of a file of a bundle, if it has one.
func (f *Fixture) BlockMap(file digest.Digest) (ocispec.Descriptor, bool) {
	p, ok := f.store.(*packed)
	if !ok {
		return ocispec.Descriptor{}, false
	}
	d, ok := p.maps[file]
	return d, ok
}

func (s *packed) open(ctx context.Context, f File) (Blob, error) {
	r, err := s.src.Fetch(ctx, s.layers[f.Path])
	if err != nil {
		return nil, err
	}
	blob, ok := r.(interface {
		io.ReaderAt
		Stat() (fs.FileInfo, error)
	})
	if !ok {
		return nil, errors.Join(fmt.Errorf("%s: a store that cannot be read at random", f.Path), r.Close())
	}
	info, err := blob.Stat()
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return fetched{blob, r, info.Size()}, nil
}

type fetched struct {
	io.ReaderAt
	io.Closer
	size int64
}

func (b fetched) Size() int64 { return b.size }

// verify relies on the source, which delivers verified blobs only.
func (s *packed) verify(ctx context.Context, f File) error {
	b, err := s.open(ctx, f)
	if err != nil {
		return err
	}
	return b.Close()
}

func (s *packed) close() error { return nil }
