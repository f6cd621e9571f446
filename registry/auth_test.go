package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
)

const sessionToken = "t0k3n-of-the-c4n4ry"

// tokenService gives a token to whoever has the password, and to others one that opens nothing.
func tokenService(t *testing.T, password string) *server {
	t.Helper()
	return startServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := "anonymous"
		if _, got, ok := r.BasicAuth(); ok && got != password {
			status(401, "UNAUTHORIZED")(w, r)
			return
		} else if ok || r.PostFormValue("refresh_token") == password {
			token = sessionToken
		}
		json.NewEncoder(w).Encode(map[string]string{"token": token, "access_token": token})
	}), faultproxy.Options{})
}

// bearer lets in whoever has the token of the realm.
func bearer(realm string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasPrefix(r.URL.Path, "/token") || r.Header.Get("Authorization") == "Bearer "+sessionToken {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s",service="s"`, realm))
		status(401, "UNAUTHORIZED")(w, r)
	}
}

// basic lets in whoever has the password.
func basic(password string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if _, got, _ := r.BasicAuth(); got == password {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
		status(401, "UNAUTHORIZED")(w, r)
	}
}

// noCanary checks that no secret is in an error or an event.
func noCanary(t *testing.T, err error, events *recorder) {
	t.Helper()
	events.mu.Lock()
	defer events.mu.Unlock()
	for _, said := range []string{fmt.Sprintf("%v %+v %#v", err, err, err), fmt.Sprintf("%+v", events.list)} {
		for _, secret := range []string{canary, sessionToken, "dXNlcjpjNG40cnktcDRzc3cwcmQ="} {
			if strings.Contains(said, secret) {
				t.Errorf("%q is in %s", secret, said)
			}
		}
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), canary) || strings.Contains(e.Error(), sessionToken) {
			t.Errorf("in the chain: %T %v", e, e)
		}
	}
}

func TestPushAndPullWithBasicCredentials(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	ref := s.ref(t, "x:1")
	s.on(basic(canary))
	c, events := newClient(t, registry.Options{Credential: static(canary)})
	mustPush(t, c, ref, b)
	if _, err := pull(t, c, ref, b); err != nil {
		t.Fatal(err)
	}
	if got, counted := len(s.requests()), c.Requests(); int64(got) != counted {
		t.Errorf("%d requests, %d counted", got, counted)
	}
	noCanary(t, nil, events)
	for name, credential := range map[string]auth.CredentialFunc{"none": nil, "wrong": static("wr0ng")} {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(t, registry.Options{Credential: credential})
			_, err := c.Resolve(t.Context(), ref)
			var status *registry.StatusError
			if !errors.As(err, &status) || !errors.Is(err, registry.ErrUnauthorized) || status.Status != 401 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPushAndPullWithATokenOfTheRegistryItself(t *testing.T) {
	for name, cred := range map[string]auth.Credential{
		"password":       {Username: "user", Password: canary},
		"identity token": {RefreshToken: canary},
		"registry token": {AccessToken: sessionToken},
	} {
		t.Run(name, func(t *testing.T) {
			tokens := tokenService(t, canary)
			mux := http.NewServeMux()
			mux.Handle("/token", tokens.Config.Handler)
			mux.Handle("/", ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))))
			s, b := startServer(t, mux, faultproxy.Options{}), newBundle(t, "one", big("two"))
			s.on(bearer(s.URL + "/token"))
			c, events := newClient(t, registry.Options{Credential: func(context.Context, string) (auth.Credential, error) { return cred, nil }})
			mustPush(t, c, s.ref(t, "x:1"), b)
			if _, err := pull(t, c, s.ref(t, "x:1"), b); err != nil {
				t.Fatal(err)
			}
			if got, counted := len(s.requests()), c.Requests(); int64(got) != counted {
				t.Errorf("%d requests, %d counted", got, counted)
			}
			noCanary(t, nil, events)
		})
	}
}

func TestATokenServiceOfAnotherSiteGetsNoCredential(t *testing.T) {
	for name, cred := range map[string]auth.Credential{
		"password":       {Username: "user", Password: canary},
		"identity token": {RefreshToken: canary},
	} {
		t.Run(name, func(t *testing.T) {
			foreign := tokenService(t, canary)
			s := newServer(t)
			s.on(bearer(foreign.URL + "/token?x=" + sessionToken))
			c, events := newClient(t, registry.Options{Credential: func(context.Context, string) (auth.Credential, error) { return cred, nil }})
			_, err := c.Resolve(t.Context(), s.ref(t, "acme/x:1"))
			var realm *registry.RealmError
			want := fmt.Sprintf("%s: the token service %s is not its own and gets no credential", s.host(), foreign.host())
			if !errors.As(err, &realm) || !errors.Is(err, registry.ErrUnauthorized) || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got  %v\nwant %s…", err, want)
			}
			noCanary(t, err, events)
			for _, r := range foreign.Requests() {
				if r.Header.Get("Authorization") != "" {
					t.Error("it was sent")
				}
			}
		})
	}
}

// What net/http and oras-go would each do by themselves, and what a registry can do to get at a credential.
func TestACredentialNeverGoesToAnotherHost(t *testing.T) {
	var mu sync.Mutex
	var leaks []string
	thief := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		for _, secret := range []string{canary, sessionToken, "Basic ", "Bearer "} {
			if strings.Contains(fmt.Sprint(r.Header, r.URL, string(body)), secret) {
				leaks = append(leaks, fmt.Sprintf("%s %s %v %s", r.Method, r.URL, r.Header, body))
			}
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="give it to me"`)
		w.WriteHeader(401)
	}), faultproxy.Options{})
	elsewhere := map[string]string{
		"another port": thief.URL,
		"another name": strings.Replace(thief.URL, "127.0.0.1", "localhost", 1),
		"with a user":  strings.Replace(thief.URL, "127.0.0.1", "user:pass@localhost", 1),
	}
	for where, to := range elsewhere {
		for _, code := range []int{301, 302, 303, 307, 308} {
			for _, op := range []string{"pull", "push"} {
				t.Run(fmt.Sprintf("%s, %d, %s", where, code, op), func(t *testing.T) {
					s, b := newServer(t), newBundle(t, "one")
					s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
						basic(canary)(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							http.Redirect(w, r, to+"/got?"+r.URL.RawQuery, code)
						}))
					})
					c, events := newClient(t, registry.Options{Credential: static(canary)})
					var err error
					if op == "pull" {
						_, err = c.Resolve(t.Context(), s.ref(t, "x:1"))
					} else {
						_, err = c.Push(t.Context(), s.ref(t, "x:1"), b, b.root, registry.PushOptions{})
					}
					if err == nil {
						t.Error("no error")
					}
					noCanary(t, err, events)
				})
			}
		}
	}
	for name, challenge := range map[string]string{
		"a realm":                   `Bearer realm="` + thief.URL + `/token",service="s"`,
		"two realms":                `Bearer realm="OWN/token",realm="` + thief.URL + `/token"`,
		"two realms, the other way": `Bearer realm="` + thief.URL + `/token",realm="OWN/token"`,
		"a realm with a user":       `Bearer realm="` + strings.Replace(thief.URL, "//", "//u:p@", 1) + `/token"`,
		"no scheme":                 `Bearer realm="//` + thief.host() + `/token"`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
				if strings.HasPrefix(r.URL.Path, "/token") {
					http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
					return
				}
				w.Header().Set("WWW-Authenticate", strings.ReplaceAll(challenge, "OWN", s.URL))
				w.WriteHeader(401)
			})
			for _, cred := range []auth.Credential{{Username: "user", Password: canary}, {RefreshToken: canary}} {
				c, events := newClient(t, registry.Options{Credential: func(context.Context, string) (auth.Credential, error) { return cred, nil }})
				_, err := c.Resolve(t.Context(), s.ref(t, "x:1"))
				if err == nil {
					t.Error("no error")
				}
				noCanary(t, err, events)
			}
		})
	}
	mu.Lock()
	defer mu.Unlock()
	if len(leaks) > 0 {
		t.Errorf("%d leaks, first %s", len(leaks), leaks[0])
	}
	if len(thief.requests()) == 0 {
		t.Error("nothing was ever sent there, so nothing was tested")
	}
}

func TestWhatARegistryEchoesIsNotPassedOn(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		w.WriteHeader(403)
		fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":"no: %s %s"}]}`, r.Header.Get("Authorization"), password)
	}
	t.Run("in an answer", func(t *testing.T) {
		s := newServer(t)
		s.on(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			basic(canary)(w, r, http.HandlerFunc(echo))
		})
		c, events := newClient(t, registry.Options{Credential: static(canary)})
		_, err := c.Resolve(t.Context(), s.ref(t, "x:1"))
		failsWith(t, err, registry.ErrUnauthorized, s.host()+"/x/manifests/1: GET answered 403 Forbidden: DENIED: no: Basic … …")
		noCanary(t, err, events)
	})
	t.Run("by the token service", func(t *testing.T) {
		s := newServer(t)
		s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.HasPrefix(r.URL.Path, "/token") {
				echo(w, r)
				return
			}
			bearer(s.URL+"/token")(w, r, next)
		})
		c, events := newClient(t, registry.Options{Credential: static(canary)})
		_, err := c.Resolve(t.Context(), s.ref(t, "x:1"))
		failsWith(t, err, registry.ErrUnauthorized, s.host()+"/token for x: GET answered 403 Forbidden: DENIED: no: Basic … …")
		noCanary(t, err, events)
	})
}

func TestASignedAddressIsInNoError(t *testing.T) {
	storage := newServer(t)
	storage.on(times(99, "", status(403, "")))
	s, b := newServer(t), newBundle(t, "one")
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	for name, to := range map[string]string{
		"an answer":  storage.URL + "/blob?X-Amz-Signature=" + canary,
		"no answer":  "http://127.0.0.1:1/blob?X-Amz-Signature=" + canary,
		"not a host": "http://?X-Amz-Signature=" + canary,
		"not a URL":  "http://[::1/?X-Amz-Signature=" + canary,
	} {
		t.Run(name, func(t *testing.T) {
			s.on(times(99, "GET /v2/x/blobs/", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(307)
			}))
			c, events := newClient(t, registry.Options{})
			_, err := pull(t, c, ref, b)
			if err == nil {
				t.Error("no error")
			}
			noCanary(t, err, events)
		})
	}
}

func TestBlobsMayComeFromAStorageHost(t *testing.T) {
	storage, s, b := newServer(t), newServer(t), newBundle(t, "one", big("two"))
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	b.push(t, storage.ref(t, "x:1"))
	storage.on(nil)
	s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		basic(canary)(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/blobs/") {
				http.Redirect(w, r, storage.URL+r.URL.Path+"?signature=1", http.StatusTemporaryRedirect)
				return
			}
			next.ServeHTTP(w, r)
		}))
	})
	c, _ := newClient(t, registry.Options{Credential: static(canary)})
	if _, err := pull(t, c, ref, b); err != nil {
		t.Fatal(err)
	}
	for _, r := range storage.Requests() {
		if r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("went along: %v", r.Header)
		}
	}
	if got := int64(len(s.requests()) + len(storage.requests())); got != c.Requests() {
		t.Errorf("%d requests, %d counted", got, c.Requests())
	}
}

func TestRedirectsThatLeadNowhereEnd(t *testing.T) {
	s := newServer(t)
	ref := s.ref(t, "x:1")
	for name, tt := range map[string]struct {
		location func(r *http.Request) string
		to, why  string
	}{
		"a circle":   {func(r *http.Request) string { return r.URL.Path }, " to " + s.host(), "in a circle"},
		"no end":     {func(r *http.Request) string { return r.URL.Path + "0" }, " to " + s.host(), "one too many"},
		"a file":     {func(r *http.Request) string { return "file:///etc/passwd" }, "", "not a place to go to"},
		"no address": {func(r *http.Request) string { return "http://%zz/" }, "", "not a place to go to"},
	} {
		t.Run(name, func(t *testing.T) {
			s.on(times(99, "", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", tt.location(r))
				w.WriteHeader(302)
			}))
			c, _ := newClient(t, registry.Options{})
			_, err := c.Resolve(t.Context(), ref)
			failsWith(t, err, registry.ErrUnavailable, fmt.Sprintf("%s/x/manifests/1: redirect%s: %s", s.host(), tt.to, tt.why))
			var redirect *registry.RedirectError
			if !errors.As(err, &redirect) || len(s.requests()) > 12 {
				t.Errorf("%T after %d requests", err, len(s.requests()))
			}
		})
	}
}

func TestATokenThatExpiresInAnUploadIsRenewed(t *testing.T) {
	s, b := newServer(t), newBundle(t, big("content"))
	mux := http.NewServeMux()
	mux.Handle("/token", tokenService(t, canary).Config.Handler)
	s = startServer(t, mux, faultproxy.Options{})
	mux.Handle("/", ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))))
	expired := times(1, "PUT /v2/x/blobs/", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+s.URL+`/token"`)
		w.WriteHeader(401)
	})
	s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		expired(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { bearer(s.URL+"/token")(w, r, next) }))
	})
	c, events := newClient(t, registry.Options{Credential: static(canary), Concurrency: 1})
	mustPush(t, c, s.ref(t, "x:1"), b)
	if retries := events.of(registry.Retrying); len(retries) > 0 {
		t.Errorf("took retries: %v", retries)
	}
}

func TestPlainHTTPIsForThisMachineOnly(t *testing.T) {
	for _, tt := range []struct {
		ref, scheme string
		plain       bool
	}{
		{"localhost:5000/x:1", "http", false},
		{"localhost/x:1", "http", false},
		{"127.0.0.1:5000/x:1", "http", false},
		{"127.8.9.1/x:1", "http", false},
		{"[::1]:5000/x:1", "http", false},
		{"192.168.0.1:5000/x:1", "https", false},
		{"localhost.example/x:1", "https", false},
		{"registry:80/x:1", "https", false},
		{"[2001:db8::1]/x:1", "https", false},
		{"docker.io/x:1", "https", false},
		{"registry.example/x:1", "http", true},
	} {
		stop := errors.New("far enough")
		var got *url.URL
		c := registry.New(registry.Options{PlainHTTP: tt.plain, Retry: registry.Retry{Attempts: 1}, Proxy: func(r *http.Request) (*url.URL, error) {
			got = r.URL
			return nil, stop
		}})
		if _, err := c.Tags(t.Context(), parse(t, tt.ref)); !errors.Is(err, stop) {
			t.Fatalf("%s: %v", tt.ref, err)
		}
		if got.Scheme != tt.scheme {
			t.Errorf("%s over %s", tt.ref, got)
		}
		if strings.HasPrefix(tt.ref, "docker.io") && got.Host != "registry-1.docker.io" {
			t.Errorf("Docker Hub at %s", got)
		}
	}
}

func TestAnUploadFollowsARedirectWithItsBodyAndWithoutItsCredential(t *testing.T) {
	storage, s, b := newServer(t), newServer(t), newBundle(t, "one", big("two"))
	s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		basic(canary)(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/uploads/") && r.Header.Get("Authorization") != "" {
				http.Redirect(w, r, storage.URL+r.URL.RequestURI(), http.StatusTemporaryRedirect)
				return
			}
			next.ServeHTTP(w, r)
		}))
	})
	c, events := newClient(t, registry.Options{Credential: static(canary)})
	mustPush(t, c, s.ref(t, "x:1"), b)
	for _, r := range storage.Requests() {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("went along with %s %s", r.Method, r.Path)
		}
	}
	if storage.count("PUT") != len(b.desc) {
		t.Errorf("storage was asked %v", storage.requests())
	}
	noCanary(t, nil, events)

	t.Run("but not one that would drop the body", func(t *testing.T) {
		s.on(times(1, "PUT /v2/y/blobs/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, storage.URL, http.StatusFound) }))
		c, _ := newClient(t, registry.Options{Concurrency: 1})
		_, err := c.Push(t.Context(), s.ref(t, "y:1"), b, b.root, registry.PushOptions{})
		var status *registry.StatusError
		if !errors.As(err, &status) || status.Status != 302 || !errors.Is(err, registry.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	})
}
