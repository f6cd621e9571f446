package lfs

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"
)

// maxPointer is the size that a pointer stays below (git-lfs docs/spec.md, "The Pointer").
const maxPointer = 1024

// ErrNotPointer says that a text is something else than a pointer.
var ErrNotPointer = errors.New("not a pointer of Git LFS")

// PointerError says which rule a pointer breaks.
type PointerError struct{ Reason string }

func (e *PointerError) Error() string { return "malformed pointer: " + e.Reason }

// Pointer is what Git LFS keeps in git in place of a file.
type Pointer struct {
	Digest digest.Digest // of the object
	Size   int64         // in bytes
}

// versions are those that git-lfs itself reads.
var versions = []string{"https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1", "http://git-media.io/v/2"}

var (
	keyForm  = regexp.MustCompile(`^[a-z0-9.-]+$`)
	oidForm  = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	sizeForm = regexp.MustCompile(`^[1-9][0-9]*$`)
)

// ParsePointer reads a pointer by the rules of the specification (git-lfs docs/spec.md). The error is [ErrNotPointer] or,
// for what is meant as a pointer and is none, a [*PointerError]. git-lfs is more lenient: where it would read such a
// pointer, for one with line ends of Windows say, the pointer is returned beside the error.
func ParsePointer(data []byte) (Pointer, error) {
	if len(data) >= maxPointer || !bytes.HasPrefix(data, []byte("version ")) || !slices.ContainsFunc(versions, func(v string) bool {
		return bytes.HasPrefix(data[len("version "):], []byte(v))
	}) {
		return Pointer{}, ErrNotPointer
	}
	p, reason := strictly(string(data))
	if reason == "" {
		return p, nil
	}
	return leniently(string(data)), &PointerError{reason}
}

// strictly returns a pointer, or which rule is broken.
func strictly(text string) (p Pointer, reason string) {
	switch {
	case !utf8.ValidString(text):
		return p, "not UTF-8"
	case !strings.HasSuffix(text, "\n"):
		return p, "does not end in a line feed"
	case strings.Contains(text, "\r"):
		return p, "a carriage return"
	}
	values, last := map[string]string{}, ""
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		key, value, found := strings.Cut(line, " ")
		switch {
		case !found || !keyForm.MatchString(key) || value == "":
			return p, fmt.Sprintf("line %d is not a key and a value", i+1)
		case i > 1 && key <= last:
			return p, fmt.Sprintf("the key %q is not in its place", key)
		}
		if _, twice := values[key]; twice {
			return p, fmt.Sprintf("the key %q twice", key)
		}
		values[key], last = value, key
	}
	size, err := strconv.ParseInt(values["size"], 10, 64)
	switch {
	case !slices.Contains(versions, values["version"]):
		return p, fmt.Sprintf("the version %.100q", values["version"])
	case !oidForm.MatchString(values["oid"]):
		return p, fmt.Sprintf("the oid %.100q", values["oid"])
	case err != nil || !sizeForm.MatchString(values["size"]): // the pointer of an empty file is an empty file
		return p, fmt.Sprintf("the size %.100q", values["size"])
	}
	return Pointer{digest.Digest(values["oid"]), size}, ""
}

// leniently reads what git-lfs takes for a pointer although it is none (git-lfs lfs/pointer.go, decodeKVData): white
// space around it, empty lines and carriage returns do not count. The result is zero if it cannot be read so either.
func leniently(text string) (p Pointer) {
	keys := []string{"version", "oid", "size"}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" || strings.HasPrefix(line, "ext-") {
			continue
		}
		key, value, _ := strings.Cut(line, " ")
		if len(keys) == 0 || key != keys[0] {
			return Pointer{}
		}
		keys = keys[1:]
		switch size, err := strconv.ParseInt(value, 10, 64); {
		case key == "version" && slices.Contains(versions, value):
		case key == "oid" && oidForm.MatchString(value):
			p.Digest = digest.Digest(value)
		case key == "size" && err == nil && size >= 0:
			p.Size = size
		default:
			return Pointer{}
		}
	}
	if len(keys) > 0 {
		return Pointer{}
	}
	return p
}
