package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/internal/parallel"
)

// class is a kind of failure that a script would treat in its own way. Its name is the contract for programs; the
// number is for shells.
type class struct {
	code  int
	name  string
	match func(error) bool
	say   func(error, invocation) explanation
	when  string
}

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

// explanation is an error in words for users.
type explanation struct {
	subject string
	what    []string
	fix     []step
	detail  map[string]any
}

// step is an advice and the command that follows it, which may be empty.
type step struct{ do, run string }

// steps are the advice in a line each.
func (x explanation) steps() []string {
	lines := []string{}
	for _, f := range x.fix {
		if f.run != "" {
			f.do += ": " + f.run
		}
		lines = append(lines, f.do)
	}
	return lines
}

// classes is ordered: the first match wins, so the more specific come first.
var classes []*class

func init() {
	classes = []*class{
		{70, "internal", isPanic, sayInternal, "a defect in irisfix"},
		{11, "rollback-failed", isA[*rollbackError], sayRollback, "a load failed and could not be undone, or its outcome is not known"},
		{130, "interrupted", isSignal(130), sayInterrupted, "Ctrl-C; what was begun was undone"},
		{143, "interrupted", isSignal(143), sayInterrupted, "SIGTERM; what was begun was undone"},
		{64, "usage", isUsage, sayUsage, "wrong flags or arguments"},
		{8, "pin-violation", isPinViolation, sayPin, "not pinned in a frozen run, or a pinned tag has moved"},
		{13, "not-cached", isOffline, sayOffline, "offline, and not in the cache"},
		{2, "checksum-mismatch", isMismatch, sayMismatch, "bytes do not match their digest, or a listed file is absent"},
		{7, "unauthorized", isUnauthorized, sayUnauthorized, "the registry answers 401 or 403"},
		{10, "target-conflict", isConflict, sayConflict, "what is there already is in the way, and was left as it is"},
		{3, "table-not-found", isA[*tableNotFoundError], sayTableNotFound, "a table that was asked for is not in the fixture or database"},
		{4, "connection-failed", isA[*connectError], sayConnect, "the database cannot be opened, or refused the login"},
		{9, "fixture-invalid", isInvalid, sayInvalid, "manifest, lock file or .DAT malformed, or of a later format"},
		{6, "registry-unavailable", isUnavailable, sayUnavailable, "the registry cannot be reached, or keeps failing"},
		{12, "local-io", isLocal, sayLocal, "disk full, not writable, or locked"},
		{5, "load-failed", isFailed, sayFailed, "a load or create failed and was undone, or a known query was not as expected"},
		{1, "not-found", isNotFound, sayNotFound, "no such fixture, name, tag or digest"},
	}
}

// unclassified is for errors that nobody has thought of, which is a defect.
var unclassified = &class{70, "internal", nil, sayInternal, ""}

// composed is an error of several, which knows itself which of them decides and what is to be said.
type composed interface {
	class() *class
	explain(invocation) explanation
}

func classOf(err error) *class {
	if c, ok := err.(composed); ok {
		return c.class()
	}
	for _, c := range classes {
		if c.match(err) {
			return c
		}
	}
	return unclassified
}

// words is the name of the class for people.
func (c *class) words() string { return strings.ReplaceAll(c.name, "-", " ") }

// fail prints an error and returns the exit code.
func (a *app) fail(err error) int {
	c, in := classOf(err), invocation{a.command, a.args, a.raw}
	if one, ok := as[*ofArgument](err); ok {
		in.args = []string{one.arg}
	}
	x := explainAs(c, err, in)
	if a.json {
		a.failJSON(c, x)
	} else {
		x.print(a.err, c, a.style())
		if a.verbose {
			fmt.Fprint(a.err, "\nIn detail:\n")
			for line := range strings.SplitSeq(trace(err), "\n") {
				fmt.Fprintf(a.err, "  %s\n", oneLine(line))
			}
		}
	}
	return c.code
}

func explainAs(c *class, err error, in invocation) explanation {
	if e, ok := err.(composed); ok {
		return e.explain(in)
	}
	return c.say(err, in)
}

// trace is an error with those that it is made of, for the eyes of developers.
func trace(err error) string {
	text := fmt.Sprintf("%T: %v", err, err)
	var panicked *parallel.PanicError
	if errors.As(err, &panicked) {
		return text + "\n" + string(panicked.Stack)
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if below := e.Unwrap(); below != nil {
			text += "\n" + trace(below)
		}
	case interface{ Unwrap() []error }:
		for _, below := range e.Unwrap() {
			if below != nil {
				text += "\n" + trace(below)
			}
		}
	}
	return text
}

// ofArgument says which of several arguments an error is about.
type ofArgument struct {
	arg string
	err error
}

func (e *ofArgument) Error() string { return e.arg + ": " + e.err.Error() }
func (e *ofArgument) Unwrap() error { return e.err }

// maxLines is how many things that are wrong are listed; the rest is counted.
const maxLines = 20

func (x explanation) print(w io.Writer, c *class, s style) {
	fmt.Fprintf(w, "%s: %s\n", s.red("irisfix: "+c.words()), oneLine(x.subject))
	fmt.Fprintf(w, "\n%s\n", s.bold("What went wrong:"))
	for i, line := range x.what {
		if i == maxLines {
			fmt.Fprintf(w, "  and %d more\n", len(x.what)-maxLines)
			break
		}
		fmt.Fprintf(w, "  %s\n", oneLine(line))
	}
	fmt.Fprintf(w, "\n%s\n", s.bold("How to fix it:"))
	printSteps(w, x.fix)
}

// printSteps puts each command behind its advice, in a column, or below it where that would be too wide.
func printSteps(w io.Writer, steps []step) {
	const most = 100
	do, run := 0, 0
	for i, f := range steps {
		steps[i] = step{oneLine(f.do), oneLine(f.run)}
		if f.run != "" {
			do, run = max(do, len(f.do)), max(run, len(f.run))
		}
	}
	for i, f := range steps {
		switch {
		case f.run == "":
			fmt.Fprintf(w, "  %d. %s\n", i+1, f.do)
		case do+run <= most:
			fmt.Fprintf(w, "  %d. %-*s  %s\n", i+1, do+1, f.do+":", f.run)
		default:
			fmt.Fprintf(w, "  %d. %s:\n       %s\n", i+1, f.do, f.run)
		}
	}
}

// errorJSON is the object that a failure prints with --json.
type errorJSON struct {
	Class   string         `json:"class"`
	Code    int            `json:"code"`
	Subject string         `json:"subject"`
	What    []string       `json:"what"`
	Fix     []string       `json:"fix"`
	Detail  map[string]any `json:"detail"`
}

func (a *app) failJSON(c *class, x explanation) {
	o := errorJSON{c.name, c.code, x.subject, append([]string{}, x.what...), x.steps(), x.detail}
	if o.Detail == nil {
		o.Detail = map[string]any{}
	}
	_ = writeJSON(a.err, map[string]errorJSON{"error": o}) // if even that fails, the exit code is what is left
}

// style colours text on a terminal.
type style bool

func (a *app) style() style {
	return style(isTerminal(a.err) && !a.noColor && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb")
}

func (s style) red(text string) string  { return s.wrap("\x1b[1;31m", text) }
func (s style) bold(text string) string { return s.wrap("\x1b[1m", text) }

func (s style) wrap(code, text string) string {
	if !s {
		return text
	}
	return code + text + "\x1b[0m"
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
