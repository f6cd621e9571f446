package registry

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"

	"oras.land/oras-go/v2/registry/remote/auth"
)

// maxRedirects is one hop to a registry's other name and a few within its storage, and then some.
const maxRedirects = 10

// follow sends a request and goes where it is redirected to. net/http would do that itself, but it keeps the
// Authorization header for other ports and for subdomains. Here a request that has left the registry's scheme, host
// and port once goes on without any credential, also if it comes back.
func (c *Client) follow(ctx context.Context, x *exchange, r *request, target *url.URL) (*http.Response, error) {
	var seen []string
	for {
		x.bare = x.bare || !sameOrigin(target, x.registry)
		resp, err := c.sendTo(ctx, x, r, target)
		if err != nil {
			return nil, err
		}
		next := redirection(resp)
		if next == "" || r.stays && resp.StatusCode == http.StatusSeeOther || r.method != http.MethodGet && r.method != http.MethodHead && !keepsMethod(resp.StatusCode) {
			return resp, nil
		}
		discard(resp)
		seen = append(seen, target.String())
		to, err := target.Parse(next)
		if err != nil {
			return nil, err
		}
		if reason := detour(seen, target, to); reason != "" {
			return nil, &RedirectError{Host: x.registry.Host, Resource: r.subject(), To: to.Host, Reason: reason}
		}
		target = to
	}
}

const notAPlace = "not a place to go to"

// detour returns why a redirect is not followed, or nothing.
func detour(seen []string, from, to *url.URL) string {
	switch {
	case to.Host == "" || to.Scheme != "http" && to.Scheme != "https":
		return notAPlace
	case to.Scheme == "http" && from.Scheme == "https":
		return "from https to http"
	case slices.Contains(seen, to.String()):
		return "in a circle"
	case len(seen) > maxRedirects:
		return "one too many"
	}
	return ""
}

func redirection(resp *http.Response) string {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location")
	}
	return ""
}

func keepsMethod(status int) bool {
	return status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
}

// sendTo sends a request to one place.
func (c *Client) sendTo(ctx context.Context, x *exchange, r *request, target *url.URL) (*http.Response, error) {
	to := *target
	to.User = nil // net/http would make a header of it
	req, err := http.NewRequestWithContext(ctx, r.method, to.String(), nil)
	if err != nil {
		return nil, err
	}
	for key, values := range r.header {
		req.Header[key] = values
	}
	if r.body != nil && r.size > 0 {
		// oras-go's client sends the body again after a challenge, if it can open it again.
		req.GetBody = func() (io.ReadCloser, error) { return r.open(ctx) }
		if req.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
		req.ContentLength = r.size
	}
	if x.bare {
		return c.wire.Do(req)
	}
	return c.authFor(ctx).Do(req)
}

type authKey struct{}

// authFor is the client's own, unless a login is being tried.
func (c *Client) authFor(ctx context.Context) *auth.Client {
	if a, ok := ctx.Value(authKey{}).(*auth.Client); ok {
		return a
	}
	return c.auth
}
