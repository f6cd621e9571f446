// Package phrase says numbers, sizes, paths and arguments as people read them, and makes text from outside fit for a
// terminal.
package phrase

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// OneLine makes text from outside fit for one line of a terminal.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// ShellWord quotes an argument where a shell would take it apart, and spells what a terminal would act upon.
func ShellWord(s string) string {
	if OneLine(s) != s {
		var b strings.Builder
		for _, c := range []byte(s) {
			switch {
			case c < ' ' || c >= 0x7f:
				fmt.Fprintf(&b, `\x%02x`, c)
			case c == '\'' || c == '\\':
				b.WriteString(`\` + string(c))
			default:
				b.WriteByte(c)
			}
		}
		return "$'" + b.String() + "'"
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@=+,%~", r))
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Path is a path as short as it can be said.
func Path(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(short) {
		return short
	}
	return path
}

// Blob is what users call a blob: its file, else its digest, shortened.
func Blob(d ocispec.Descriptor) string {
	if title := d.Annotations[ocispec.AnnotationTitle]; title != "" {
		return title
	}
	return ShortDigest(d.Digest.String())
}

// ShortDigest is the beginning of a digest.
func ShortDigest(d string) string {
	algorithm, hex, _ := strings.Cut(d, ":")
	return algorithm + ":" + hex[:min(12, len(hex))] + "…"
}
