package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// badHosts are registries that misbehave, each in one way.
var badHosts = map[string]func(*world) http.Handler{
	"e401.test": answers(http.StatusUnauthorized, "UNAUTHORIZED", "authentication required"),
	"e403.test": answers(http.StatusForbidden, "DENIED", "requested access to the resource is denied"),
	"e404.test": answers(http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown"),
	"e405.test": answers(http.StatusMethodNotAllowed, "UNSUPPORTED", "the registry is read-only"),
	"e429.test": answers(http.StatusTooManyRequests, "TOOMANYREQUESTS", "slow down"),
	"e500.test": answers(http.StatusInternalServerError, "", ""),

	"html.test": func(*world) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html><body>Welcome to the hotel. Please sign in.</body></html>")
		})
	},
	"loop.test": func(*world) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://loop.test"+r.URL.Path, http.StatusTemporaryRedirect)
		})
	},
	"elsewhere.test": func(*world) http.Handler { // everything is at another registry
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://ghcr.io"+r.URL.Path, http.StatusTemporaryRedirect)
		})
	},
	"silent.test": func(*world) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	},
	"empty.test": func(*world) http.Handler { return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}) },
	"locked.test": func(w *world) http.Handler { // good for user and secret
		h := w.registry("locked.test")
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "user" || password != "secret" {
				rw.Header().Set("WWW-Authenticate", `Basic realm="locked"`)
				answers(http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")(w).ServeHTTP(rw, r)
				return
			}
			h.ServeHTTP(rw, r)
		})
	},
	"secretive.test": func(w *world) http.Handler { // does not say what refers to what
		h := w.registry("secretive.test")
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/referrers/") {
				answers(http.StatusForbidden, "DENIED", "requested access to the resource is denied")(w).ServeHTTP(rw, r)
				return
			}
			h.ServeHTTP(rw, r)
		})
	},
	"lax.test": func(*world) http.Handler { return &lax{kept: map[string]laxAnswer{}} },
	"liar.test": func(w *world) http.Handler { // gives other bytes for every blob
		return w.altered("liar.test", "/blobs/", func(body []byte) []byte { return bytes.ToUpper(body) })
	},
	"short.test": func(w *world) http.Handler { // gives too few
		return w.altered("short.test", "/blobs/", func(body []byte) []byte { return body[:len(body)/2] })
	},
	"stops.test": func(w *world) http.Handler { // begins to answer and says no more
		h := w.registry("stops.test")
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/blobs/") {
				h.ServeHTTP(rw, r)
				return
			}
			r.Header.Del("Range")
			whole := httptest.NewRecorder()
			h.ServeHTTP(whole, r)
			rw.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
			rw.Write(whole.Body.Bytes()[:10])
			rw.(http.Flusher).Flush()
			<-r.Context().Done()
		})
	},
	"cuts.test": func(w *world) http.Handler { // hangs up in the middle of every blob
		h := w.registry("cuts.test")
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/blobs/") {
				h.ServeHTTP(rw, r)
				return
			}
			rw.Header().Set("Content-Length", "1000")
			panic(http.ErrAbortHandler)
		})
	},
	"proxied.test": func(w *world) http.Handler { // behind a proxy that lets no more than 4 MiB through at once
		h := w.registry("proxied.test")
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.ContentLength > 4<<20 {
				io.Copy(io.Discard, r.Body)
				answers(http.StatusRequestEntityTooLarge, "", "")(w).ServeHTTP(rw, r)
				return
			}
			h.ServeHTTP(rw, r)
		})
	},
	"busy.test": func(w *world) http.Handler { // wants the first upload of a blob to come an hour later
		h := w.registry("busy.test")
		var once sync.Once
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			busy := false
			if r.Method == http.MethodPut {
				once.Do(func() { busy = true })
			}
			if busy {
				io.Copy(io.Discard, r.Body)
				rw.Header().Set("Retry-After", "3600")
				answers(http.StatusTooManyRequests, "TOOMANYREQUESTS", "slow down")(w).ServeHTTP(rw, r)
				return
			}
			h.ServeHTTP(rw, r)
		})
	},
	"forger.test": func(w *world) http.Handler { // gives another image manifest than its digest says
		return w.altered("forger.test", "/manifests/", func(body []byte) []byte { return append(body, '\n') })
	},
}

// lax keeps whatever it is given, without a look at it.
type lax struct {
	mu   sync.Mutex
	kept map[string]laxAnswer
}

type laxAnswer struct {
	mediaType string
	body      []byte
}

func (l *lax) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	path := r.URL.Path
	switch r.Method {
	case http.MethodPost, http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		if d := r.URL.Query().Get("digest"); d != "" {
			path = strings.Replace(path, "uploads/", d, 1)
		}
		l.kept[path] = laxAnswer{r.Header.Get("Content-Type"), body}
		w.WriteHeader(http.StatusCreated)
	case http.MethodGet, http.MethodHead:
		a, ok := l.kept[path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", a.mediaType)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.body))
	}
}

// answers is a host that says the same to everything.
func answers(status int, code, message string) func(*world) http.Handler {
	return func(*world) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			if code != "" {
				fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
			}
		})
	}
}

// altered is a registry that changes what it is asked for on the way out.
func (w *world) altered(name, what string, change func([]byte) []byte) http.Handler {
	h := w.registry(name)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, what) {
			h.ServeHTTP(rw, r)
			return
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		for key, values := range rec.Header() {
			if key != "Content-Length" {
				rw.Header()[key] = values
			}
		}
		rw.WriteHeader(rec.Code)
		rw.Write(change(rec.Body.Bytes()))
	})
}

// newSilent is a host on loopback that tells of a request and never answers it.
func newSilent(t *testing.T, begun chan<- struct{}) (host string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}
