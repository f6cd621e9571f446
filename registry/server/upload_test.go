package server_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/internal/parallel"
)

const whole = "0123456789abcdef"

// begin opens an upload and returns its location.
func (r *registry) begin(name string) string {
	r.t.Helper()
	return r.want(202, "POST", "/v2/"+name+"/blobs/uploads/", nil).header.Get("Location")
}

func TestEveryWayOfUploadingGivesTheSameBlob(t *testing.T) {
	ways := []struct {
		name string
		push func(r *registry) answer
	}{
		{"one POST", func(r *registry) answer {
			return r.do("POST", "/v2/a/blobs/uploads/?digest="+digestOf(whole), strings.NewReader(whole))
		}},
		{"one POST without a slash, of unknown length", func(r *registry) answer {
			return r.do("POST", "/v2/a/blobs/uploads?digest="+digestOf(whole), stream(whole))
		}},
		{"POST and PUT", func(r *registry) answer {
			return r.do("PUT", r.begin("a")+"?digest="+digestOf(whole), strings.NewReader(whole))
		}},
		{"POST and PUT of unknown length", func(r *registry) answer {
			return r.do("PUT", r.begin("a")+"?digest="+digestOf(whole), stream(whole))
		}},
		{"streamed PATCH", func(r *registry) answer {
			at := r.begin("a")
			a := r.want(202, "PATCH", at, stream(whole))
			equal(t, "range", a.header.Get("Range"), "0-15")
			return r.do("PUT", a.header.Get("Location")+"?digest="+digestOf(whole), nil)
		}},
		{"several streamed PATCHes", func(r *registry) answer {
			at := r.begin("a")
			r.want(202, "PATCH", at, stream(whole[:7]))
			r.want(202, "PATCH", at, stream(whole[7:]))
			return r.do("PUT", at+"?digest="+digestOf(whole), nil)
		}},
		{"chunks", func(r *registry) answer {
			at := r.begin("a")
			r.want(202, "PATCH", at, strings.NewReader(whole[:5]), "Content-Range", "0-4")
			a := r.want(202, "PATCH", at, strings.NewReader(whole[5:11]), "Content-Range", "5-10")
			equal(t, "range", a.header.Get("Range"), "0-10")
			return r.do("PUT", at+"?digest="+digestOf(whole), strings.NewReader(whole[11:]), "Content-Range", "11-15")
		}},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			r := newRegistry(t)
			a := way.push(r)
			equal(t, "status", a.status, 201)
			equal(t, "location", a.header.Get("Location"), "/v2/a/blobs/"+digestOf(whole))
			equal(t, "digest", a.header.Get("Docker-Content-Digest"), digestOf(whole))
			equal(t, "blob", r.want(200, "GET", a.header.Get("Location"), nil).body, whole)
			hex := strings.TrimPrefix(digestOf(whole), "sha256:")
			equal(t, "files", files(t, r.dir), []string{"blobs/sha256/" + hex, "irisfix-registry",
				"repositories/a/blobs/sha256/" + hex})
		})
	}
}

func TestUploadInAnotherDigestAlgorithm(t *testing.T) {
	const sum = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
	r := newRegistry(t)
	announced := r.want(202, "POST", "/v2/a/blobs/uploads/?digest-algorithm=sha512", nil).header.Get("Location")
	for _, at := range []string{announced, r.begin("b")} {
		a := r.want(201, "PUT", at+"?digest="+sum, nil)
		equal(t, "blob", r.want(200, "GET", a.header.Get("Location"), nil).body, "")
	}
	equal(t, "unknown algorithm", r.want(400, "POST", "/v2/a/blobs/uploads/?digest-algorithm=md5", nil).body,
		`{"errors":[{"code":"DIGEST_INVALID","message":"unsupported digest algorithm"}]}`)
}

func TestBlobIsInvisibleUntilItsDigestMatched(t *testing.T) {
	r := newRegistry(t)
	at := r.begin("a")
	r.want(202, "PATCH", at, stream(whole[:15]))
	r.want(404, "HEAD", "/v2/a/blobs/"+digestOf(whole[:15]), nil)
	r.want(404, "GET", "/v2/a/tags/list", nil)

	refused := fmt.Sprintf(`{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content",`+
		`"detail":{"got":%q,"size":15,"want":%q}}]}`, digestOf(whole[:15]), digestOf(whole))
	equal(t, "PUT", r.want(400, "PUT", at+"?digest="+digestOf(whole), nil).body, refused)
	a := r.want(400, "POST", "/v2/a/blobs/uploads/?digest="+digestOf(whole), strings.NewReader(whole[:15]))
	equal(t, "POST", a.body, refused)

	equal(t, "session", r.want(404, "GET", at, nil).body,
		`{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"blob upload unknown to registry"}]}`)
	r.want(404, "HEAD", "/v2/a/blobs/"+digestOf(whole), nil)
	equal(t, "files", files(t, r.dir), []string{"irisfix-registry"})
}

func TestChunkThatDoesNotFollowIsRefusedAndTheUploadGoesOn(t *testing.T) {
	r := newRegistry(t)
	at := r.begin("a")
	equal(t, "range of an empty upload", r.want(204, "GET", at, nil).header.Get("Range"), "0-0")
	r.want(202, "PATCH", at, strings.NewReader(whole[:4]), "Content-Range", "0-3")
	refusals := []struct {
		chunk, contentRange string
		status              int
		body                string
	}{
		{whole[:4], "0-3", 416, `{"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"chunk does not begin where the upload stands"}]}`},
		{whole[5:8], "5-7", 416, `{"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"chunk does not begin where the upload stands"}]}`},
		{whole[4:8], "4-6", 400, `{"errors":[{"code":"SIZE_INVALID","message":"Content-Range and Content-Length disagree"}]}`},
		{whole[4:8], "4-3", 400, `{"errors":[{"code":"SIZE_INVALID","message":"Content-Range and Content-Length disagree"}]}`},
		{whole[4:8], "bytes 4-7/16", 400, `{"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"malformed Content-Range"}]}`},
		{whole[4:8], "4-9999999999999999999", 400, `{"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"malformed Content-Range"}]}`},
	}
	for _, want := range refusals {
		for _, method := range []string{"PATCH", "PUT"} {
			t.Run(method+" "+want.contentRange, func(t *testing.T) {
				a := r.do(method, at+"?digest="+digestOf(whole), strings.NewReader(want.chunk), "Content-Range", want.contentRange)
				equal(t, "status", a.status, want.status)
				equal(t, "body", a.body, want.body)
				equal(t, "range", a.header.Get("Range"), "0-3")
				equal(t, "location", a.header.Get("Location"), at)
			})
		}
	}
	equal(t, "status", r.want(204, "GET", at, nil).header.Get("Range"), "0-3")
	r.want(202, "PATCH", at, strings.NewReader(whole[4:]), "Content-Range", "4-15")
	r.want(201, "PUT", at+"?digest="+digestOf(whole), nil)
}

func TestBrokenUploadContinuesWhereItStands(t *testing.T) {
	r := newRegistry(t)
	at := r.begin("a")
	broken := breakOff(t, r.url+at, whole[:6])
	waitForUpload(t, r.dir, 6)
	broken()
	// The status is given when the broken request has ended, so it is final.
	equal(t, "status", r.want(204, "GET", at, nil).header.Get("Range"), "0-5")
	r.want(202, "PATCH", at, strings.NewReader(whole[6:]), "Content-Range", "6-15")
	r.want(201, "PUT", at+"?digest="+digestOf(whole), nil)
	equal(t, "blob", r.want(200, "GET", "/v2/a/blobs/"+digestOf(whole), nil).body, whole)
	equal(t, "reports", r.reports(), []string{})
}

// breakOff sends a part of a PATCH and leaves it open. The function that it returns cuts the connection.
func breakOff(t *testing.T, url, part string) (cut func()) {
	t.Helper()
	body, feed := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "PATCH", url, body)
	if err != nil {
		t.Fatal(err)
	}
	g, _ := parallel.NewGroup(t.Context())
	g.Go(func() error {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
			return errors.New("a request without an end was answered: " + resp.Status)
		}
		return nil
	})
	if _, err := io.WriteString(feed, part); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		feed.CloseWithError(io.ErrClosedPipe)
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	}
}

// waitForUpload returns when an unfinished upload has size bytes on the disk.
func waitForUpload(t *testing.T, dir string, size int64) {
	t.Helper()
	for tick := time.NewTicker(time.Millisecond); ; {
		for _, file := range files(t, filepath.Join(dir, "uploads")) {
			if info, err := os.Stat(filepath.Join(dir, "uploads", file)); err == nil && info.Size() == size {
				return
			}
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("upload does not arrive")
		}
	}
}

func TestCancelledUploadIsGone(t *testing.T) {
	r := newRegistry(t)
	at := r.begin("a")
	r.want(202, "PATCH", at, stream(whole))
	r.want(204, "DELETE", at, nil)
	for _, method := range []string{"GET", "PATCH", "PUT", "DELETE"} {
		r.want(404, method, at+"?digest="+digestOf(whole), nil)
	}
	equal(t, "files", files(t, r.dir), []string{"irisfix-registry"})
}

func TestUploadBelongsToItsRepository(t *testing.T) {
	r := newRegistry(t)
	at := r.begin("a")
	for _, method := range []string{"GET", "PATCH", "PUT", "DELETE"} {
		r.want(404, method, strings.Replace(at, "/v2/a/", "/v2/b/", 1)+"?digest="+digestOf(whole), nil)
	}
	r.want(204, "GET", at, nil)
}

func TestMountGivesABlobToAnotherRepository(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	r.want(404, "HEAD", "/v2/b/blobs/"+d, nil)
	for path, from := range map[string]string{"b": "&from=a", "c/d": ""} {
		a := r.want(201, "POST", "/v2/"+path+"/blobs/uploads/?mount="+d+from, nil)
		equal(t, "location", a.header.Get("Location"), "/v2/"+path+"/blobs/"+d)
		equal(t, "blob", r.want(200, "GET", a.header.Get("Location"), nil).body, whole)
	}
	// What cannot be mounted is uploaded instead.
	for _, query := range []string{"?mount=" + d + "&from=nowhere", "?mount=" + noSuch + "&from=a", "?mount=" + noSuch} {
		a := r.want(202, "POST", "/v2/e/blobs/uploads/"+query, nil)
		r.want(201, "PUT", a.header.Get("Location")+"?digest="+digestOf("x"), strings.NewReader("x"))
	}
	equal(t, "bytes kept", len(files(t, r.file("blobs"))), 2)
}

func TestUnfinishedUploadsAreBounded(t *testing.T) {
	r := newRegistry(t)
	at := r.begin("a")
	for range 499 {
		r.begin("a")
	}
	equal(t, "one more", r.want(429, "POST", "/v2/a/blobs/uploads/", nil).body,
		`{"errors":[{"code":"TOOMANYREQUESTS","message":"too many unfinished uploads"}]}`)
	r.want(204, "DELETE", at, nil)
	r.begin("a")
	equal(t, "files", len(files(t, r.file("uploads"))), 500)
}
