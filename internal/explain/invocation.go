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
	Call            *Call    // what did the work of the command; nil: the command
}

// Call is a function of a program that does what a command does. Advice that would change the command line changes the call
// instead.
type Call struct {
	Name string // such as fixturetest.SQLite
	Help string // the command that tells how it is used
	// Code is the call with these arguments, and with what stands for a flag of the command; empty if nothing does.
	Code func(args []string, flag string) string
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
	for _, first := range []string{in.First(), phrase.Path(in.First())} { // an absolute path is told as one that is not
		if rest, ok := strings.CutPrefix(file, first); ok && (in.First() == "" || rest == "" || strings.ContainsAny(rest[:1], ":@/"+string(filepath.Separator))) {
			return in.First() + rest
		}
	}
	return in.First() + ": " + file
}

// name is what the work was asked of.
func (in Invocation) name() string {
	if in.Call != nil {
		return in.Call.Name
	}
	return strings.TrimSpace("irisfix " + in.Command)
}

// help is the command that tells how it is used.
func (in Invocation) help() string {
	if in.Call != nil {
		return in.Call.Help
	}
	return in.name() + " --help"
}

// line is the command line as it was typed, for doing it again. A password in a URL is not repeated.
func (in Invocation) line() string { return in.typed("", "") }

// with is the command line with another argument in the place of one, or without it if the other is empty.
func (in Invocation) with(old, other string) string {
	if in.Call == nil {
		return in.typed(old, other)
	}
	args := slices.Clone(in.Args)
	if i := slices.Index(args, old); i >= 0 {
		args[i] = other
	}
	return in.Call.Code(args, "")
}

// plus is an advice with one more flag; none if nothing stands for it.
func (in Invocation) plus(do, flag string) []Step {
	run := in.line() + " " + flag
	switch {
	case in.Call != nil:
		run = in.Call.Code(in.Args, flag)
	case in.Command == "lfs agent": // git-lfs starts it, with the flags that it was set up with
		run = "irisfix lfs agent --install " + in.Arg(0, "REPOSITORY") + " " + flag
	}
	if run == "" {
		return nil
	}
	return []Step{{do, run}}
}

func (in Invocation) typed(old, other string) string {
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
	if in.Call != nil {
		return in.line() + " -v"
	}
	if slices.Contains(in.Typed, "--verbose") || slices.Contains(in.Typed, "-v") {
		return in.line()
	}
	return in.line() + " --verbose"
}
