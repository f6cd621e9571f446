package server_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/irisfix/irisfix/registry/server"
)

const (
	imageType = "application/vnd.oci.image.manifest.v1+json"
	indexType = "application/vnd.oci.image.index.v1+json"
	noSuch    = "sha256:00000000000000000000000000000000000000000000000000000000000000aa"
)

// registry is a server over a directory, behind a real listener.
type registry struct {
	t   *testing.T
	dir string
	url string

	server *server.Server
	http   *httptest.Server

	mu       sync.Mutex
	reported []string
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	r := &registry{t: t, dir: filepath.Join(t.TempDir(), "registry")}
	r.start()
	t.Cleanup(r.stop)
	return r
}

func (r *registry) start() {
	r.t.Helper()
	s, err := server.New(r.t.Context(), r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	s.Report = func(err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.reported = append(r.reported, err.Error())
	}
	r.server, r.http = s, httptest.NewServer(s)
	r.url = r.http.URL
}

func (r *registry) stop() {
	r.t.Helper()
	r.http.Close()
	if err := r.server.Close(); err != nil {
		r.t.Error(err)
	}
}

func (r *registry) restart() {
	r.t.Helper()
	r.stop()
	r.start()
}

func (r *registry) reports() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.reported)
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do makes a request; headers are given as name and value in turn.
func (r *registry) do(method, path string, body io.Reader, headers ...string) answer {
	r.t.Helper()
	return do(r.t, method, r.url, path, body, headers...)
}

func do(t *testing.T, method, url, path string, body io.Reader, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// want is do with the status that must come.
func (r *registry) want(status int, method, path string, body io.Reader, headers ...string) answer {
	r.t.Helper()
	a := r.do(method, path, body, headers...)
	if a.status != status {
		r.t.Fatalf("%s %s: status %d, want %d; body %s", method, path, a.status, status, a.body)
	}
	return a
}

func digestOf(content string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(content))) }

// stream hides the length of content, so that it is sent in chunked encoding.
func stream(content string) io.Reader { return struct{ io.Reader }{strings.NewReader(content)} }

// blob pushes content in one request and returns its digest.
func (r *registry) blob(name, content string) string {
	r.t.Helper()
	r.want(201, "POST", "/v2/"+name+"/blobs/uploads/?digest="+digestOf(content), strings.NewReader(content))
	return digestOf(content)
}

// image is a manifest over layers that were pushed before; its config is the first.
func image(extra string, layers ...string) string {
	var list []string
	for _, l := range layers {
		list = append(list, fmt.Sprintf(`{"mediaType":"a/b","digest":%q,"size":1}`, l))
	}
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":%s,"layers":[%s]%s}`,
		imageType, list[0], strings.Join(list, ","), extra)
}

// manifest pushes a manifest under a tag or its digest and returns its digest.
func (r *registry) manifest(name, reference, mediaType, content string) string {
	r.t.Helper()
	r.want(201, "PUT", "/v2/"+name+"/manifests/"+reference, strings.NewReader(content), "Content-Type", mediaType)
	return digestOf(content)
}

// files lists the files below dir, with slashes, and leaves out the lock.
func files(t *testing.T, dir string) []string {
	t.Helper()
	list := []string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && e.Name() != "lock" {
			rel, err := filepath.Rel(dir, path)
			list = append(list, filepath.ToSlash(rel))
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (r *registry) file(parts ...string) string {
	return filepath.Join(append([]string{r.dir}, parts...)...)
}

// content is where the bytes of a blob are.
func (r *registry) content(digest string) string {
	return r.file("blobs", "sha256", strings.TrimPrefix(digest, "sha256:"))
}

func write(t *testing.T, path, content string) {
	t.Helper()
	// A new file: the old one may be linked elsewhere or read-only.
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
	}
}

// pattern is n bytes that differ from place to place.
func pattern(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return string(bytes.Clone(b))
}

func sorted(list ...string) []string {
	slices.Sort(list)
	return list
}
