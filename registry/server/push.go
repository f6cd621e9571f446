package server

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/opencontainers/go-digest"
)

// startUpload answers POST: a mount, a whole blob, or the start of an upload.
func (s *Server) startUpload(w http.ResponseWriter, r *http.Request, name, _ string) error {
	query := r.URL.Query()
	switch {
	case query.Get("mount") != "":
		return s.mountBlob(w, name, query.Get("mount"), query.Get("from"))
	case query.Has("digest"):
		return s.pushBlob(w, r, name, query.Get("digest"))
	case query.Has("digest-algorithm"):
		return s.openUpload(w, name, digest.Algorithm(query.Get("digest-algorithm")))
	}
	return s.openUpload(w, name, digest.Canonical)
}

func (s *Server) openUpload(w http.ResponseWriter, name string, algo digest.Algorithm) error {
	if !algo.Available() {
		return badRequest("DIGEST_INVALID", "unsupported digest algorithm")
	}
	u, err := s.uploads.begin(name, algo)
	if err != nil {
		return err
	}
	if err := s.uploads.keep(u); err != nil {
		return errors.Join(err, u.drop())
	}
	progress(w, u)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// mountBlob begins an upload where it cannot mount, as the specification says. Whoever knows the digest may leave out
// the repository to mount from: without authentication, repositories hide nothing from each other.
func (s *Server) mountBlob(w http.ResponseWriter, name, mount, from string) error {
	d, err := parseDigest(mount)
	if err != nil {
		return err
	}
	if from != "" && !validName(from) {
		return badRequest("NAME_INVALID", "invalid repository name to mount from")
	}
	if mounted, err := s.store.mount(name, from, d); err != nil {
		return err
	} else if !mounted {
		return s.openUpload(w, name, d.Algorithm())
	}
	created(w, "blobs", name, d)
	return nil
}

// pushBlob answers the single POST.
func (s *Server) pushBlob(w http.ResponseWriter, r *http.Request, name, arg string) error {
	d, err := parseDigest(arg)
	if err != nil {
		return err
	}
	u, err := s.uploads.begin(name, d.Algorithm())
	if err != nil {
		return err
	}
	if err := u.receive(r.Body); err != nil {
		return errors.Join(err, u.drop())
	}
	return s.conclude(w, u, d)
}

// session answers the requests for an upload that was started.
func (s *Server) session(w http.ResponseWriter, r *http.Request, name, id string) error {
	var d digest.Digest
	if r.Method == http.MethodPut {
		var err error
		if d, err = parseDigest(r.URL.Query().Get("digest")); err != nil {
			return err
		}
	}
	u, err := s.uploads.take(name, id)
	if err != nil {
		return err
	}
	defer u.Unlock()
	if r.Method == http.MethodPut || r.Method == http.MethodPatch {
		if err := receiveChunk(r, u); err != nil {
			progress(w, u) // so that the client knows how to go on
			return err
		}
	}
	switch r.Method {
	case http.MethodPut:
		return s.conclude(w, u, d)
	case http.MethodPatch:
		progress(w, u)
		w.WriteHeader(http.StatusAccepted)
	case http.MethodDelete:
		if err := u.drop(); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		progress(w, u)
		w.WriteHeader(http.StatusNoContent)
	}
	return nil
}

// chunkRange is the form that the specification gives, section "Pushing a blob in chunks".
var chunkRange = regexp.MustCompile(`^([0-9]{1,18})-([0-9]{1,18})$`)

// receiveChunk appends the body of PATCH or PUT. Without a range it is whatever comes.
func receiveChunk(r *http.Request, u *upload) error {
	if header := r.Header.Get("Content-Range"); header != "" {
		m := chunkRange.FindStringSubmatch(header)
		if m == nil {
			return badRequest("BLOB_UPLOAD_INVALID", "malformed Content-Range")
		}
		start, _ := strconv.ParseInt(m[1], 10, 64) // 18 digits always fit
		end, _ := strconv.ParseInt(m[2], 10, 64)
		if start != u.size {
			return refuse(http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID",
				"chunk does not begin where the upload stands")
		}
		if r.ContentLength != end-start+1 {
			return badRequest("SIZE_INVALID", "Content-Range and Content-Length disagree")
		}
	}
	return u.receive(r.Body)
}

// conclude publishes an upload whose bytes have all arrived, or discards it.
func (s *Server) conclude(w http.ResponseWriter, u *upload, d digest.Digest) error {
	got, err := u.digest(d.Algorithm())
	if err == nil && got != d {
		err = badRequest("DIGEST_INVALID", "provided digest did not match uploaded content").
			with(map[string]any{"want": d, "got": got, "size": u.size})
	}
	if err == nil {
		err = s.store.publish(u.name, d, u.file, u.size)
	}
	if err := errors.Join(err, u.drop()); err != nil {
		return err
	}
	created(w, "blobs", u.name, d)
	return nil
}

// progress tells where an upload stands. An empty one has the range "0-0", as in Docker's registry: the notation of the
// specification cannot say "nothing".
func progress(w http.ResponseWriter, u *upload) {
	w.Header().Set("Location", "/v2/"+u.name+"/blobs/uploads/"+u.id)
	w.Header().Set("Docker-Upload-UUID", u.id)
	w.Header().Set("Range", fmt.Sprintf("0-%d", max(u.size-1, 0)))
}

func created(w http.ResponseWriter, kind, name string, d digest.Digest) {
	w.Header().Set("Location", "/v2/"+name+"/"+kind+"/"+d.String())
	w.Header().Set("Docker-Content-Digest", d.String())
	w.WriteHeader(http.StatusCreated)
}
