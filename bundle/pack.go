package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/parallel"
)

// Bundle is a fixture directory described as an OCI artifact. It is a content.Fetcher for all its blobs. Its methods
// may be called from several goroutines.
type Bundle struct {
	Descriptor ocispec.Descriptor // of the image manifest
	Image      ocispec.Manifest

	image   []byte
	fixture *Fixture
	files   map[digest.Digest]File
	mapped  map[digest.Digest]File // block map to its file

	mu   sync.Mutex
	maps map[digest.Digest][]byte // block maps that are in memory
}

// keptMaps bounds the block maps that are kept from packing to pushing, in bytes. Others are made again when they are
// fetched.
const keptMaps = 16 << 20

// Pack verifies every file of a fixture directory and describes it as a bundle. The digest depends on nothing but the
// directory's content. Errors are those of [Fixture.Verify].
func Pack(ctx context.Context, f *Fixture) (*Bundle, error) {
	d, ok := f.store.(*directory)
	if !ok {
		return nil, fmt.Errorf("%s: only a directory can be packed", f.Where)
	}
	return assemble(ctx, f, func(ctx context.Context, b *Bundle, file File) ([]ocispec.Descriptor, error) {
		return b.describe(ctx, d, file)
	})
}

// assemble makes a bundle of the layers that describe returns for each file, for several files at once.
func assemble(ctx context.Context, f *Fixture, describe func(context.Context, *Bundle, File) ([]ocispec.Descriptor, error)) (*Bundle, error) {
	b := &Bundle{fixture: f, files: map[digest.Digest]File{}, mapped: map[digest.Digest]File{}, maps: map[digest.Digest][]byte{}}
	files := f.Manifest.Files()
	layers := make([][]ocispec.Descriptor, len(files))
	err := parallel.ForEach(ctx, f.opts.Workers, len(files), func(ctx context.Context, i int) (err error) {
		layers[i], err = describe(ctx, b, files[i])
		return err
	})
	if err == nil {
		err = b.seal(layers)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// seal makes the image manifest, of the layers of each file.
func (b *Bundle) seal(layers [][]ocispec.Descriptor) error {
	f := b.fixture
	config := ocispec.Descriptor{MediaType: MediaManifest, Digest: digest.FromBytes(f.Raw), Size: int64(len(f.Raw))}
	first := config
	first.Annotations = map[string]string{ocispec.AnnotationTitle: manifestName}
	b.Image = ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: ArtifactType,
		Config: config, Layers: []ocispec.Descriptor{first}, Annotations: f.Manifest.annotations(),
	}
	for _, l := range layers {
		b.Image.Layers = append(b.Image.Layers, l...)
	}
	b.image = compact(b.Image)
	b.Descriptor = ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, ArtifactType: ArtifactType,
		Digest: digest.FromBytes(b.image), Size: int64(len(b.image))}
	if len(b.image) > maxImage {
		return &InvalidError{f.Where, []Problem{{manifestName, fmt.Sprintf(
			"%d files make an image manifest of %d bytes; registries take at most %d", len(layers), len(b.image), maxImage)}}}
	}
	return nil
}

// describe verifies a file and returns its layer, followed by that of its block map if it is large.
func (b *Bundle) describe(ctx context.Context, d *directory, f File) ([]ocispec.Descriptor, error) {
	facts, size, blocks, err := d.facts(ctx, f, true)
	if err == nil {
		err = match(f, facts, size)
	}
	if err == nil {
		err = b.fixture.checkKind(ctx, f)
	}
	if err != nil {
		return nil, err
	}
	return b.layers(f, size, digest.Digest(facts.BlockMap), blocks), nil
}

// layers returns the layer of a file, followed by that of its block map if it is large. blocks are the map itself if it
// is at hand.
func (b *Bundle) layers(f File, size int64, id digest.Digest, blocks []byte) []ocispec.Descriptor {
	layers := []ocispec.Descriptor{layerOf(f, size)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files[f.Digest] = f
	if size < blockmap.MinFile {
		return layers
	}
	b.mapped[id] = f
	if blocks != nil && b.kept()+len(blocks) <= keptMaps {
		b.maps[id] = blocks
	}
	return append(layers, ocispec.Descriptor{MediaType: MediaBlockMap, Digest: id, Size: blockmap.Size(size),
		Annotations: map[string]string{AnnotationBlockMapFor: f.Digest.String()}})
}

func layerOf(f File, size int64) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: MediaDAT, Digest: f.Digest, Size: size,
		Annotations: map[string]string{ocispec.AnnotationTitle: f.Path}}
}

func (b *Bundle) kept() (n int) {
	for _, m := range b.maps {
		n += len(m)
	}
	return n
}

// Fetch returns a blob of the bundle. It may be called again for the same blob, for instance to repeat an upload.
func (b *Bundle) Fetch(ctx context.Context, want ocispec.Descriptor) (io.ReadCloser, error) {
	memory := func(data []byte) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	switch want.Digest {
	case b.Descriptor.Digest:
		return memory(b.image)
	case b.Image.Config.Digest:
		return memory(b.fixture.Raw)
	}
	if f, ok := b.files[want.Digest]; ok {
		blob, err := b.fixture.Open(ctx, f)
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.NewSectionReader(blob, 0, want.Size), blob}, nil
	}
	if f, ok := b.mapped[want.Digest]; ok {
		blocks, err := b.blockMap(ctx, want.Digest, f)
		if err != nil {
			return nil, err
		}
		return memory(blocks)
	}
	return nil, fmt.Errorf("%s: %w", want.Digest, errdef.ErrNotFound)
}

// blockMap returns a block map, from memory or by reading the file once more.
func (b *Bundle) blockMap(ctx context.Context, id digest.Digest, f File) ([]byte, error) {
	b.mu.Lock()
	blocks, ok := b.maps[id]
	b.mu.Unlock()
	if ok {
		return blocks, nil
	}
	blob, err := b.fixture.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	h := &Hasher{whole: sha256.New(), blocks: blockmap.NewBuilder(blockmap.BlockSize(blob.Size()))}
	if err := h.hashAll(ctx, io.NewSectionReader(blob, 0, blob.Size()), func(int64) {}); err != nil {
		return nil, err
	}
	facts, _, blocks := h.Sum()
	if facts.BlockMap != id.String() {
		return nil, &ChangedError{f.Path}
	}
	return blocks, nil
}

// annotations are what the image manifest says of the fixture. Empty ones are left out.
func (m *Manifest) annotations() map[string]string {
	a := map[string]string{
		ocispec.AnnotationCreated:     m.CreatedAt,
		ocispec.AnnotationTitle:       m.FixtureID,
		ocispec.AnnotationVersion:     m.Version,
		ocispec.AnnotationDescription: m.Description,
		AnnotationTables:              strconv.Itoa(len(m.Tables)),
		AnnotationRows:                strconv.FormatInt(m.Rows(), 10),
	}
	var features map[string]json.RawMessage
	if m.Features != nil && json.Unmarshal(m.Features, &features) == nil {
		for key, annotation := range map[string]string{"source": ocispec.AnnotationSource,
			"revision": ocispec.AnnotationRevision, "licenses": ocispec.AnnotationLicenses} {
			var s string
			if json.Unmarshal(features[key], &s) == nil {
				a[annotation] = s
			}
		}
	}
	for key, value := range a {
		if value == "" {
			delete(a, key)
		}
	}
	return a
}

// compact encodes an image manifest: fields in the order of the image specification, annotations sorted, no HTML
// escapes, no final newline.
func compact(image ocispec.Manifest) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(image); err != nil {
		panic(err) // texts and numbers can always be encoded
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}
