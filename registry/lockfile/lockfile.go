// Package lockfile reads and writes irisfix.lock, the file that pins fixtures: names on the left, references with tag
// and digest in one string on the right. It is committed to git, so its bytes are canonical and one change is one
// changed line. The format is section 7 of docs/format.md.
package lockfile

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Name is the name of the file.
const Name = "irisfix.lock"

// version is the format that is written and the only one that is read.
const version = 1

// File is the content of a lock file. The zero value is an empty one. It is not safe for concurrent use.
type File struct {
	fixtures map[string]string
}

// Names returns the pinned names, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.fixtures)) }

// Reference returns what a name is pinned to.
func (f *File) Reference(name string) (string, bool) {
	ref, ok := f.fixtures[name]
	return ref, ok
}

// Set pins a name. The reference must end in a digest. The error is an [*Error] without a place.
func (f *File) Set(name, reference string) error {
	if reason := checkEntry(name, reference); reason != "" {
		return &Error{Reason: reason}
	}
	if f.fixtures == nil {
		f.fixtures = map[string]string{}
	}
	f.fixtures[name] = reference
	return nil
}

// Remove unpins a name and reports whether it was pinned.
func (f *File) Remove(name string) bool {
	_, ok := f.fixtures[name]
	delete(f.fixtures, name)
	return ok
}

// Encode returns the canonical bytes: names sorted, two spaces of indent, one line a fixture, a final newline.
func (f *File) Encode() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "{\n  \"version\": %d,\n  \"fixtures\": {", version)
	for i, name := range f.Names() {
		if i > 0 {
			b.WriteByte(',')
		}
		// checkEntry lets nothing through that JSON would have to escape.
		fmt.Fprintf(&b, "\n    \"%s\": \"%s\"", name, f.fixtures[name])
	}
	if len(f.fixtures) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("}\n}\n")
	return []byte(b.String())
}

// Error is a lock file, or a part of it, that breaks the rules.
type Error struct {
	Path   string // empty if the bytes came from no file
	Line   int    // from 1; 0 if the fault is in no particular line
	Reason string
	Newer  bool // only a later irisfix can read it
}

func (e *Error) Error() string {
	text := e.Reason
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return text
}

var (
	nameRule   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	pinnedRule = regexp.MustCompile(`^[!#-\[\]-~]+/[!#-\[\]-~]+@sha256:[0-9a-f]{64}$`)
)

// maxReference is longer than any reference can be (255 for registry and repository, 128 for the tag, the digest).
const maxReference = 1024

// checkEntry returns what is wrong with an entry, or nothing.
func checkEntry(name, reference string) string {
	switch {
	case !nameRule.MatchString(name):
		return fmt.Sprintf("%.200q is not a name: letters, digits, dot, dash, underscore, at most 128", name)
	case len(reference) > maxReference || !pinnedRule.MatchString(reference):
		return fmt.Sprintf("%s: %.200q is not a reference that ends in @sha256: and 64 hex digits", name, reference)
	}
	return ""
}
