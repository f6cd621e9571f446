package server

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
)

// Names are checked against the grammar of the distribution specification, section "Pulling manifests", before any of
// them becomes part of a path: none can hold a separator of directories or climb out of one.
var (
	nameRE = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagRE  = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
)

// maxName is the longest repository name. The specification says that many clients take no more than 255 bytes with
// the host; file systems take no more in one file name.
const maxName = 255

// handler answers one request for a repository; arg is the last part of the path.
type handler func(s *Server, w http.ResponseWriter, r *http.Request, name, arg string) error

type endpoint struct {
	path    *regexp.Regexp
	methods map[string]handler // HEAD is served by GET
}

// endpoints is the table of the specification, section "Endpoints", and the catalog that Docker's registry added. The
// last part of a path decides, since a repository may be called "a/blobs/uploads". The first match wins.
var endpoints = []endpoint{
	{regexp.MustCompile(`^/v2/?$`), map[string]handler{"GET": ping}},
	{regexp.MustCompile(`^/v2/_catalog$`), map[string]handler{"GET": (*Server).listRepositories}},
	{regexp.MustCompile(`^/v2/(.+)/tags/list$`), map[string]handler{"GET": (*Server).listTags}},
	{regexp.MustCompile(`^/v2/(.+)/referrers/([^/]+)$`), map[string]handler{"GET": (*Server).listReferrers}},
	{regexp.MustCompile(`^/v2/(.+)/manifests/([^/]+)$`), map[string]handler{
		"GET": (*Server).pullManifest, "PUT": (*Server).pushManifest, "DELETE": (*Server).deleteManifest}},
	{regexp.MustCompile(`^/v2/(.+)/blobs/uploads/?$`), map[string]handler{"POST": (*Server).startUpload}},
	{regexp.MustCompile(`^/v2/(.+)/blobs/uploads/([^/]+)$`), map[string]handler{
		"GET": (*Server).session, "PATCH": (*Server).session, "PUT": (*Server).session, "DELETE": (*Server).session}},
	{regexp.MustCompile(`^/v2/(.+)/blobs/([^/]+)$`), map[string]handler{
		"GET": (*Server).pullBlob, "DELETE": (*Server).deleteBlob}},
}

func (s *Server) route(w http.ResponseWriter, r *http.Request) error {
	for _, e := range endpoints {
		m := e.path.FindStringSubmatch(r.URL.Path)
		if m == nil {
			continue
		}
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		handle, ok := e.methods[method]
		if !ok {
			w.Header().Set("Allow", allowed(e.methods))
			return refuse(http.StatusMethodNotAllowed, "UNSUPPORTED", "method is not allowed here")
		}
		m = append(m, "", "")
		if m[1] != "" && !validName(m[1]) {
			return badRequest("NAME_INVALID", "invalid repository name")
		}
		return handle(s, w, r, m[1], m[2])
	}
	return refuse(http.StatusNotFound, "UNSUPPORTED", "no such endpoint")
}

func allowed(methods map[string]handler) string {
	var names []string
	for m := range methods {
		names = append(names, m)
		if m == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func ping(_ *Server, w http.ResponseWriter, _ *http.Request, _, _ string) error {
	writeJSON(w, http.StatusOK, "application/json", struct{}{})
	return nil
}

func validName(name string) bool { return len(name) <= maxName && nameRE.MatchString(name) }

func parseDigest(s string) (digest.Digest, error) {
	d, err := digest.Parse(s)
	if err != nil {
		return "", badRequest("DIGEST_INVALID", "invalid or unsupported digest")
	}
	return d, nil
}

// parseReference reads the last part of a manifest's path.
func parseReference(arg string) (d digest.Digest, tag string, err error) {
	if tagRE.MatchString(arg) {
		return "", arg, nil
	}
	if d, err = digest.Parse(arg); err != nil {
		return "", "", badRequest("DIGEST_INVALID", "neither a tag nor a supported digest")
	}
	return d, "", nil
}
