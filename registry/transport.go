package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second

	// settleRate is how fast a registry is expected at least to put away what was uploaded, in bytes a second, before
	// it answers: some copy an upload within their storage first. GHCR gives an upload of 10 GB ten minutes, which is
	// this rate (GitHub docs, "Working with the Container registry", troubleshooting).
	settleRate = 16 << 20

	// settleStalls is how many stall times are added to that, since what was written may still be in buffers between
	// here and a slow line.
	settleStalls = 4
)

// transport sends one request. It counts, watches for silence, and holds credentials back from where they do not
// belong.
type transport struct {
	client *Client
	base   *http.Transport
	apart  *http.Transport // HTTP/1.1: a connection for each request that is under way
}

func newTransport(c *Client) *transport {
	t := &transport{client: c, base: newWire(c), apart: newWire(c)}
	t.base.ForceAttemptHTTP2 = true
	t.base.HTTP2 = &http.HTTP2Config{SendPingTimeout: c.opts.Stall / 2, PingTimeout: c.opts.Stall / 2}
	t.apart.Protocols = new(http.Protocols)
	t.apart.Protocols.SetHTTP1(true)
	return t
}

func newWire(c *Client) *http.Transport {
	conns := smallLanes * c.opts.Concurrency
	return &http.Transport{
		Proxy:       c.opts.Proxy,
		DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext,
		OnProxyConnectResponse: func(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			return &ProxyError{Proxy: proxy.Host, Status: resp.StatusCode}
		},
		TLSClientConfig:     &tls.Config{RootCAs: c.opts.RootCAs},
		TLSHandshakeTimeout: handshakeTimeout,
		MaxIdleConns:        2 * conns,
		MaxIdleConnsPerHost: conns,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true, // sizes and digests are those of the bytes as they are stored
		WriteBufferSize:     64 << 10,
		ReadBufferSize:      16 << 10,
	}
}

func (t *transport) closeIdle() {
	t.base.CloseIdleConnections()
	t.apart.CloseIdleConnections()
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.client.opts.Offline {
		return nil, ErrOffline
	}
	x := exchangeOf(req.Context())
	if err := x.guard(req); err != nil {
		return nil, err
	}
	t.client.requests.Add(1)
	ctx, cancel := context.WithCancelCause(req.Context())
	w := &watch{after: t.client.opts.Stall}
	wait := w.after
	if x.stored > 0 && req.Method == http.MethodPut {
		wait = w.settling(x.stored)
	}
	w.timer = time.AfterFunc(wait, func() { cancel(&StallError{After: w.after}) })
	out := req.WithContext(ctx)
	out.Header = req.Header.Clone()
	out.Header.Set("User-Agent", t.client.opts.UserAgent)
	if req.Body != nil && req.Body != http.NoBody {
		watched := func(body io.ReadCloser) io.ReadCloser {
			return &watchedUpload{ReadCloser: body, watch: w, size: req.ContentLength, left: req.ContentLength}
		}
		out.Body = watched(req.Body)
		out.GetBody = func() (io.ReadCloser, error) { // for net/http, when a kept connection turns out to be dead
			body, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			return watched(body), nil
		}
	}
	base := t.base
	if x.apart {
		base = t.apart
	}
	resp, err := base.RoundTrip(out)
	w.timer.Stop()
	if err != nil {
		err = cause(ctx, err)
		cancel(nil)
		return nil, err
	}
	resp.Request = req
	resp.Body = &watchedDownload{ReadCloser: resp.Body, watch: w, ctx: ctx, cancel: cancel}
	x.learn(resp)
	if _, err := url.Parse(redirection(resp)); err != nil { // net/http would quote it
		resp.Body.Close()
		return nil, &RedirectError{Host: x.registry.Host, Resource: x.resource, Reason: notAPlace}
	}
	return resp, nil
}

// cause returns what ended a request: the end of its context says more than what the transport made of it.
func cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil && !errors.Is(err, io.EOF) {
		return c
	}
	return err
}

// watch ends a request when the network is silent for too long. It runs only while the network is waited for, not
// while the other end of the pipe is slow.
type watch struct {
	after time.Duration
	timer *time.Timer
}

// settling is how long the answer to an upload of so many bytes may take.
func (w *watch) settling(size int64) time.Duration {
	return settleStalls*w.after + time.Duration(size/settleRate)*time.Second
}

type watchedUpload struct {
	io.ReadCloser
	watch      *watch
	size, left int64
}

func (b *watchedUpload) Read(p []byte) (int, error) {
	b.watch.timer.Stop()
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	wait := b.watch.after
	if b.left <= 0 || err != nil { // from now on it is the answer that is waited for
		wait = b.watch.settling(b.size)
	}
	b.watch.timer.Reset(wait)
	return n, err
}

type watchedDownload struct {
	io.ReadCloser
	watch  *watch
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func (b *watchedDownload) Read(p []byte) (int, error) {
	b.watch.timer.Reset(b.watch.after)
	n, err := b.ReadCloser.Read(p)
	b.watch.timer.Stop()
	if err != nil && err != io.EOF {
		err = cause(b.ctx, err)
	}
	return n, err
}

func (b *watchedDownload) Close() error {
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
