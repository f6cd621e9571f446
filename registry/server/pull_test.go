package server_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestRanges(t *testing.T) {
	r := newRegistry(t)
	content := pattern(1000)
	path := "/v2/a/blobs/" + r.blob("a", content)
	refused := `{"errors":[{"code":"SIZE_INVALID","message":"range is malformed or past the end"}]}`
	tests := []struct {
		ask    string
		status int
		got    string // Content-Range
		body   string
	}{
		{"", 200, "", content},
		{"bytes=0-0", 206, "bytes 0-0/1000", content[:1]},
		{"bytes=10-19", 206, "bytes 10-19/1000", content[10:20]},
		{"bytes=990-", 206, "bytes 990-999/1000", content[990:]},
		{"bytes=0-", 206, "bytes 0-999/1000", content},
		{"bytes=-10", 206, "bytes 990-999/1000", content[990:]},
		{"bytes=-5000", 206, "bytes 0-999/1000", content},
		{"bytes=990-5000", 206, "bytes 990-999/1000", content[990:]},
		{"bytes=1000-", 416, "bytes */1000", refused},
		{"bytes=1000-2000", 416, "bytes */1000", refused},
		{"bytes=20-10", 416, "", refused},
		{"bytes=x", 416, "", refused},
		{"pages=1-2", 416, "", refused},
	}
	for _, tt := range tests {
		t.Run(tt.ask, func(t *testing.T) {
			var headers []string
			if tt.ask != "" {
				headers = []string{"Range", tt.ask}
			}
			a := r.do("GET", path, nil, headers...)
			equal(t, "status", a.status, tt.status)
			equal(t, "Content-Range", a.header.Get("Content-Range"), tt.got)
			if a.body != tt.body {
				t.Errorf("%d bytes, want %d: %.100q", len(a.body), len(tt.body), a.body)
			}
			if tt.status != 416 {
				equal(t, "Accept-Ranges", a.header.Get("Accept-Ranges"), "bytes")
				equal(t, "ETag", a.header.Get("ETag"), `"`+digestOf(content)+`"`)
			}
		})
	}
}

func TestHeadSaysWhatGetWouldSend(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	m := image("", d)
	md := r.manifest("a", "v1", imageType, m)
	for path, want := range map[string][3]string{
		"/v2/a/blobs/" + d:      {"16", d, "application/octet-stream"},
		"/v2/a/manifests/v1":    {fmt.Sprint(len(m)), md, imageType},
		"/v2/a/manifests/" + md: {fmt.Sprint(len(m)), md, imageType},
	} {
		for _, method := range []string{"HEAD", "GET"} {
			h := r.want(200, method, path, nil).header
			equal(t, method+" "+path, []string{h.Get("Content-Length"), h.Get("Docker-Content-Digest"), h.Get("Content-Type")}, want[:])
		}
		r.want(304, "GET", path, nil, "If-None-Match", `"`+want[1]+`"`)
	}
}

func TestPing(t *testing.T) {
	r := newRegistry(t)
	for _, path := range []string{"/v2/", "/v2"} {
		a := r.want(200, "GET", path, nil)
		equal(t, "body", a.body, "{}")
		equal(t, "version", a.header.Get("Docker-Distribution-API-Version"), "registry/2.0")
	}
}

func TestWhatIsNotThere(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	blob := `{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}`
	manifest := `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown to registry"}]}`
	name := `{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}`
	endpoint := `{"errors":[{"code":"UNSUPPORTED","message":"no such endpoint"}]}`
	for _, tt := range []struct{ method, path, body string }{
		{"GET", "/v2/a/blobs/" + noSuch, blob},
		{"GET", "/v2/b/blobs/" + d, blob},
		{"DELETE", "/v2/a/blobs/" + noSuch, blob},
		{"DELETE", "/v2/b/blobs/" + d, blob},
		{"GET", "/v2/a/manifests/v1", manifest},
		{"GET", "/v2/a/manifests/" + d, manifest},
		{"GET", "/v2/b/manifests/v1", manifest},
		{"DELETE", "/v2/a/manifests/v1", manifest},
		{"DELETE", "/v2/a/manifests/" + d, manifest},
		{"GET", "/v2/b/tags/list", name},
		{"GET", "/", endpoint},
		{"GET", "/v1/", endpoint},
		{"GET", "/v2/a", endpoint},
		{"GET", "/v2/a/tags/other", endpoint},
		{"GET", "/v2/a/manifests/", endpoint},
	} {
		a := r.want(404, tt.method, tt.path, nil)
		equal(t, tt.method+" "+tt.path, a.body, tt.body)
		equal(t, "type", a.header.Get("Content-Type"), "application/json")
	}
}

func TestMethodThatAnEndpointDoesNotHave(t *testing.T) {
	r := newRegistry(t)
	for _, tt := range []struct{ method, path, allow string }{
		{"PUT", "/v2/a/blobs/" + noSuch, "DELETE, GET, HEAD"},
		{"POST", "/v2/a/manifests/v1", "DELETE, GET, HEAD, PUT"},
		{"POST", "/v2/a/tags/list", "GET, HEAD"},
		{"POST", "/v2/", "GET, HEAD"},
		{"GET", "/v2/a/blobs/uploads/", "POST"},
		{"OPTIONS", "/v2/a/blobs/uploads/x", "DELETE, GET, HEAD, PATCH, PUT"},
	} {
		a := r.want(405, tt.method, tt.path, nil)
		equal(t, tt.path, a.header.Get("Allow"), tt.allow)
		equal(t, "body", a.body, `{"errors":[{"code":"UNSUPPORTED","message":"method is not allowed here"}]}`)
	}
}

// A page that somebody opens in a browser must not fill or empty a registry on the same machine.
func TestWebPageOfAnotherOriginIsRefused(t *testing.T) {
	r := newRegistry(t)
	for _, headers := range [][]string{{"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		a := r.want(403, "POST", "/v2/a/blobs/uploads/?digest="+digestOf(whole), strings.NewReader(whole), headers...)
		equal(t, "body", a.body, `{"errors":[{"code":"DENIED","message":"request comes from a web page of another origin"}]}`)
	}
	equal(t, "files", files(t, r.dir), []string{"irisfix-registry"})
}
