package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// invocation is the command line that failed, for advice that can be pasted.
type invocation struct {
	command string
	args    []string // of the command
	raw     []string // everything that was typed
}

// arg is an argument of the command, or a word that stands for it.
func (in invocation) arg(i int, otherwise string) string {
	if i < len(in.args) {
		return shellWord(in.args[i])
	}
	return otherwise
}

// first is the first argument as it was given.
func (in invocation) first() string {
	if len(in.args) == 0 {
		return ""
	}
	return in.args[0]
}

// fixture is the argument that names the fixture.
func (in invocation) fixture(otherwise string) string {
	switch {
	case in.command == "pin" && len(in.args) > 1:
		return in.args[1]
	case len(in.args) > 0:
		return in.args[0]
	}
	return otherwise
}

// subject is a file of the fixture that the first argument names.
func (in invocation) subject(file string) string {
	if rest, ok := strings.CutPrefix(file, in.first()); ok && (in.first() == "" || rest == "" || strings.ContainsAny(rest[:1], ":@/"+string(filepath.Separator))) {
		return file
	}
	return in.first() + ": " + file
}

// line is the command line as it was typed, for doing it again. A password in a URL is not repeated.
func (in invocation) line() string { return in.with("", "") }

// with is the command line with another argument in the place of one, or without it if the other is empty.
func (in invocation) with(old, other string) string {
	words := []string{"irisfix"}
	for _, arg := range in.raw {
		if old != "" && arg == old {
			if arg = other; arg == "" {
				continue
			}
		}
		words = append(words, shellWord(redactTarget(arg)))
	}
	return strings.Join(words, " ")
}

// verbosely is the command line with more detail, if it did not ask for that already.
func (in invocation) verbosely() string {
	if slices.Contains(in.raw, "--verbose") || slices.Contains(in.raw, "-v") {
		return in.line()
	}
	return in.line() + " --verbose"
}

// shellWord quotes an argument where a shell would take it apart, and spells what a terminal would act upon.
func shellWord(s string) string {
	if oneLine(s) != s {
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
