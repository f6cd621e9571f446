// Package faultproxy puts faults between a client and a registry, for tests: connections that are cut, stall or are
// slow, bits that flip, answers about something else than what was asked. It stands on the loopback interface in front
// of a handler, does to each request what a script says, and counts what it was asked for and what it sent. Nothing in it
// is random but what a script takes from [NewRand], whose seed is printed, so a run can be repeated.
package faultproxy

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// Fault changes how a handler answers. Faults can be put around each other, and tests can bring their own.
type Fault func(http.Handler) http.Handler

// Script says what happens to a request, the n-th since the script was set, counted from 0. Nil is no fault. It may be
// called from several goroutines.
type Script func(r *http.Request, n int) Fault

// Options say how a proxy talks to its clients. The zero value is HTTP/1.1 without TLS.
type Options struct {
	TLS, HTTP2 bool

	// WriteBuffer is how much the kernel keeps of what a client has not taken yet; 0 is its own choice. What is in
	// there when a connection ends has been counted and does not arrive.
	WriteBuffer int

	// CutWire says after how many bytes the n-th connection ends, TLS records and headers included; 0 is never.
	CutWire func(n int) int64
}

// Proxy is a server on the loopback interface with a script. It may be used from several goroutines.
type Proxy struct {
	*httptest.Server
	next http.Handler

	mu     sync.Mutex
	script Script
	ledger
	life context.Context // no fault lasts longer than the proxy
}

// New starts a proxy in front of a handler. It ends with the test.
func New(t testing.TB, next http.Handler, o Options) *Proxy {
	t.Helper()
	life, end := context.WithCancel(context.Background())
	p := &Proxy{next: next, life: life}
	p.Server = httptest.NewUnstartedServer(p)
	p.Listener = &listener{Listener: p.Listener, options: o}
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.EnableHTTP2 = o.HTTP2
	if o.TLS || o.HTTP2 {
		p.StartTLS()
	} else {
		p.Start()
	}
	t.Cleanup(func() { end(); p.CloseClientConnections(); p.Close() })
	return p
}

// To is the handler of a server that is a process of its own. It sees the host that the client asked for, so that it
// sends the client back to the proxy.
func To(host string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: host})
			r.Out.Host = r.In.Host
		},
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
	}
}

// Next is the handler behind the proxy.
func (p *Proxy) Next() http.Handler { return p.next }

// Host is the address of the proxy as it stands in references.
func (p *Proxy) Host() string { return p.Listener.Addr().String() }

// Roots are the authorities that a client has to trust, if the proxy speaks TLS.
func (p *Proxy) Roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	return roots
}

// Play sets the script for the requests from now on, and forgets what was counted. Nil is a script without faults.
func (p *Proxy) Play(s Script) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script, p.ledger = s, ledger{}
}

// ServeHTTP answers as the script says.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	n := len(p.log)
	p.enter(r)
	script := p.script
	p.mu.Unlock()
	leave := sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.leave(r)
	})
	defer leave()
	h := p.next
	if script != nil {
		if fault := script(r, n); fault != nil {
			h = fault(h)
		}
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	h.ServeHTTP(&counted{ResponseWriter: w, proxy: p, path: r.URL.Path, leave: leave}, r.WithContext(ctx))
}
