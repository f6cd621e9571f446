package lfs

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/internal/strictjson"
	"github.com/irisfix/irisfix/registry"
)

// What an archive is made of (docs/format.md, "Archives of Git LFS").
const (
	ArtifactType = "application/vnd.irisfix.lfs.v1"
	MediaObject  = "application/vnd.irisfix.lfs.object.v1"

	setPrefix  = "objects-" // of tags: and the beginning of the digest of the image manifest
	pushPrefix = "push-"    // of tags: and what nobody else has
	perSet     = 1000       // objects in an image manifest
	wide       = 16         // image manifests that are read at once
)

// Archive is the repository that holds objects of Git LFS. Any of them is a blob of it; image manifests name them all,
// since registries remove what none of them names. No image manifest is ever changed by another process than the one that
// made it, so any number of processes may add to an archive at once.
type Archive struct {
	Client *registry.Client
	At     registry.Reference // without tag and digest
}

// Named returns the digests that the image manifests of the archive name.
func (a Archive) Named(ctx context.Context) (map[digest.Digest]bool, error) {
	tags, err := a.Client.Tags(ctx, a.At)
	if errors.Is(err, errdef.ErrNotFound) {
		return nil, nil // nothing was pushed there yet
	} else if err != nil {
		return nil, err
	}
	tags = slices.DeleteFunc(tags, func(t string) bool {
		return !strings.HasPrefix(t, setPrefix) && !strings.HasPrefix(t, pushPrefix)
	})
	var mu sync.Mutex
	named := map[digest.Digest]bool{}
	err = parallel.ForEach(ctx, wide, len(tags), func(ctx context.Context, i int) error {
		at, err := a.At.WithTag(tags[i])
		if err != nil {
			return err
		}
		_, data, err := a.Client.Manifest(ctx, at)
		if errors.Is(err, errdef.ErrNotFound) { // removed since the tags were listed
			return nil
		} else if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, d := range objectsIn(data) {
			named[d] = true
		}
		return nil
	})
	return named, err
}

// objectsIn returns the objects that an image manifest names, none if it is not one of an archive.
func objectsIn(data []byte) (list []digest.Digest) {
	var m ocispec.Manifest
	if strictjson.Decode(data, &m) != nil || m.ArtifactType != ArtifactType {
		return nil
	}
	for _, l := range m.Layers {
		if l.MediaType == MediaObject && l.Digest.Validate() == nil && l.Digest.Algorithm() == digest.SHA256 {
			list = append(list, l.Digest)
		}
	}
	return list
}

// Stored tells what became of objects.
type Stored struct {
	Sets         []registry.Reference // the image manifests, with their tags and digests
	Sent, Reused int64                // bytes
}

// Store brings objects into the archive, the image manifests that name them last: for the same objects always the same
// ones, under tags that stand for nothing else. src opens objects; from tells of each in which repository of the registry
// it may be already, or nothing.
func (a Archive) Store(ctx context.Context, objects []Object, src content.Fetcher, from func(ocispec.Descriptor) string) (Stored, error) {
	var stored Stored
	for part := range slices.Chunk(distinct(objects), perSet) {
		set := newSet(part)
		at, err := a.At.WithTag(setPrefix + set.root.Digest.Encoded()[:32])
		if err != nil {
			return stored, err
		}
		how, err := a.Client.PushBlobs(ctx, a.At, set.layers, src, from)
		if err != nil {
			return stored, err
		}
		report, err := a.Client.Push(ctx, at, set, set.root, registry.PushOptions{Brought: how, Unremembered: true})
		if err != nil {
			return stored, err
		}
		stored.Sets = append(stored.Sets, at.WithDigest(set.root.Digest))
		stored.Sent, stored.Reused = stored.Sent+report.Sent, stored.Reused+report.Reused
	}
	return stored, nil
}

// distinct returns the objects in the order of their digests, each digest once.
func distinct(objects []Object) []Object {
	list := slices.Clone(objects)
	slices.SortStableFunc(list, func(a, b Object) int { return cmp.Compare(a.Digest, b.Digest) })
	return slices.CompactFunc(list, func(a, b Object) bool { return a.Digest == b.Digest })
}

// set is an image manifest that names objects. It is a content.Fetcher for itself and its empty config.
type set struct {
	root   ocispec.Descriptor
	data   []byte
	layers []ocispec.Descriptor
}

func newSet(objects []Object) *set {
	s := &set{}
	for _, o := range objects {
		s.layers = append(s.layers, o.descriptor())
	}
	data, err := json.Marshal(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: ArtifactType, Config: ocispec.DescriptorEmptyJSON, Layers: s.layers,
	})
	if err != nil {
		panic(err) // texts and numbers can always be encoded
	}
	s.data = data
	s.root = ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, ArtifactType: ArtifactType,
		Digest: digest.FromBytes(data), Size: int64(len(data))}
	return s
}

// Fetch returns the image manifest or the config.
func (s *set) Fetch(_ context.Context, want ocispec.Descriptor) (io.ReadCloser, error) {
	switch want.Digest {
	case s.root.Digest:
		return io.NopCloser(bytes.NewReader(s.data)), nil
	case ocispec.DescriptorEmptyJSON.Digest:
		return io.NopCloser(bytes.NewReader(ocispec.DescriptorEmptyJSON.Data)), nil
	}
	return nil, fmt.Errorf("%s: %w", want.Digest, errdef.ErrNotFound)
}
