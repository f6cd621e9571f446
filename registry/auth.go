package registry

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
	"oras.land/oras-go/v2/registry/remote/auth"
)

// newAuth wraps oras-go's client, which answers challenges. It sends a registry's credential to whatever token service
// the registry names; here that ends at the registry's own site.
func newAuth(wire *http.Client, find auth.CredentialFunc) *auth.Client {
	return &auth.Client{
		Client: wire,
		Cache:  auth.NewCache(),
		Credential: func(ctx context.Context, host string) (auth.Credential, error) {
			if find == nil {
				return auth.EmptyCredential, nil
			}
			cred, err := find(ctx, host)
			if err != nil {
				return auth.EmptyCredential, err
			}
			return exchangeOf(ctx).admit(cred), nil
		},
	}
}

// exchange is what has to be known across the requests that answer one call: the call itself, redirects, tokens.
type exchange struct {
	registry *url.URL // scheme and host that the credential belongs to
	resource string   // for errors
	apart    bool     // on a connection of its own, not one that HTTP/2 shares
	stored   int64    // as in request
	bare     bool     // this request has left the registry, nothing of its secrets may travel on

	mu         sync.Mutex
	realm      *url.URL      // token service that the registry named, if it is not to be trusted
	withheld   bool          // a credential was not sent to it
	secrets    []string      // that were sent; nothing that the other end says is passed on with one of them
	retryAfter time.Duration // of the last answer
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{registry: &url.URL{}, bare: true}
}

// guard refuses a request that would carry a secret to where it does not belong. What comes before should see to it
// that there is none; this is the gate that all requests pass.
func (x *exchange) guard(req *http.Request) error {
	header, own := req.Header.Get("Authorization"), sameOrigin(req.URL, x.registry)
	x.keep(header)
	tokenForm := !x.bare && !own && req.Method == http.MethodPost
	if header == "" && !tokenForm || !x.bare && (own || trusted(x.registry, req.URL)) {
		return nil
	}
	return &RealmError{Registry: x.registry.Host, Realm: req.URL.Host}
}

// learn looks at an answer before oras-go's client does.
func (x *exchange) learn(resp *http.Response) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.retryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	if resp.StatusCode != http.StatusUnauthorized || !sameOrigin(resp.Request.URL, x.registry) {
		return
	}
	x.realm = nil
	if m := realmRule.FindStringSubmatch(resp.Header.Get("WWW-Authenticate")); m != nil {
		if realm, err := url.Parse(m[1]); err != nil || !trusted(x.registry, realm) {
			x.realm = &url.URL{Host: "?"}
			if err == nil {
				x.realm = &url.URL{Scheme: realm.Scheme, Host: realm.Host}
			}
		}
	}
}

// realmRule finds the token service in a challenge, RFC 6750 section 3.
var realmRule = regexp.MustCompile(`(?i)^\s*bearer\b.*\brealm\s*=\s*"([^"]*)"`)

// admit lets a credential through unless it would go to a token service of another site. A token that goes to the
// registry itself always passes.
func (x *exchange) admit(cred auth.Credential) auth.Credential {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.realm != nil && cred != auth.EmptyCredential && cred.AccessToken == "" {
		x.withheld = true
		return auth.EmptyCredential
	}
	x.secrets = append(x.secrets, cred.Password, cred.RefreshToken, cred.AccessToken)
	return cred
}

// keep remembers the secrets of an Authorization header.
func (x *exchange) keep(header string) {
	if header == "" {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	_, token, _ := strings.Cut(header, " ")
	x.secrets = append(x.secrets, token)
	if plain, err := base64.StdEncoding.DecodeString(token); err == nil {
		_, password, _ := strings.Cut(string(plain), ":")
		x.secrets = append(x.secrets, password)
	}
}

// scrub takes secrets out of what the other end said.
func (x *exchange) scrub(s string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, secret := range x.secrets {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "…")
		}
	}
	return s
}

// quiet is err without secrets in its text.
func (x *exchange) quiet(err error) error {
	if text := err.Error(); x.scrub(text) != text {
		return errors.New(x.scrub(text))
	}
	return err
}

// trusted reports whether a registry's credential may go to a token service: to the registry's own host and port, and
// over https to the registrable domain that the registry is part of, as with auth.docker.io for registry-1.docker.io.
func trusted(registry, realm *url.URL) bool {
	if sameOrigin(registry, realm) {
		return true
	}
	if registry.Scheme != "https" || realm.Scheme != "https" {
		return false
	}
	own := site(registry.Hostname())
	return own != "" && own == site(realm.Hostname())
}

// site is the registrable domain of a host, and nothing for addresses, which the list of suffixes takes for names.
func site(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.TrimSuffix(host, ".")))
	if err != nil {
		return ""
	}
	return domain
}

// sameOrigin compares scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(hostPort(a), hostPort(b))
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
