package server

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/opencontainers/go-digest"
)

func (s *Server) pullBlob(w http.ResponseWriter, r *http.Request, name, arg string) error {
	d, err := parseDigest(arg)
	if err != nil {
		return err
	}
	f, err := s.store.openBlob(name, d)
	if err != nil {
		return s.orAbsent(err, "BLOB_UNKNOWN", "blob unknown to registry")
	}
	defer f.Close()
	return serveContent(w, r, "application/octet-stream", d, f)
}

func (s *Server) deleteBlob(w http.ResponseWriter, _ *http.Request, name, arg string) error {
	d, err := parseDigest(arg)
	if err != nil {
		return err
	}
	if err := s.store.deleteBlob(name, d); err != nil {
		return s.orAbsent(err, "BLOB_UNKNOWN", "blob unknown to registry")
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func (s *Server) pullManifest(w http.ResponseWriter, r *http.Request, name, arg string) error {
	d, tag, err := parseReference(arg)
	if err == nil && tag != "" {
		d, err = s.store.tag(name, tag)
	}
	var m manifest
	if err == nil {
		m, err = s.store.manifest(name, d)
	}
	if err != nil {
		return s.orAbsent(err, "MANIFEST_UNKNOWN", "manifest unknown to registry")
	}
	return serveContent(w, r, m.mediaType, d, bytes.NewReader(m.body))
}

func (s *Server) deleteManifest(w http.ResponseWriter, _ *http.Request, name, arg string) error {
	d, tag, err := parseReference(arg)
	if err == nil && tag != "" {
		err = removeFile(s.store.tagFile(name, tag))
	} else if err == nil {
		err = s.store.deleteManifest(name, d)
	}
	if err != nil {
		return s.orAbsent(err, "MANIFEST_UNKNOWN", "manifest unknown to registry")
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// serveContent sends content, or the part of it that the request asks for. What a digest names never changes, so the
// digest is the entity tag as well.
func serveContent(
	w http.ResponseWriter, r *http.Request, mediaType string, d digest.Digest, content io.ReadSeeker,
) error {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Docker-Content-Digest", d.String())
	h.Set("ETag", `"`+d.String()+`"`)
	h.Set("X-Content-Type-Options", "nosniff") // content comes from strangers; no browser is to take it for a page
	rw := &rangeWriter{ResponseWriter: w}
	http.ServeContent(rw, r, "", time.Time{}, content)
	if rw.refused {
		return refuse(http.StatusRequestedRangeNotSatisfiable, "SIZE_INVALID", "range is malformed or past the end")
	}
	return nil
}

// rangeWriter keeps back the plain text with which net/http refuses a range.
type rangeWriter struct {
	http.ResponseWriter
	refused bool
}

func (w *rangeWriter) WriteHeader(status int) {
	if w.refused = status == http.StatusRequestedRangeNotSatisfiable; !w.refused {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *rangeWriter) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom lets a file go to the socket without passing through our memory.
func (w *rangeWriter) ReadFrom(r io.Reader) (int64, error) { return io.Copy(w.ResponseWriter, r) }
