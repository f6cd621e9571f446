package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/opencontainers/image-spec/specs-go"
	spec "github.com/opencontainers/image-spec/specs-go/v1"
)

func (s *Server) listTags(w http.ResponseWriter, r *http.Request, name, _ string) error {
	tags, err := s.store.tags(name)
	if err != nil {
		return s.orAbsent(err, "NAME_UNKNOWN", "repository name not known to registry")
	}
	if tags, err = page(w, r, tags); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, "application/json", struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}{name, tags})
	return nil
}

func (s *Server) listRepositories(w http.ResponseWriter, r *http.Request, _, _ string) error {
	names, err := s.store.repositories()
	if err != nil {
		return err
	}
	if names, err = page(w, r, names); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, "application/json", struct {
		Repositories []string `json:"repositories"`
	}{names})
	return nil
}

// page returns the part of a list that the parameters n and last ask for, in order, and sets the link to the next
// (specification, section "Listing Tags"). It is never nil, which JSON would write as null.
func page(w http.ResponseWriter, r *http.Request, all []string) ([]string, error) {
	query := r.URL.Query()
	n := len(all)
	if query.Has("n") {
		var err error
		if n, err = strconv.Atoi(query.Get("n")); err != nil || n < 0 {
			return nil, badRequest("UNSUPPORTED", "n is not a number of entries")
		}
	}
	slices.Sort(all)
	if last := query.Get("last"); last != "" {
		i, found := slices.BinarySearch(all, last)
		if found {
			i++
		}
		all = all[i:]
	}
	part := append([]string{}, all[:min(n, len(all))]...)
	if 0 < len(part) && len(part) < len(all) {
		next := url.Values{"n": {strconv.Itoa(n)}, "last": {part[n-1]}}
		w.Header().Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, r.URL.EscapedPath(), next.Encode()))
	}
	return part, nil
}

// listReferrers reads every manifest of the repository: a second copy of that knowledge could disagree with them.
func (s *Server) listReferrers(w http.ResponseWriter, r *http.Request, name, arg string) error {
	subject, err := parseDigest(arg)
	if err != nil {
		return err
	}
	all, err := digests(s.store.repository(name), "manifests")
	if err != nil {
		return err
	}
	filter := r.URL.Query().Get("artifactType")
	found := []spec.Descriptor{}
	for _, d := range all {
		m, err := s.store.manifest(name, d)
		if err != nil {
			continue // deleted meanwhile, or damaged and so absent
		}
		doc, _ := parseManifest(m) // was accepted when it was pushed
		if doc.Subject != nil && doc.Subject.Digest == subject && (filter == "" || filter == doc.artifactType()) {
			found = append(found, spec.Descriptor{MediaType: m.mediaType, Digest: d, Size: int64(len(m.body)),
				ArtifactType: doc.artifactType(), Annotations: doc.Annotations})
		}
	}
	if filter != "" {
		w.Header().Set("OCI-Filters-Applied", "artifactType")
	}
	writeJSON(w, http.StatusOK, spec.MediaTypeImageIndex, spec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: spec.MediaTypeImageIndex, Manifests: found})
	return nil
}
