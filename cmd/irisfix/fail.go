package main

import (
	"errors"

	"github.com/irisfix/irisfix/internal/explain"
)

// fail prints an error and returns the exit code. As JSON it is the last line of stderr, which may have warnings and progress
// before it.
func (a *app) fail(err error) int {
	x := explain.Error(err, a.invocation(err))
	if a.json {
		_ = writeJSONLine(a.err, map[string]explain.ErrorJSON{"error": x.JSON()}) // if even that fails, the exit code is what is left
		return x.Class.Code
	}
	x.Print(a.err, isTerminal(a.err) && !a.noColor && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb")
	if a.verbose {
		explain.PrintTrace(a.err, err)
	}
	return x.Class.Code
}

// invocation is the command line that met an error.
func (a *app) invocation(err error) explain.Invocation {
	args := a.args
	if one, ok := errors.AsType[*ofArgument](err); ok {
		args = []string{one.arg}
	}
	return invoked(a.command, args, a.raw)
}

// invoked is a command line of this program.
func invoked(command string, args, raw []string) explain.Invocation {
	return explain.Invocation{Command: command, Args: args, Typed: append([]string{"irisfix"}, raw...), Version: version(), Commit: commit()}
}

// ofArgument says which of several arguments an error is about.
type ofArgument struct {
	arg string
	err error
}

func (e *ofArgument) Error() string { return e.arg + ": " + e.err.Error() }
func (e *ofArgument) Unwrap() error { return e.err }

// isA tells whether an error is of a type, or was caused by one that is.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
