package server

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
)

// Server is a registry over a directory. It may be used by several goroutines.
//
// It sets no timeouts, since an upload may take any time: whoever serves it with an [http.Server] of their own sets
// at least ReadHeaderTimeout. [Server.Serve] does.
type Server struct {
	// Report, if not nil, is told of every failure of the storage and every damaged file. It is set before the first
	// request and may be called from several goroutines.
	Report func(error)

	store   *store
	uploads *uploads
	lock    *flock.Flock
	origins *http.CrossOriginProtection

	running sync.RWMutex // held for reading by every request
	closed  bool
}

// New opens the registry in dir and makes it if dir is absent or empty. It sweeps what a killed process left behind
// and reads the blobs that no manifest names, which takes about a second for a gigabyte of them. The directory stays
// locked until [Server.Close] or the end of the process.
//
// The errors are [*InUseError], [*NotRegistryError], and those of the file system.
func New(ctx context.Context, dir string) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	lock, err := claim(dir)
	if err != nil {
		return nil, err
	}
	st := &store{dir: dir, unsynced: map[string]bool{}}
	if err := st.recover(ctx); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return &Server{
		store:   st,
		uploads: &uploads{dir: filepath.Join(dir, "uploads"), byID: map[string]*upload{}},
		lock:    lock,
		origins: http.NewCrossOriginProtection(),
	}, nil
}

// Close waits for the requests under way, drops unfinished uploads and gives the directory free. Later requests are
// answered with 503. Calls after the first do nothing.
func (s *Server) Close() error {
	s.running.Lock()
	defer s.running.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(s.uploads.dropAll(), s.lock.Unlock())
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.running.RLock()
	defer s.running.RUnlock()
	// Docker's clients knew a registry by this header before there was a specification.
	w.Header().Set("Docker-Distribution-API-Version", "registry/2.0")
	if err := s.answer(w, r); err != nil {
		s.fail(w, err)
	}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) error {
	if s.closed {
		return refuse(http.StatusServiceUnavailable, "UNKNOWN", "registry is closed")
	}
	if s.origins.Check(r) != nil {
		return refuse(http.StatusForbidden, "DENIED", "request comes from a web page of another origin")
	}
	return s.route(w, r)
}

func (s *Server) report(err error) {
	if s.Report != nil {
		s.Report(err)
	}
}
