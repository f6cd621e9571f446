package server

import (
	"encoding/json"
	"strings"

	"github.com/opencontainers/go-digest"
	spec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// The types of Docker that have the form of the OCI ones.
const (
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// document is what an image manifest or an index says. A manifest of another type is stored as it is; its document is
// empty.
type document struct {
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType"`
	Config       *spec.Descriptor  `json:"config"`
	Layers       []spec.Descriptor `json:"layers"`
	Manifests    []spec.Descriptor `json:"manifests"`
	Subject      *spec.Descriptor  `json:"subject"`
	Annotations  map[string]string `json:"annotations"`
}

func parseManifest(m manifest) (document, error) {
	var doc document
	image := m.mediaType == spec.MediaTypeImageManifest || m.mediaType == dockerManifest
	index := m.mediaType == spec.MediaTypeImageIndex || m.mediaType == dockerList
	if !image && !index {
		return doc, nil
	}
	if err := strictjson.Check(m.body); err != nil {
		return document{}, badRequest("MANIFEST_INVALID", "manifest is not valid JSON: "+err.Error())
	}
	if err := json.Unmarshal(m.body, &doc); err != nil {
		return document{}, badRequest("MANIFEST_INVALID", "manifest does not have the form of its type")
	}
	if doc.MediaType != "" && doc.MediaType != m.mediaType {
		return document{}, badRequest("MANIFEST_INVALID", "mediaType of the manifest is not its Content-Type")
	}
	if image && doc.Config == nil {
		return document{}, badRequest("MANIFEST_INVALID", "image manifest has no config")
	}
	// Keys of the other type have no meaning here.
	if image {
		doc.Manifests = nil
	} else {
		doc.Config, doc.Layers = nil, nil
	}
	for _, d := range doc.all() {
		if d.Digest.Validate() != nil {
			return document{}, badRequest("MANIFEST_INVALID", "manifest has an invalid or unsupported digest")
		}
	}
	return doc, nil
}

func (doc document) all() []spec.Descriptor {
	all := append(append([]spec.Descriptor{}, doc.Layers...), doc.Manifests...)
	for _, d := range []*spec.Descriptor{doc.Config, doc.Subject} {
		if d != nil {
			all = append(all, *d)
		}
	}
	return all
}

// needs returns what must be here for an image to be pulled, or what an index lists. Layers that may not be distributed
// are fetched from elsewhere (image specification, section "Non-Distributable Layers").
func (doc document) needs() []digest.Digest {
	var all []digest.Digest
	if doc.Config != nil {
		all = append(all, doc.Config.Digest)
	}
	for _, d := range append(doc.Layers, doc.Manifests...) { // one of them is empty
		if !strings.Contains(d.MediaType, ".nondistributable.") && !strings.Contains(d.MediaType, ".foreign.") {
			all = append(all, d.Digest)
		}
	}
	return all
}

// artifactType is that of a referrer (specification, section "Listing Referrers").
func (doc document) artifactType() string {
	if doc.ArtifactType == "" && doc.Config != nil {
		return doc.Config.MediaType
	}
	return doc.ArtifactType
}
