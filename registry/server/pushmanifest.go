package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/opencontainers/go-digest"
)

// maxManifest is the size up to which the specification expects clients and registries to get along, section "Pushing
// Manifests". A manifest is held in memory.
const maxManifest = 4 << 20

// mediaTypeRE is the grammar of RFC 6838, section 4.2.
var mediaTypeRE = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)

func (s *Server) pushManifest(w http.ResponseWriter, r *http.Request, name, arg string) error {
	d, tag, err := parseReference(arg)
	if err != nil {
		return err
	}
	m, err := readManifest(w, r)
	if err != nil {
		return err
	}
	tags := r.URL.Query()["tag"] // with a digest; specification after 1.1.1, section "Pushing Manifests"
	if tag != "" {
		d, tags = digest.FromBytes(m.body), []string{tag}
	} else if d.Algorithm().FromBytes(m.body) != d {
		return badRequest("DIGEST_INVALID", "provided digest did not match uploaded content")
	}
	for _, t := range tags {
		if !validTag(t) {
			return badRequest("MANIFEST_INVALID", "invalid tag")
		}
	}
	doc, err := parseManifest(m)
	if err != nil {
		return err
	}
	if err := s.refuseMissing(name, doc); err != nil {
		return err
	}
	// The request is complete: that the client leaves now is no failure of the disk.
	if err := s.store.syncBlobs(context.WithoutCancel(r.Context()), name, doc.needs()); err != nil {
		return err
	}
	if err := s.store.putManifest(name, d, m, tags); err != nil {
		return err
	}
	if doc.Subject != nil {
		w.Header().Set("OCI-Subject", doc.Subject.Digest.String())
	}
	if tag == "" {
		w.Header()["Oci-Tag"] = tags
	}
	created(w, "manifests", name, d)
	return nil
}

func readManifest(w http.ResponseWriter, r *http.Request) (manifest, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxManifest))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return manifest{}, refuse(http.StatusRequestEntityTooLarge, "MANIFEST_INVALID", "manifest is larger than 4 MiB")
	} else if err != nil {
		return manifest{}, badRequest("MANIFEST_INVALID", "request body ended early")
	}
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if mediaType = strings.TrimSpace(mediaType); !mediaTypeRE.MatchString(mediaType) {
		return manifest{}, badRequest("MANIFEST_INVALID", "Content-Type is missing or malformed")
	}
	return manifest{mediaType, body}, nil
}

// refuseMissing demands that everything a manifest needs is in the repository; the subject may come later. Some tools
// list plain blobs in an index, so there either will do.
func (s *Server) refuseMissing(name string, doc document) error {
	for _, d := range doc.needs() {
		listed := doc.Config == nil && exists(s.store.manifestFile(name, d))
		if !listed && !s.store.hasBlob(name, d) {
			return refuse(http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN",
				"manifest references a manifest or blob unknown to registry").with(map[string]any{"digest": d})
		}
	}
	return nil
}
