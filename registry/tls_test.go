package registry_test

import (
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	ggcr "github.com/google/go-containerregistry/pkg/registry"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
)

func newTLSServer(t *testing.T, http2 bool) (*server, *x509.CertPool) {
	t.Helper()
	s := startServer(t, ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))), faultproxy.Options{TLS: true, HTTP2: http2})
	return s, s.Roots()
}

func TestARegistryWithACertificateOnThisMachine(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			s, roots := newTLSServer(t, http2)
			b := newBundle(t, "one", big("two"), "three")
			s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if (r.ProtoMajor == 2) != http2 {
					t.Errorf("%s over %s", r.URL.Path, r.Proto)
				}
				basic(canary)(w, r, next)
			})
			c, _ := newClient(t, registry.Options{RootCAs: roots, Credential: static(canary)})
			mustPush(t, c, s.ref(t, "x:1"), b)
			if _, err := pull(t, c, s.ref(t, "x:1"), b); err != nil {
				t.Fatal(err)
			}
			holds(t, c.Through(s.ref(t, "x:1")), b)
		})
	}
}

func TestAnUnknownCertificateIsRefusedAtOnce(t *testing.T) {
	s, _ := newTLSServer(t, false)
	c, events := newClient(t, registry.Options{})
	_, err := c.Resolve(t.Context(), s.ref(t, "x:1"))
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) || !errors.Is(err, registry.ErrUnavailable) || !strings.HasPrefix(err.Error(), s.host()+"/x/manifests/1: tls: ") {
		t.Errorf("got %v", err)
	}
	if len(events.of(registry.Retrying)) > 0 {
		t.Error("tried again")
	}
}

func TestARedirectDownToPlainHTTPIsNotFollowed(t *testing.T) {
	s, roots := newTLSServer(t, false)
	plain := newServer(t)
	s.on(times(99, "", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	c, _ := newClient(t, registry.Options{RootCAs: roots})
	_, err := c.Resolve(t.Context(), s.ref(t, "x:1"))
	failsWith(t, err, registry.ErrUnavailable, s.host()+"/x/manifests/1: redirect to "+plain.host()+": from https to http")
	if len(plain.requests()) > 0 {
		t.Error("followed")
	}
}

func TestATokenServiceOverPlainHTTPGetsNothing(t *testing.T) {
	s, roots := newTLSServer(t, false)
	thief := tokenService(t, canary)
	s.on(bearer(strings.Replace(thief.URL, "127.0.0.1", "localhost", 1) + "/token"))
	c, events := newClient(t, registry.Options{RootCAs: roots, Credential: static(canary)})
	_, err := c.Resolve(t.Context(), s.ref(t, "x:1"))
	var realm *registry.RealmError
	if !errors.As(err, &realm) || !errors.Is(err, registry.ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
	noCanary(t, err, events)
	for _, r := range thief.Requests() {
		if r.Header.Get("Authorization") != "" {
			t.Error("it was sent")
		}
	}
}

func TestSilenceOverHTTP2IsNoticedToo(t *testing.T) {
	s, roots := newTLSServer(t, true)
	b := newBundle(t, big("one"))
	c, events := newClient(t, registry.Options{RootCAs: roots, Stall: time.Second})
	mustPush(t, c, s.ref(t, "x:1"), b)
	s.on(once("GET /v2/x/blobs/"+b.desc[1].Digest.String(), halfOf(big("one"), func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })))
	if _, err := pull(t, c, s.ref(t, "x:1"), b); err != nil {
		t.Fatal(err)
	}
	if retries := events.of(registry.Retrying); len(retries) != 1 || !strings.HasSuffix(retries[0].Err.Error(), ": no bytes for 1s") {
		t.Errorf("%v", retries)
	}
}
