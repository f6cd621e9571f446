package server

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"syscall"
)

// InUseError says that another process, or another [Server] of this one, uses the directory.
type InUseError struct{ Dir string }

func (e *InUseError) Error() string { return e.Dir + ": registry directory is in use" }

// NotRegistryError says that a directory holds something else than a registry of this format. It was left as it is.
type NotRegistryError struct{ Dir string }

func (e *NotRegistryError) Error() string { return e.Dir + ": not a registry directory" }

// DamagedError says that a stored file does not have the content that its name promises. The server treats it as
// absent, so that pushing it again heals it.
type DamagedError struct{ Path string }

func (e *DamagedError) Error() string { return e.Path + ": stored content is damaged" }

// refusal is an answer that is the client's to deal with. Its codes are those of the distribution specification,
// section "Error Codes"; there is none for a tag, a page size or a failure of the server, which take the nearest.
type refusal struct {
	status int
	Errors []wireError `json:"errors"`
}

type wireError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Detail  any    `json:"detail,omitempty"`
}

func (r *refusal) Error() string { return r.Errors[0].Message }

func refuse(status int, code, message string) *refusal {
	return &refusal{status, []wireError{{Code: code, Message: message}}}
}

// with adds what a program may want to know.
func (r *refusal) with(detail map[string]any) *refusal {
	r.Errors[0].Detail = detail
	return r
}

func badRequest(code, message string) *refusal { return refuse(http.StatusBadRequest, code, message) }

// orAbsent turns what the store says of a missing or damaged file into the refusal for it.
func (s *Server) orAbsent(err error, code, message string) error {
	damaged := (*DamagedError)(nil)
	if errors.As(err, &damaged) {
		s.report(err)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return refuse(http.StatusNotFound, code, message)
}

// fail answers with err. What is not a refusal is a failure of the storage: it is reported, and the client learns the
// operating system's reason but no path.
func (s *Server) fail(w http.ResponseWriter, err error) {
	r := (*refusal)(nil)
	if !errors.As(err, &r) {
		s.report(err)
		reason := "internal error"
		if errno := syscall.Errno(0); errors.As(err, &errno) {
			reason = errno.Error()
		}
		r = refuse(http.StatusInternalServerError, "UNKNOWN", "storage: "+reason)
	}
	writeJSON(w, r.status, "application/json", r)
}

// writeJSON answers with value. That the client has gone is found by net/http.
func writeJSON(w http.ResponseWriter, status int, contentType string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // only our own types come here
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
