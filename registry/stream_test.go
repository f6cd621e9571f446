package registry_test

import (
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/irisfix/irisfix/registry"
)

// wanted are the Range headers of the requests that begin so.
func (s *server) wanted(prefix string) (list []string) {
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Method+" "+r.Path, prefix) {
			list = append(list, r.Header.Get("Range"))
		}
	}
	return list
}

func TestACopyGoesOnWhereTheSourceWasCut(t *testing.T) {
	content := big("two")
	from, b := newServer(t), newBundle(t, content)
	b.push(t, from.ref(t, "x:1"))
	blob := "/v2/x/blobs/" + b.desc[1].Digest.String()
	for name, tt := range map[string]struct {
		ranges func(w http.ResponseWriter, r *http.Request, next http.Handler)
		wanted string // Range headers
		puts   int    // of the blob, of which all but the last were cut
	}{
		"served": {nil, "|bytes=262144-524287", 1},
		"answered in full": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Header.Del("Range")
			next.ServeHTTP(w, r)
		}, "|bytes=262144-524287|", 2},
		"refused with 416":  {answerAll(416), "|bytes=262144-524287|", 2},
		"refused with 501":  {answerAll(501), "|bytes=262144-524287|", 2},
		"of another place":  {shifted, "|bytes=262144-524287|", 2},
		"cut again further": {halfOfRest(content), "|bytes=262144-524287|bytes=393216-524287", 1},
	} {
		to := newServer(t)
		for _, target := range []string{to.host() + "/x:1", "oci-layout:" + filepath.Join(t.TempDir(), "layout")} {
			t.Run(name+" into "+target[:3], func(t *testing.T) {
				var asked atomic.Int64
				from.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					switch n := asked.Add(1); {
					case r.URL.Path != blob:
						asked.Add(-1)
						next.ServeHTTP(w, r)
					case n == 1:
						halfOf(content, cut)(w, r)
					case n == 2 && tt.ranges != nil:
						tt.ranges(w, r, next)
					default:
						next.ServeHTTP(w, r)
					}
				})
				to.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if r.Method == http.MethodHead {
						w.WriteHeader(404)
						return
					}
					next.ServeHTTP(w, r)
				})
				c, _ := newClient(t, registry.Options{})
				if _, err := c.Copy(t.Context(), endpoint(t, from.host()+"/x:1"), endpoint(t, target), registry.CopyOptions{}); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(from.wanted("GET "+blob), "|"); got != tt.wanted {
					t.Errorf("asked for %q, want %q", got, tt.wanted)
				}
				if strings.HasPrefix(target, "oci") {
					holds(t, registry.OpenLayout(strings.TrimPrefix(target, "oci-layout:")), b)
					return
				}
				if n := to.count("PUT /v2/x/blobs/"); n != tt.puts+1 { // and the config
					t.Errorf("%d blobs sent, want %d", n, tt.puts+1)
				}
				to.on(nil)
				inRegistry(t, parse(t, target), b)
			})
		}
	}
}

func answerAll(status int) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(status) }
}

// shifted answers with bytes that were not asked for.
func shifted(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Range", "bytes 0-9/524288")
	w.WriteHeader(http.StatusPartialContent)
	io.WriteString(w, "0123456789")
}

// halfOfRest cuts the second half once more.
func halfOfRest(content string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		w.Header().Set("Content-Range", "bytes 262144-524287/524288")
		w.Header().Set("Content-Length", "262144")
		w.WriteHeader(http.StatusPartialContent)
		io.WriteString(w, content[262144:393216])
		w.(http.Flusher).Flush()
		cut(w, r)
	}
}

func TestASourceThatIsCutAgainAndAgainIsGivenUp(t *testing.T) {
	content := big("two")
	from, to, b := newServer(t), newServer(t), newBundle(t, content)
	b.push(t, from.ref(t, "x:1"))
	blob := "/v2/x/blobs/" + b.desc[1].Digest.String()
	from.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != blob {
			next.ServeHTTP(w, r)
			return
		}
		if r.Header.Get("Range") != "" {
			w.Header().Set("Content-Range", strings.Replace(r.Header.Get("Range"), "=", " ", 1)+"/524288")
			w.Header().Set("Content-Length", "100000")
			w.WriteHeader(http.StatusPartialContent)
			w.(http.Flusher).Flush()
			cut(w, r)
		}
		halfOf(content, cut)(w, r)
	})
	c, _ := newClient(t, registry.Options{Retry: registry.Retry{Attempts: 3, MaxWait: 1}})
	_, err := c.Copy(t.Context(), endpoint(t, from.host()+"/x:1"), endpoint(t, to.host()+"/x:1"), registry.CopyOptions{})
	var network *registry.NetworkError
	if !errors.Is(err, registry.ErrUnavailable) || !errors.As(err, &network) || network.Host != from.host() {
		t.Errorf("got %v", err)
	}
	if n := from.count("GET " + blob); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestWrongBytesAfterACutAreNeverTakenForRight(t *testing.T) {
	content := big("two")
	from, to, b := newServer(t), newServer(t), newBundle(t, content)
	b.push(t, from.ref(t, "x:1"))
	blob := "/v2/x/blobs/" + b.desc[1].Digest.String()
	from.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		switch {
		case r.URL.Path != blob:
			next.ServeHTTP(w, r)
		case r.Header.Get("Range") == "":
			halfOf(content, cut)(w, r)
		default:
			w.Header().Set("Content-Range", "bytes 262144-524287/524288")
			w.WriteHeader(http.StatusPartialContent)
			io.WriteString(w, strings.Repeat("x", 262144))
		}
	})
	c, _ := newClient(t, registry.Options{})
	_, err := c.Copy(t.Context(), endpoint(t, from.host()+"/x:1"), endpoint(t, to.host()+"/x:1"), registry.CopyOptions{})
	var mismatch *registry.MismatchError
	if !errors.As(err, &mismatch) || mismatch.Descriptor.Digest != b.desc[1].Digest {
		t.Errorf("got %v", err)
	}
	if to.count("PUT /v2/x/manifests/") != 0 {
		t.Error("the image manifest was sent")
	}
}
