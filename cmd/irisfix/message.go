package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/irisfix/irisfix/internal/parallel"
)

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
