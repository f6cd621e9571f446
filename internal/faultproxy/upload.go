package faultproxy

import (
	"io"
	"net/http"
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
