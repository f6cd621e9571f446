package bundle

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
)

// ErrMeanwhile is matched when another process has put a fixture into a directory after the plan.
var ErrMeanwhile = errors.New("changed by another process meanwhile")

// NoManifestError reports a directory that is not a fixture.
type NoManifestError struct {
	Dir   string
	Found []string // some of what is there instead
}

func (e *NoManifestError) Error() string { return e.Dir + ": no " + manifestName }

// Problem is one rule that a fixture breaks.
type Problem struct {
	Subject string // a key of the manifest or a file
	Reason  string
}

func (p Problem) Error() string { return p.Subject + ": " + p.Reason }

// InvalidError reports everything that is wrong with a manifest, a .DAT or the form of a bundle.
type InvalidError struct {
	Where    string
	Problems []Problem
}

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Error()
		if p.Subject == e.Where {
			lines[i] = p.Reason
		}
	}
	return e.Where + ": " + strings.Join(lines, "; ")
}

// NewerError reports a format that only a later irisfix knows.
type NewerError struct {
	Subject string
	Version string
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("%s: version %s is newer", e.Subject, e.Version)
}

// MismatchError reports a file whose bytes are not those of the manifest.
type MismatchError struct {
	Path      string
	Want, Got digest.Digest
	Size      int64 // of what is there, in bytes
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s: want %s, got %s (%d bytes)", e.Path, e.Want, e.Got, e.Size)
}

// ChangedError reports a file that was replaced or written to after it had been verified.
type ChangedError struct{ Path string }

func (e *ChangedError) Error() string { return e.Path + ": changed after it was verified" }

// MissingFileError reports a file that the manifest lists and the directory lacks.
type MissingFileError struct{ Path string }

func (e *MissingFileError) Error() string { return e.Path + ": listed in the manifest, absent" }

// NotFixtureError reports an OCI artifact of another kind.
type NotFixtureError struct {
	Digest digest.Digest
	What   string // what it is, as far as it says
}

func (e *NotFixtureError) Error() string {
	return fmt.Sprintf("%s: %s, not a fixture", e.Digest, e.What)
}

// SideError says which of two fixtures that were compared is at fault.
type SideError struct {
	Side int // 0 or 1
	Err  error
}

func (e *SideError) Error() string { return e.Err.Error() }
func (e *SideError) Unwrap() error { return e.Err }

// OccupiedError reports a file or directory that would have to be overwritten and is not ours to overwrite.
type OccupiedError struct {
	Path   string
	Reason string
}

func (e *OccupiedError) Error() string { return e.Path + ": " + e.Reason }
