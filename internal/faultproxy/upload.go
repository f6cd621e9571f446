package faultproxy

import (
	"io"
	"net/http"
	"sync/atomic"
)

// CutUpload ends the connection after n bytes of the request's body. The server sees a body that breaks off there.
func CutUpload(n int64) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, n), broken{}))
			next.ServeHTTP(&unheard{}, r)
			panic(http.ErrAbortHandler)
		})
	}
}

// LoseAnswer lets the server do what it is asked for, and ends the connection instead of answering.
func LoseAnswer() Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&unheard{}, r)
			panic(http.ErrAbortHandler)
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// unheard is an answer that nobody gets.
type unheard struct{ header http.Header }

func (u *unheard) Header() http.Header {
	if u.header == nil {
		u.header = http.Header{}
	}
	return u.header
}

func (u *unheard) WriteHeader(int) {}

func (u *unheard) Write(b []byte) (int, error) { return len(b), nil }

// WatchUpload is told of each piece of a request's body before the server gets it. A panic ends the connection.
func WatchUpload(see func(bytes int)) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := &watched{ReadCloser: r.Body, see: see}
			r.Body = body
			next.ServeHTTP(&unlessCut{ResponseWriter: w, body: body}, r)
			if body.cut.Load() {
				panic(http.ErrAbortHandler)
			}
		})
	}
}

// watched is a body that is looked at. It may be read by another goroutine than the handler's, where a panic would end
// the process, so it only notes it.
type watched struct {
	io.ReadCloser
	see func(int)
	cut atomic.Bool
}

func (w *watched) Read(p []byte) (n int, err error) {
	defer func() {
		if recover() != nil {
			w.cut.Store(true)
			n, err = 0, io.ErrUnexpectedEOF
		}
	}()
	n, err = w.ReadCloser.Read(p[:min(len(p), 4*step)])
	w.see(n)
	return n, err
}

// unlessCut answers nobody whose connection is about to end.
type unlessCut struct {
	http.ResponseWriter
	body *watched
}

func (u *unlessCut) WriteHeader(status int) {
	if !u.body.cut.Load() {
		u.ResponseWriter.WriteHeader(status)
	}
}

func (u *unlessCut) Write(b []byte) (int, error) {
	if u.body.cut.Load() {
		return len(b), nil
	}
	return u.ResponseWriter.Write(b)
}

func (u *unlessCut) Unwrap() http.ResponseWriter { return u.ResponseWriter }
