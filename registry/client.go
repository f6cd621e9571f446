// Package registry moves bundles between OCI registries, the cache and OCI layouts: references, resolve, fetch, push,
// copy, tags, credentials.
//
// What it promises: bytes are named only after their digest matched; children are pushed before the image manifest
// and the tag last; a credential goes to the registry it was given for and to that registry's own token service, never
// elsewhere, and into no error and no event; a request is repeated when that may help and at most so often; nothing is
// asked of a network when [Options.Offline] is set or when the cache has the answer to a digest.
package registry

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/irisfix/irisfix/registry/cache"
)

// Defaults of [Options].
const (
	DefaultConcurrency = 4
	DefaultAttempts    = 4
	DefaultMaxWait     = 2 * time.Minute
	DefaultStall       = 30 * time.Second
	defaultUserAgent   = "irisfix"
)

// Options configure a [Client]. The zero value works, without cache and without credentials.
type Options struct {
	// Cache receives what is fetched and answers what it can. Resolve, Through and FetchAll need one.
	Cache *cache.Cache

	// Credential is asked when a registry wants one; see [Credentials]. It may be called from several goroutines.
	Credential auth.CredentialFunc

	PlainHTTP bool           // http for every registry, not only for those on this machine
	RootCAs   *x509.CertPool // instead of the system's
	Proxy     func(*http.Request) (*url.URL, error)

	Concurrency int // large blobs under way at once
	UserAgent   string
	Offline     bool // every use of a network fails with ErrOffline before a socket is opened
	Retry       Retry

	// Stall is how long a connection may be silent before it is given up and the request repeated. However slow a
	// connection is, it is kept while something moves.
	Stall time.Duration

	// Notify receives progress and notices. It may be called from several goroutines at once, and often, so it has to
	// be fast.
	Notify func(Event)
}

// Retry says how often and how patiently a request is repeated.
type Retry struct {
	Attempts int           // in all
	MaxWait  time.Duration // before one of them, whatever the registry asks for
}

// Client talks to registries. It may be used by several goroutines.
type Client struct {
	opts     Options
	wire     *http.Client // sends one request, follows nothing, knows no credential
	auth     *auth.Client // answers challenges, over wire
	idle     func()
	requests atomic.Int64

	limits     func(host string) limits
	measureFor time.Duration

	secure  sync.Map      // loopback hosts that turned out to speak TLS
	ranges  sync.Map      // hosts, and whether they answer requests for a part of a blob with that part
	chunked sync.Map      // hosts, and how many bytes they take in one request; 0 for all of a blob and no chunks
	rates   sync.Map      // hosts with a limit of time, and how many bytes a second the latest upload to them made
	slots   chan struct{} // for each request that moves a part of a large blob
}

// New returns a client.
func New(o Options) *Client {
	if o.Concurrency <= 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.Retry.Attempts <= 0 {
		o.Retry.Attempts = DefaultAttempts
	}
	if o.Retry.MaxWait <= 0 {
		o.Retry.MaxWait = DefaultMaxWait
	}
	if o.Stall <= 0 {
		o.Stall = DefaultStall
	}
	if o.UserAgent == "" {
		o.UserAgent = defaultUserAgent
	}
	if o.Notify == nil {
		o.Notify = func(Event) {}
	}
	c := &Client{opts: o, slots: make(chan struct{}, o.Concurrency), limits: limitsOf, measureFor: measureFor}
	t := newTransport(c)
	c.idle = t.closeIdle
	c.wire = &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.auth = newAuth(c.wire, o.Credential)
	return c
}

// Requests is the number of HTTP requests that were sent so far, those for tokens and those of redirects included.
func (c *Client) Requests() int64 { return c.requests.Load() }

// Close closes idle connections. The client may be used on.
func (c *Client) Close() { c.idle() }

// scheme tells how a host is spoken to.
func (c *Client) scheme(host string) string {
	if _, ok := c.secure.Load(host); !ok && (c.opts.PlainHTTP || loopback(host)) {
		return "http"
	}
	return "https"
}
