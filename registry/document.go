package registry

import (
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// document is an image manifest or an index that goes along with a bundle.
type document struct {
	desc    ocispec.Descriptor // with artifact type and annotations, as lists of referrers have them
	data    []byte
	tag     string        // under which it is found, if it is not found by its subject
	subject digest.Digest // what it is about; empty for a part of an index
	blobs   []ocispec.Descriptor
	parts   []ocispec.Descriptor // of an index: image manifests and indexes
}

// parseDocument reads what a referrer says of itself. What is neither an image manifest nor an index is
// errdef.ErrUnsupported, since its parts are not known.
func parseDocument(desc ocispec.Descriptor, data []byte) (*document, error) {
	var m struct {
		MediaType    string               `json:"mediaType"`
		ArtifactType string               `json:"artifactType"`
		Config       *ocispec.Descriptor  `json:"config"`
		Layers       []ocispec.Descriptor `json:"layers"`
		Manifests    []ocispec.Descriptor `json:"manifests"`
		Subject      *ocispec.Descriptor  `json:"subject"`
		Annotations  map[string]string    `json:"annotations"`
	}
	if err := strictjson.Decode(data, &m); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", desc.Digest, err, errdef.ErrUnsupported)
	}
	d := &document{data: data, desc: ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size,
		ArtifactType: m.ArtifactType, Annotations: m.Annotations}}
	isIndex := desc.MediaType == ocispec.MediaTypeImageIndex || desc.MediaType == dockerManifestList
	switch {
	case !isManifest(desc.MediaType) || m.MediaType != "" && m.MediaType != desc.MediaType || isIndex != (m.Config == nil):
		return nil, fmt.Errorf("%s: %.100q is neither an image manifest nor an index: %w", desc.Digest, desc.MediaType, errdef.ErrUnsupported)
	case isIndex:
		d.parts = distinct(m.Manifests)
	default:
		d.blobs = distinct(append([]ocispec.Descriptor{*m.Config}, m.Layers...))
		if d.desc.ArtifactType == "" { // distribution-spec, "Listing Referrers"
			d.desc.ArtifactType = m.Config.MediaType
		}
	}
	if m.Subject != nil {
		d.subject = m.Subject.Digest
	}
	for _, b := range append(d.blobs, d.parts...) { // one of them is empty
		if !sound(b) {
			return nil, fmt.Errorf("%s: a descriptor without SHA-256 or size: %w", desc.Digest, errdef.ErrUnsupported)
		}
	}
	return d, nil
}

// sound reports whether a descriptor can be asked for.
func sound(d ocispec.Descriptor) bool {
	return d.Digest.Validate() == nil && d.Digest.Algorithm() == digest.SHA256 && d.Size >= 0
}
