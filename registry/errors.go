package registry

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry/cache"
)

// The classes of failure, for errors.Is. What does not exist is errdef.ErrNotFound.
var (
	ErrUnauthorized = errors.New("unauthorized")         // 401 and 403
	ErrUnavailable  = errors.New("registry unavailable") // not reached, 429, 5xx, or what answers is no registry
	ErrRefused      = errors.New("refused")              // any other 4xx
	ErrOffline      = errors.New("offline")              // needed a network that was forbidden
)

// MismatchError says that bytes are not the ones that were asked for.
type MismatchError = cache.MismatchError

// StatusError is an answer other than the hoped-for one. It belongs to one of the classes.
type StatusError struct {
	Host     string
	Method   string
	Resource string // path below /v2/, or what the request was for; never a query
	Status   int
	Code     string // of the OCI error body, such as MANIFEST_UNKNOWN; may be empty
	Message  string // the registry's own words; may be empty

	RetryAfter time.Duration // what the registry asked for; 0 if it did not
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s/%s: %s answered %d %s", e.Host, e.Resource, e.Method, e.Status, http.StatusText(e.Status))
	for _, more := range []string{e.Code, e.Message} {
		if more != "" {
			text += ": " + more
		}
	}
	return text
}

// Is tells the class.
func (e *StatusError) Is(target error) bool {
	switch {
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return target == ErrUnauthorized
	case e.Status == http.StatusNotFound:
		return target == errdef.ErrNotFound
	case e.Status >= 500 || e.Status == http.StatusTooManyRequests || e.Status < 400:
		return target == ErrUnavailable
	}
	return target == ErrRefused
}

// Temporary reports whether the same request may succeed later.
func (e *StatusError) Temporary() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return e.Status >= 520 // proxies' own, such as 522 and 524 of Cloudflare
}

// NetworkError is a request without an answer, or an answer that was cut. It is [ErrUnavailable].
type NetworkError struct {
	Host     string
	Resource string // as in [StatusError]
	Err      error
}

func (e *NetworkError) Error() string        { return fmt.Sprintf("%s/%s: %v", e.Host, e.Resource, e.Err) }
func (e *NetworkError) Unwrap() error        { return e.Err }
func (e *NetworkError) Is(target error) bool { return target == ErrUnavailable }

// Temporary is true for cut and silent connections, and false for hosts that are not there or not who they should be.
func (e *NetworkError) Temporary() bool {
	var proxy *ProxyError
	if errors.As(e.Err, &proxy) {
		return proxy.Status >= 500
	}
	var dns *net.DNSError
	if errors.As(e.Err, &dns) {
		return !dns.IsNotFound && (dns.IsTemporary || dns.IsTimeout)
	}
	var op *net.OpError
	if errors.As(e.Err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") {
		return op.Timeout()
	}
	return !errors.Is(e.Err, http.ErrSchemeMismatch) && !isTLS(e.Err)
}

// ProxyError is a proxy that does not let a connection through.
type ProxyError struct {
	Proxy  string // host and port
	Status int
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("proxy %s: CONNECT answered %d %s", e.Proxy, e.Status, http.StatusText(e.Status))
}

// StallError is a connection on which nothing moved.
type StallError struct{ After time.Duration }

func (e *StallError) Error() string { return fmt.Sprintf("no bytes for %v", e.After) }

// ProtocolError is an answer that no registry gives. It is [ErrUnavailable].
type ProtocolError struct {
	Host     string
	Resource string // as in [StatusError]
	Reason   string
}

func (e *ProtocolError) Error() string        { return fmt.Sprintf("%s/%s: %s", e.Host, e.Resource, e.Reason) }
func (e *ProtocolError) Is(target error) bool { return target == ErrUnavailable }

// RedirectError is a redirect that is not followed: one too many, in a circle, or from https to http. It is
// [ErrUnavailable].
type RedirectError struct {
	Host     string
	Resource string // as in [StatusError]
	To       string // host; empty if there is none
	Reason   string
}

func (e *RedirectError) Error() string {
	to := ""
	if e.To != "" {
		to = " to " + e.To
	}
	return fmt.Sprintf("%s/%s: redirect%s: %s", e.Host, e.Resource, to, e.Reason)
}
func (e *RedirectError) Is(target error) bool { return target == ErrUnavailable }

// RealmError says that a registry wants the credential to be sent to a place that is not its own, where it was not
// sent. It is [ErrUnauthorized].
type RealmError struct {
	Registry string // host
	Realm    string // host
	Err      error  // what came of asking without a credential; may be nil
}

func (e *RealmError) Error() string {
	text := fmt.Sprintf("%s: the token service %s is not its own and gets no credential", e.Registry, e.Realm)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}
func (e *RealmError) Unwrap() error        { return e.Err }
func (e *RealmError) Is(target error) bool { return target == ErrUnauthorized }

// CredentialError is a credential that is configured and cannot be had. It is [ErrUnauthorized].
type CredentialError struct {
	Host   string
	Source string // where it was looked for
	Reason string
}

func (e *CredentialError) Error() string {
	return fmt.Sprintf("%s: credential from %s: %s", e.Host, e.Source, e.Reason)
}
func (e *CredentialError) Is(target error) bool { return target == ErrUnauthorized }

// ClobberError says that a tag stands for something else and was not to be moved.
type ClobberError struct {
	Reference string
	Have      digest.Digest // what the tag stands for
	Want      digest.Digest // what was to be pushed
}

func (e *ClobberError) Error() string {
	return fmt.Sprintf("%s: the tag stands for %s, not %s", e.Reference, e.Have, e.Want)
}

// OfflineError says what would have been asked for. It is [ErrOffline].
type OfflineError struct {
	Subject string              // reference, or repository and digest
	Damage  *cache.DamagedError // if it was in the cache but damaged
}

func (e *OfflineError) Error() string {
	if e.Damage != nil {
		return fmt.Sprintf("%s: offline, and damaged in the cache", e.Subject)
	}
	return fmt.Sprintf("%s: offline, and not in the cache", e.Subject)
}
func (e *OfflineError) Is(target error) bool { return target == ErrOffline }
func (e *OfflineError) Unwrap() error {
	if e.Damage == nil {
		return nil
	}
	return e.Damage
}

// temporary reports whether trying again is worth it.
func temporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// isTLS reports a handshake that another attempt would not mend.
func isTLS(err error) bool {
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &cert) || errors.As(err, &record) || errors.As(err, &alert)
}

// isStatus reports an answer with one of these numbers.
func isStatus(err error, numbers ...int) bool {
	var s *StatusError
	return errors.As(err, &s) && slices.Contains(numbers, s.Status)
}

// within puts a name in front of an error that knows only a digest.
func within(name string, err error) error {
	if isMismatch(err) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// isMismatch reports wrong bytes.
func isMismatch(err error) bool {
	var m *MismatchError
	return errors.As(err, &m)
}
