package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"

	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote/auth"
)

// maxErrorBody is how much of an answer that is a failure is read. Registries write less than a kilobyte.
const maxErrorBody = 64 << 10

// request is one call of the registry API.
type request struct {
	method   string
	ref      Reference // registry and repository; the API's root if there is no repository
	resource string    // below the repository, for errors and, without target, for the URL
	query    url.Values
	target   *url.URL // instead of the resource: where an upload is continued
	header   http.Header
	push     bool   // needs the right to push
	apart    bool   // a part of a large blob: several of them are faster on connections of their own
	from     string // repository to be read besides, for a mount
	stays    bool   // "see other" is an answer, not a way to one

	body func(context.Context) (io.ReadCloser, error) // opens the body, as often as needed
	size int64

	stored int64 // bytes that came with earlier requests and that the registry puts away before it answers this one

	bodyErr atomic.Pointer[error] // why the body could not be read
}

// do sends a request once, with whatever redirects and tokens that takes, and returns an answer of the 2xx family.
// Anything else is an error of this package.
func (c *Client) do(ctx context.Context, r *request) (*http.Response, error) {
	if c.opts.Offline {
		return nil, &OfflineError{Subject: r.ref.Registry + "/" + r.subject()}
	}
	resp, err := c.send(ctx, r)
	if errors.Is(err, errNeedsTLS) {
		resp, err = c.send(ctx, r)
	}
	return resp, err
}

// errNeedsTLS says that a host of this machine does not speak plain http.
var errNeedsTLS = errors.New("speaks https")

func (c *Client) send(ctx context.Context, r *request) (*http.Response, error) {
	host := r.ref.host()
	x := &exchange{registry: &url.URL{Scheme: c.scheme(host), Host: host}, resource: r.subject(), apart: r.apart, stored: r.stored}
	actions := []string{auth.ActionPull}
	if r.push {
		actions = append(actions, auth.ActionPush)
	}
	if r.ref.Repository != "" {
		ctx = auth.AppendRepositoryScope(ctx, registry.Reference{Registry: r.ref.Registry, Repository: r.ref.Repository}, actions...)
	}
	if r.from != "" {
		ctx = auth.AppendRepositoryScope(ctx, registry.Reference{Registry: r.ref.Registry, Repository: r.from}, auth.ActionPull)
	}
	target := r.target
	if target == nil {
		target = x.registry.JoinPath("v2/", r.ref.Repository, r.resource)
		target.RawQuery = r.query.Encode()
	}
	resp, err := c.follow(withExchange(ctx, x), x, r, target)
	if err != nil {
		return nil, r.failure(ctx, x, err)
	}
	if resp.StatusCode/100 == 2 {
		resp.Body = &answer{ReadCloser: resp.Body, ctx: ctx, request: r}
		return resp, nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	if resp.StatusCode == http.StatusBadRequest && x.registry.Scheme == "http" && loopback(host) && !c.opts.PlainHTTP &&
		resp.Request.URL.Scheme == "http" && (bytes.Contains(body, []byte("HTTPS")) || bytes.Contains(body, []byte("SSL"))) {
		// A registry with a certificate on this machine. Going from http to https gives nothing away.
		c.secure.Store(host, true)
		return nil, errNeedsTLS
	}
	return nil, x.judge(r.status(x, resp, body))
}

// subject is what errors call the request.
func (r *request) subject() string {
	if r.ref.Repository == "" {
		return "v2/"
	}
	return r.ref.Repository + "/" + r.resource
}

// open opens the body and keeps the reason if that or its reading fails, since net/http mixes it with failures of the
// network.
func (r *request) open(ctx context.Context) (io.ReadCloser, error) {
	body, err := r.body(ctx)
	if err != nil {
		r.bodyErr.Store(&err)
		return nil, err
	}
	return &sourceBody{body, r}, nil
}

type sourceBody struct {
	io.ReadCloser
	request *request
}

func (b *sourceBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.request.bodyErr.Store(&err)
	}
	return n, err
}

// discard ends an answer whose body does not matter, so that its connection can be used again if the body is short.
func discard(resp *http.Response) error {
	io.CopyN(io.Discard, resp.Body, maxErrorBody)
	return resp.Body.Close()
}

// answer is a body whose failures are errors of this package.
type answer struct {
	io.ReadCloser
	ctx     context.Context
	request *request
}

func (b *answer) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		if b.ctx.Err() != nil {
			return n, context.Cause(b.ctx)
		}
		err = &NetworkError{Host: b.request.ref.host(), Resource: b.request.subject(), Err: err}
	}
	return n, err
}
