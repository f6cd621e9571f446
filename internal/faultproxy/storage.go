package faultproxy

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// Storage is the other host that a registry redirects to, with signed addresses that expire.
type Storage struct {
	*Proxy
	requests int   // that an address is good for; 0: any number
	bytes    int64 // that it gives before the connection ends; 0: all

	mu     sync.Mutex
	grants []int // requests that came with each address
}

// NewStorage starts a storage in front of a handler. An address is good for so many requests and gives so many bytes in
// an answer; 0 is without limit.
func NewStorage(t testing.TB, next http.Handler, requests int, bytes int64, o Options) *Storage {
	t.Helper()
	s := &Storage{requests: requests, bytes: bytes}
	s.Proxy = New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, next) }), o)
	return s
}

func (s *Storage) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	var key int
	fmt.Sscan(r.URL.Query().Get("signature"), &key)
	s.mu.Lock()
	good := key > 0 && key <= len(s.grants)
	if good {
		s.grants[key-1]++
		good = s.requests == 0 || s.grants[key-1] <= s.requests
	}
	s.mu.Unlock()
	switch {
	case !good:
		next = Answer(http.StatusForbidden, "<Error><Code>AccessDenied</Code></Error>")(next)
	case s.bytes > 0:
		next = CutAfter(s.bytes)(next)
	}
	next.ServeHTTP(w, r)
}

// Redirect sends a client to a new address in the storage.
func (s *Storage) Redirect() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			s.grants = append(s.grants, 0)
			key := len(s.grants)
			s.mu.Unlock()
			http.Redirect(w, r, fmt.Sprintf("%s%s?signature=%d", s.URL, r.URL.Path, key), http.StatusTemporaryRedirect)
		})
	}
}
