package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
)

// How what came back instead of the hoped-for answer becomes an error of this package, without secrets.

// status makes an error of an answer.
func (r *request) status(x *exchange, resp *http.Response, body []byte) *StatusError {
	e := &StatusError{
		Host: resp.Request.URL.Host, Method: r.method, Resource: r.subject(), Status: resp.StatusCode,
		RetryAfter: x.retryAfter,
	}
	var oci struct {
		Errors []struct{ Code, Message string }
	}
	switch {
	case json.Unmarshal(body, &oci) == nil && len(oci.Errors) > 0:
		e.Code, e.Message = x.clean(oci.Errors[0].Code), x.clean(oci.Errors[0].Message)
	case strings.HasPrefix(strings.TrimSpace(string(body)), "<"):
		e.Message = "an html page"
	}
	return e
}

// maxWords is how much of a registry's own words is passed on.
const maxWords = 300

// clean makes what the other end said fit for an error: one line, not long, without secrets.
func (x *exchange) clean(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(x.scrub(s), "�")), " ")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, s)
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "") + "…"
	}
	return s
}

// judge adds to a refusal that a credential was held back.
func (x *exchange) judge(err error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.withheld && errors.Is(err, ErrUnauthorized) {
		return &RealmError{Registry: x.registry.Host, Realm: x.realmHost(), Err: err}
	}
	return err
}

func (x *exchange) realmHost() string {
	if x.realm == nil {
		return "?"
	}
	return x.realm.Host
}

// failure makes an error of this package of what came back instead of an answer. Texts of net/http and oras-go name
// whole URLs, whose queries may be signatures; so only their causes are passed on.
func (r *request) failure(ctx context.Context, x *exchange, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if e := r.bodyErr.Load(); e != nil {
		return *e
	}
	host := x.registry.Host
	var wire *url.Error
	if errors.As(err, &wire) {
		if u, e := url.Parse(wire.URL); e == nil && u.Host != "" {
			host = u.Host
		}
		err = wire.Err
	}
	var token *errcode.ErrorResponse
	if own := ours(err); own != nil {
		return own
	}
	switch {
	case errors.As(err, &token):
		e := &StatusError{Host: token.URL.Host, Method: token.Method, Resource: strings.TrimSpace("token for " + r.ref.Repository),
			Status: token.StatusCode, RetryAfter: x.retryAfter}
		if len(token.Errors) > 0 {
			e.Code, e.Message = x.clean(token.Errors[0].Code), x.clean(token.Errors[0].Message)
		}
		return x.judge(e)
	case errors.Is(err, auth.ErrBasicCredentialNotFound):
		return &StatusError{Host: host, Method: r.method, Resource: r.subject(), Status: http.StatusUnauthorized}
	case wire == nil && x.realm != nil: // oras-go has rules of its own for token services
		return &RealmError{Registry: host, Realm: x.realm.Host}
	case wire == nil:
		return &ProtocolError{Host: host, Resource: r.subject(), Reason: "its token service gave no token"}
	}
	return &NetworkError{Host: host, Resource: r.subject(), Err: x.quiet(err)}
}

// ours returns the error in err that callers know and that names no URL, without what was wrapped around it.
func ours(err error) error {
	var (
		redirect   *RedirectError
		realm      *RealmError
		credential *CredentialError
	)
	switch {
	case errors.As(err, &redirect):
		return redirect
	case errors.As(err, &realm):
		return realm
	case errors.As(err, &credential):
		return credential
	case errors.Is(err, ErrOffline):
		return ErrOffline
	}
	return nil
}
