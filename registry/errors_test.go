package registry_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry"
)

// status answers with a status and, if there is a code, an OCI error body.
func status(number int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(number)
		if code != "" {
			fmt.Fprintf(w, `{"errors":[{"code":%q,"message":"because"}]}`, code)
		}
	}
}

func TestEachAnswerHasItsClassAndItsNumberOfAttempts(t *testing.T) {
	tests := []struct {
		name     string
		answer   http.HandlerFunc
		class    error
		attempts int
		want     string // after "HOST/acme/x/manifests/1: GET answered "
	}{
		{"401", status(401, "UNAUTHORIZED"), registry.ErrUnauthorized, 1, "401 Unauthorized: UNAUTHORIZED: because"},
		{"403", status(403, "DENIED"), registry.ErrUnauthorized, 1, "403 Forbidden: DENIED: because"},
		{"404", status(404, "MANIFEST_UNKNOWN"), errdef.ErrNotFound, 1, "404 Not Found: MANIFEST_UNKNOWN: because"},
		{"404 plain", status(404, ""), errdef.ErrNotFound, 1, "404 Not Found"},
		{"429", status(429, "TOOMANYREQUESTS"), registry.ErrUnavailable, 4, "429 Too Many Requests: TOOMANYREQUESTS: because"},
		{"500", status(500, ""), registry.ErrUnavailable, 4, "500 Internal Server Error"},
		{"501", status(501, ""), registry.ErrUnavailable, 1, "501 Not Implemented"},
		{"503", status(503, "UNAVAILABLE"), registry.ErrUnavailable, 4, "503 Service Unavailable: UNAVAILABLE: because"},
		{"418", status(418, ""), registry.ErrRefused, 1, "418 I'm a teapot"},
		{"304", status(304, ""), registry.ErrUnavailable, 1, "304 Not Modified"},
		{"html", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(502)
			io.WriteString(w, "\n<html>"+strings.Repeat("nginx", 1<<20))
		}, registry.ErrUnavailable, 4, "502 Bad Gateway: an html page"},
		{"control characters and length", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"errors":[{"code":"X\u001b[31m","message":"a\nb\u0000%s"}]}`, strings.Repeat("c", 1000))
		}, registry.ErrRefused, 1, "400 Bad Request: X[31m: a b" + strings.Repeat("c", 297) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t)
			s.on(times(99, "", tt.answer))
			c, events := newClient(t, registry.Options{})
			_, err := c.Resolve(t.Context(), s.ref(t, "acme/x:1"))
			failsWith(t, err, tt.class, s.host()+"/acme/x/manifests/1: GET answered "+tt.want)
			var status *registry.StatusError
			if !errors.As(err, &status) || len(s.requests()) != tt.attempts || len(events.of(registry.Retrying)) != tt.attempts-1 {
				t.Errorf("%T after %d requests, %d retries reported", err, len(s.requests()), len(events.of(registry.Retrying)))
			}
		})
	}
}

func TestTheRegistrysWaitIsHonouredWithinTheLimit(t *testing.T) {
	tests := []struct {
		name, header string
		limit        time.Duration
		least, most  time.Duration
	}{
		{"seconds", "7", time.Hour, 7 * time.Second, 7 * time.Second},
		{"a date", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat), time.Hour, 50 * time.Second, time.Minute},
		{"longer than the limit", "86400", 2 * time.Minute, 2 * time.Minute, 2 * time.Minute},
		{"absurdly long", "99999999999999999999", 2 * time.Minute, 0, 2 * time.Minute},
		{"next to nothing", "0", time.Hour, 250 * time.Millisecond, 750 * time.Millisecond},
		{"a date gone by", "Mon, 02 Jan 2006 15:04:05 GMT", time.Hour, 250 * time.Millisecond, 750 * time.Millisecond},
		{"nonsense", "soon", time.Hour, 250 * time.Millisecond, 750 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t)
			s.on(times(99, "", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", tt.header)
				w.WriteHeader(429)
			}))
			// The wait is not waited for: reporting it ends the test's context.
			waits := make(chan time.Duration, 1)
			ctx, cancel := contextWithCancel(t)
			c := registry.New(registry.Options{Retry: registry.Retry{MaxWait: tt.limit}, Notify: func(e registry.Event) {
				if e.Kind == registry.Retrying {
					waits <- e.Wait
					cancel()
				}
			}})
			if _, err := c.Tags(ctx, s.ref(t, "x")); err == nil {
				t.Fatal("no error")
			}
			if got := <-waits; got < tt.least || got > tt.most {
				t.Errorf("waits %v, want %v to %v", got, tt.least, tt.most)
			}
		})
	}
}

func TestAHostThatIsNotThereFailsAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	l.Close()
	c, events := newClient(t, registry.Options{})
	_, err = c.Resolve(t.Context(), parse(t, gone+"/acme/x:1"))
	failsWith(t, err, registry.ErrUnavailable, gone+"/acme/x/manifests/1: dial tcp "+gone+": connect: connection refused")
	if c.Requests() != 1 || len(events.of(registry.Retrying)) > 0 {
		t.Errorf("%d requests", c.Requests())
	}
}

// A proxy that is at fault is told as such, and once.
func TestAProxyThatLetsNothingThroughFailsAtOnce(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	t.Cleanup(proxy.Close)
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	resolve := func(want string) {
		t.Helper()
		c, events := newClient(t, registry.Options{Proxy: http.ProxyURL(address)})
		_, err := c.Resolve(t.Context(), parse(t, "registry.test/acme/x:1"))
		failsWith(t, err, registry.ErrUnavailable, "registry.test/acme/x/manifests/1: "+want)
		if len(events.of(registry.Retrying)) > 0 {
			t.Error("it was tried again")
		}
	}
	resolve("proxy " + address.Host + ": CONNECT answered 407 Proxy Authentication Required")
	proxy.Close()
	resolve("proxyconnect tcp: dial tcp " + address.Host + ": connect: connection refused")
}

func TestWhatIsNoRegistryIsUnavailable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "SSH-2.0-OpenSSH_9.9\r\n")
			conn.Close()
		}
	}()
	c, _ := newClient(t, registry.Options{})
	_, err = c.Resolve(t.Context(), parse(t, l.Addr().String()+"/acme/x:1"))
	var network *registry.NetworkError
	if !errors.As(err, &network) || !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}
