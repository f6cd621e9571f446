package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/registry/server"
)

// names that must never become part of a path.
var badNames = []string{
	"..", ".", "a/..", "../a", "a/../b", "a//b", "/a", "a/", ".a", "_a", "a_", "A", "a b", "a\\b", "a\x00b", "a\nb", "a+b", "a%2e",
	"C:", "ä", "a..b", "a___b", "a/.", "~", strings.Repeat("a", 256), strings.Repeat("a/", 128) + "a",
}

var badReferences = []string{
	"..", ".", ".a", "-a", "a b", "a\\b", "a\x00", "a\n", "a+b", "a:b", "ä", strings.Repeat("a", 129),
	"sha256:", "sha256:..", "sha256:" + strings.Repeat("a", 63), "sha256:" + strings.Repeat("A", 64), "sha256:" + strings.Repeat("a", 65),
	"sha256:" + strings.Repeat("a", 62) + "..", "sha1:" + strings.Repeat("a", 40), "../sha256:" + strings.Repeat("a", 64),
	"SHA256:" + strings.Repeat("a", 64), "sha512:" + strings.Repeat("a", 64),
}

func TestHostileNamesNeverReachTheDisk(t *testing.T) {
	r := newRegistry(t)
	parent := filepath.Dir(r.dir)
	before := files(t, parent)
	good := digestOf("x")
	try := func(method, path, body string) {
		t.Helper()
		a := r.do(method, path, strings.NewReader(body), "Content-Type", "a/b")
		if a.status != 400 && a.status != 404 && a.status != 405 {
			t.Errorf("%s %s: status %d, body %s", method, path, a.status, a.body)
		}
		if method != "HEAD" && !strings.HasPrefix(a.body, `{"errors":[{"code":"`) {
			t.Errorf("%s %s: body %s", method, path, a.body)
		}
	}
	// Each is tried as it is, as far as a URL can hold it, and with every byte escaped.
	spellings := func(s string) []string {
		all := ""
		for _, c := range []byte(s) {
			all += fmt.Sprintf("%%%02X", c)
		}
		plain := (&url.URL{Path: s}).EscapedPath()
		return []string{plain, url.PathEscape(s), all}
	}
	for _, bad := range badNames {
		for _, name := range spellings(bad) {
			for _, path := range []string{"/manifests/v1", "/manifests/" + good, "/blobs/" + good, "/blobs/uploads/", "/blobs/uploads/x",
				"/blobs/uploads/?digest=" + good, "/blobs/uploads/?mount=" + good, "/tags/list", "/referrers/" + good} {
				for _, method := range []string{"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"} {
					try(method, "/v2/"+name+path, "x")
				}
			}
			try("POST", "/v2/a/blobs/uploads/?mount="+good+"&from="+url.QueryEscape(bad), "")
		}
	}
	for _, bad := range badReferences {
		for _, ref := range spellings(bad) {
			for _, path := range []string{"/v2/a/manifests/", "/v2/a/blobs/", "/v2/a/referrers/", "/v2/a/blobs/uploads/"} {
				for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE"} {
					try(method, path+ref, "x")
				}
			}
		}
		try("POST", "/v2/a/blobs/uploads/?digest="+url.QueryEscape(bad), "x")
		try("POST", "/v2/a/blobs/uploads/?mount="+url.QueryEscape(bad), "")
		try("PUT", "/v2/a/manifests/"+good+"?tag="+url.QueryEscape(bad), "x")
	}
	equal(t, "files", files(t, parent), before)
	equal(t, "reports", r.reports(), []string{})
}

func TestBodiesOfNameAndDigestRefusals(t *testing.T) {
	r := newRegistry(t)
	for path, body := range map[string]string{
		"/v2/a/../b/tags/list":       `{"errors":[{"code":"NAME_INVALID","message":"invalid repository name"}]}`,
		"/v2/a/blobs/sha256:x":       `{"errors":[{"code":"DIGEST_INVALID","message":"invalid or unsupported digest"}]}`,
		"/v2/a/manifests/..":         `{"errors":[{"code":"DIGEST_INVALID","message":"neither a tag nor a supported digest"}]}`,
		"/v2/a/manifests/sha256:abc": `{"errors":[{"code":"DIGEST_INVALID","message":"neither a tag nor a supported digest"}]}`,
	} {
		equal(t, path, r.want(400, "GET", path, nil).body, body)
	}
	equal(t, "from", r.want(400, "POST", "/v2/a/blobs/uploads/?from=../x&mount="+noSuch, nil).body,
		`{"errors":[{"code":"NAME_INVALID","message":"invalid repository name to mount from"}]}`)
}

// A repository may be called like a part of the API.
func TestNamesThatLookLikeEndpoints(t *testing.T) {
	r := newRegistry(t)
	for _, name := range []string{"blobs", "manifests/v1", "a/blobs/uploads", "tags/list", "v2", "referrers", "uploads/x/blobs"} {
		d := r.blob(name, name)
		r.manifest(name, "list", imageType, image("", d))
		equal(t, name, r.want(200, "GET", "/v2/"+name+"/blobs/"+d, nil).body, name)
		equal(t, name, r.want(200, "GET", "/v2/"+name+"/manifests/list", nil).body, image("", d))
		equal(t, name, r.want(200, "GET", "/v2/"+name+"/tags/list", nil).body, `{"name":"`+name+`","tags":["list"]}`)
	}
	// Names that are prefixes of each other, or differ in where a slash is, are different repositories.
	for _, name := range []string{"a", "a/b", "a-b", "a/b/c", "ab"} {
		r.manifest(name, "t", "a/b", name)
	}
	for _, name := range []string{"a", "a/b", "a-b", "a/b/c", "ab"} {
		equal(t, name, r.want(200, "GET", "/v2/"+name+"/manifests/t", nil).body, name)
	}
}

// Whatever the path and headers are, the answer is neither a failure nor a file where none belongs.
func FuzzRequest(f *testing.F) {
	for _, path := range []string{"/v2/", "/v2/_catalog?n=1&last=a", "/v2/a/tags/list?n=0", "/v2/a/b/manifests/v1", "/v2/a/blobs/" + noSuch,
		"/v2/a/blobs/uploads/?digest=" + digestOf("x"), "/v2/a/blobs/uploads/?mount=" + noSuch + "&from=b", "/v2/a/../../x/manifests/v1",
		"/v2/a/referrers/" + noSuch + "?artifactType=x", "/v2/a%2Fb/manifests/V1.", "/v2/" + strings.Repeat("a/", 200) + "tags/list"} {
		f.Add("GET", path, "", "bytes=1-")
		f.Add("PUT", path, imageType, "0-0")
		f.Add("POST", path, "", "")
	}
	s, err := server.New(f.Context(), filepath.Join(f.TempDir(), "registry"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	f.Fuzz(func(t *testing.T, method, path, contentType, ranges string) {
		req, err := http.NewRequest(method, "http://x", strings.NewReader("x"))
		u, uerr := url.ParseRequestURI(path)
		if err != nil || uerr != nil {
			return
		}
		req.URL = u
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Range", ranges)
		req.Header.Set("Content-Range", ranges)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Code >= 500 {
			t.Errorf("%s %q: %d %s", method, path, w.Code, w.Body)
		}
	})
}
