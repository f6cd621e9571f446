package main

import (
	"fmt"
	"strings"
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

// ofArgument says which of several arguments an error is about.
type ofArgument struct {
	arg string
	err error
}

func (e *ofArgument) Error() string { return e.arg + ": " + e.err.Error() }
func (e *ofArgument) Unwrap() error { return e.err }
