package registry

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

func TestWhichTokenServicesAreARegistrysOwn(t *testing.T) {
	tests := []struct {
		registry, realm string
		want            bool
	}{
		{"https://ghcr.io", "https://ghcr.io/token", true},
		{"https://registry-1.docker.io", "https://auth.docker.io/token", true},
		{"https://registry.gitlab.com", "https://gitlab.com/jwt/auth", true},
		{"https://registry.gitlab.example.co.uk:5050", "https://gitlab.example.co.uk/jwt/auth", true},
		{"https://containers.ghe.example", "https://ghe.example/token", true},
		{"https://quay.io", "https://QUAY.IO:443/v2/auth", true},
		{"https://registry.corp.internal", "https://auth.corp.internal/token", true},
		{"https://myregistry.azurecr.io", "https://myregistry.azurecr.io/oauth2/token", true},
		{"http://127.0.0.1:5000", "http://127.0.0.1:5000/token", true},

		{"https://ghcr.io", "https://evil.example/token", false},
		{"https://ghcr.io", "https://ghcr.io.evil.example/token", false},
		{"https://ghcr.io", "https://evilghcr.io/token", false},
		{"https://ghcr.io", "http://ghcr.io/token", false},
		{"https://a.co.uk", "https://b.co.uk/token", false},
		{"https://mine.github.io", "https://other.github.io/token", false},
		{"https://10.0.0.1", "https://127.0.0.1/token", false},
		{"https://10.0.0.1", "https://10.0.0.1:8443/token", false},
		{"https://[2001:db8::1]", "https://[2001:db8::2]/token", false},
		{"https://registry", "https://auth/token", false},
		{"http://127.0.0.1:5000", "http://127.0.0.1:5001/token", false},
		{"http://localhost:5000", "http://127.0.0.1:5000/token", false},
		{"http://registry.example", "https://registry.example/token", false},
		{"https://registry.example", "//registry.example/token", false},
		{"https://registry.example", "", false},
	}
	for _, tt := range tests {
		registry, err := url.Parse(tt.registry)
		if err != nil {
			t.Fatal(err)
		}
		realm, err := url.Parse(tt.realm)
		if err != nil {
			t.Fatal(err)
		}
		if got := trusted(registry, realm); got != tt.want {
			t.Errorf("%s, %s: %v", tt.registry, tt.realm, got)
		}
	}
}

// Whatever a registry answers, nothing panics, and what is passed on of its words is one short line without secrets.
func FuzzAnswer(f *testing.F) {
	const secret = "hunter2hunter2"
	f.Add(401, `Bearer realm="https://auth.example/token",service="s",scope="x"`, "3", `</v2/x/tags/list?last=a>; rel="next"`, []byte(`{"errors":[{"code":"DENIED","message":"no"}]}`))
	f.Add(503, `Basic realm="x"`, "Wed, 21 Oct 2015 07:28:00 GMT", "<", []byte("<html>"))
	f.Add(200, `bearer realm=x, realm="%zz"`, "-1", `<http://[::1>; rel=next`, []byte(`{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:x"},"layers":[{}]}`))
	f.Add(416, "", "0-9223372036854775807", "//other.example:1/v2/x/blobs/uploads/1?a=%zz", []byte{})
	f.Add(204, "", "bytes=0--1", "file:///etc/passwd", []byte{})
	f.Fuzz(func(t *testing.T, number int, challenge, after, link string, body []byte) {
		base := &url.URL{Scheme: "https", Host: "registry.example", Path: "/v2/x/manifests/1"}
		x := &exchange{registry: base, secrets: []string{secret}}
		resp := &http.Response{StatusCode: number, Request: &http.Request{URL: base}, Body: io.NopCloser(bytes.NewReader(body)),
			Header: http.Header{"Www-Authenticate": {challenge}, "Retry-After": {after}, "Link": {link}, "Content-Type": {challenge}}}
		x.learn(resp)
		if x.retryAfter < 0 {
			t.Errorf("waits %v", x.retryAfter)
		}
		r := &request{method: "GET", ref: Reference{Registry: "registry.example", Repository: "x"}, resource: "manifests/1"}
		said := r.status(x, resp, body)
		for _, s := range []string{said.Code, said.Message} {
			if strings.ContainsFunc(s, unicode.IsControl) || len(s) > maxWords+len("…") || strings.Contains(s, secret) {
				t.Errorf("passed on: %q", s)
			}
		}
		if stands(after) < -1 {
			t.Errorf("an upload stands at %d", stands(after))
		}
		resp.Header.Set("Location", link)
		if next := goesOn(resp); next != nil && next.Scheme != "http" && next.Scheme != "https" {
			t.Errorf("an upload goes on at %s", next)
		}
		if next := nextPage(resp); next != nil && !sameOrigin(next, base) {
			t.Errorf("next page at %s", next)
		}
		if desc, err := r.described(resp, body); err == nil && (desc.Digest != digest.FromBytes(body) || !isManifest(desc.MediaType)) {
			t.Errorf("described as %+v", desc)
		}
		if blobs, err := blobsOf(ocispec.Descriptor{}, body); err == nil {
			for _, b := range blobs {
				if b.Digest.Validate() != nil || b.Size < 0 {
					t.Errorf("accepted %+v", b)
				}
			}
		}
	})
}

func TestTheLimitOfAWaitHoldsForEveryAttempt(t *testing.T) {
	c := New(Options{Retry: Retry{MaxWait: 3 * time.Second}})
	for n := 1; n < 40; n++ {
		if w := c.wait(n, io.ErrUnexpectedEOF); w <= 0 || w > 3*time.Second {
			t.Errorf("attempt %d: %v", n, w)
		}
	}
}
