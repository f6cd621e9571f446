package explain

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/internal/settings"
)

// Invocation is the command line that failed, for advice that can be pasted.
type Invocation struct {
	Command         string   // such as "load"
	Args            []string // of the command
	Typed           []string // everything that was typed, the program first
	Version, Commit string   // of irisfix
}

// Arg is an argument of the command, or a word that stands for it.
func (in Invocation) Arg(i int, otherwise string) string {
	if i < len(in.Args) {
		return phrase.ShellWord(in.Args[i])
	}
	return otherwise
}

// First is the first argument as it was given.
func (in Invocation) First() string {
	if len(in.Args) == 0 {
		return ""
	}
	return in.Args[0]
}

// fixture is the argument that names the fixture.
func (in Invocation) fixture(otherwise string) string {
	switch {
	case in.Command == "pin" && len(in.Args) > 1:
		return in.Args[1]
	case len(in.Args) > 0:
		return in.Args[0]
	}
	return otherwise
}

// subject is a file of the fixture that the first argument names.
func (in Invocation) subject(file string) string {
	if rest, ok := strings.CutPrefix(file, in.First()); ok && (in.First() == "" || rest == "" || strings.ContainsAny(rest[:1], ":@/"+string(filepath.Separator))) {
		return file
	}
	return in.First() + ": " + file
}

// line is the command line as it was typed, for doing it again. A password in a URL is not repeated.
func (in Invocation) line() string { return in.with("", "") }

// with is the command line with another argument in the place of one, or without it if the other is empty.
func (in Invocation) with(old, other string) string {
	var words []string
	for i, arg := range in.Typed {
		if i > 0 && old != "" && arg == old {
			if arg = other; arg == "" {
				continue
			}
		}
		words = append(words, phrase.ShellWord(settings.Redact(arg)))
	}
	return strings.Join(words, " ")
}

// verbosely is the command line with more detail, if it did not ask for that already.
func (in Invocation) verbosely() string {
	if slices.Contains(in.Typed, "--verbose") || slices.Contains(in.Typed, "-v") {
		return in.line()
	}
	return in.line() + " --verbose"
}
