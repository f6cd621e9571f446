package registry

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"
)

// Reference names a bundle in a registry: registry/repository[:tag][@sha256:…]. Tag and digest may both be set; then
// the digest decides and the tag is for people and update bots. It is a value and may be shared.
type Reference struct {
	Registry   string // host[:port] as written
	Repository string
	Tag        string
	Digest     digest.Digest
}

// ReferenceError is a text that is not a reference, or not one that serves the purpose. User information in the text
// is left out.
type ReferenceError struct {
	Reference string
	Reason    string
}

func (e *ReferenceError) Error() string { return fmt.Sprintf("%q: %s", e.Reference, e.Reason) }

// The grammar of the distribution-spec, "Pulling manifests". That of registries is RFC 1123 names, IPv4, or IPv6 in
// brackets, with a port.
var (
	hostRule       = regexp.MustCompile(`^(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*$`)
	repositoryRule = regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagRule        = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
)

// maxName is the limit of many registries for registry and repository together, which the distribution-spec advises
// clients to keep.
const maxName = 255

// ParseReference reads a reference. It refuses what other programs would complete by guessing. The error is a
// [*ReferenceError].
func ParseReference(s string) (Reference, error) {
	fail := func(format string, args ...any) (Reference, error) {
		return Reference{}, &ReferenceError{Reference: redact(s), Reason: fmt.Sprintf(format, args...)}
	}
	if strings.Contains(s, "://") {
		return fail("a reference has no scheme")
	}
	if redact(s) != s {
		return fail("a reference has no user information")
	}
	host, rest, ok := strings.Cut(s, "/")
	if !ok {
		return fail("no registry: it must be registry/repository[:tag][@sha256:…]")
	}
	if !strings.ContainsAny(host, ".:") && host != "localhost" {
		return fail("the registry %.100q has no dot and no colon and is not localhost", host)
	}
	if !validRegistry(host) {
		return fail("%.100q is not host or host:port", host)
	}
	r := Reference{Registry: host}
	rest, d, pinned := strings.Cut(rest, "@")
	if pinned {
		r.Digest = digest.Digest(d)
		if r.Digest.Validate() != nil || r.Digest.Algorithm() != digest.SHA256 {
			return fail("%.100q is not sha256: and 64 hex digits", d)
		}
	}
	var tagged bool
	if r.Repository, r.Tag, tagged = strings.Cut(rest, ":"); tagged && !tagRule.MatchString(r.Tag) {
		return fail("%.150q is not a tag", r.Tag)
	}
	if !repositoryRule.MatchString(r.Repository) {
		return fail("%.100q is not a repository: lower-case letters, digits, separators", r.Repository)
	}
	if len(host)+1+len(r.Repository) > maxName {
		return fail("registry and repository are longer than %d bytes", maxName)
	}
	return r, nil
}

func validRegistry(s string) bool {
	host, port := s, ""
	if strings.Contains(s, ":") && !strings.HasSuffix(s, "]") {
		var err error
		if host, port, err = net.SplitHostPort(s); err != nil {
			return false
		}
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return false
		}
	}
	if strings.HasPrefix(s, "[") {
		addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
		return err == nil && addr.Is6() && addr.Zone() == ""
	}
	return hostRule.MatchString(host)
}

// redact takes user information out of what was meant as a reference or a host. What stands before an @ is left out
// unless a digest seems to follow.
func redact(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if ok {
		scheme += "://"
	} else {
		scheme, rest = "", s
	}
	at := strings.LastIndex(rest, "@")
	if at < 0 || scheme == "" && (at == len(rest)-1 || strings.HasPrefix(rest[at+1:], "sha")) {
		return s
	}
	return scheme + "…" + rest[at:]
}

// String is the reference as [ParseReference] reads it.
func (r Reference) String() string {
	s := r.Name()
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest.String()
	}
	return s
}

// Name is registry and repository.
func (r Reference) Name() string { return r.Registry + "/" + r.Repository }

// WithTag returns the reference with another tag. The error is a [*ReferenceError].
func (r Reference) WithTag(tag string) (Reference, error) {
	if !tagRule.MatchString(tag) {
		return r, &ReferenceError{Reference: r.Name(), Reason: fmt.Sprintf("%.150q is not a tag", tag)}
	}
	r.Tag = tag
	return r, nil
}

// WithDigest returns the reference with another digest, or with none.
func (r Reference) WithDigest(d digest.Digest) Reference {
	r.Digest = d
	return r
}

// host is where the registry is reached. Docker Hub's API is not at its name
// (https://github.com/moby/moby/blob/v24.0.2/registry/config.go#L25-L48).
func (r Reference) host() string {
	if r.Registry == "docker.io" {
		return "registry-1.docker.io"
	}
	return r.Registry
}

// version is what a request for the image manifest asks for: the digest decides over the tag.
func (r Reference) version() string {
	if r.Digest != "" {
		return r.Digest.String()
	}
	return r.Tag
}

// loopback reports whether a host[:port] is this machine by its name alone.
func loopback(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}
