package explain

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/internal/phrase"
)

// PrintTrace writes what an error is made of, for the eyes of developers.
func PrintTrace(w io.Writer, err error) {
	fmt.Fprint(w, "\nIn detail:\n")
	for line := range strings.SplitSeq(trace(err), "\n") {
		fmt.Fprintf(w, "  %s\n", phrase.OneLine(line))
	}
}

// trace is an error with those that it is made of.
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

// Print writes the message, in colour if so wished.
func (x Explanation) Print(w io.Writer, colour bool) {
	s := style(colour)
	fmt.Fprintf(w, "%s: %s\n", s.red("irisfix: "+x.Class.Words()), phrase.OneLine(x.Subject))
	fmt.Fprintf(w, "\n%s\n", s.bold("What went wrong:"))
	for i, line := range x.What {
		if i == maxLines {
			fmt.Fprintf(w, "  and %d more\n", len(x.What)-maxLines)
			break
		}
		fmt.Fprintf(w, "  %s\n", phrase.OneLine(line))
	}
	fmt.Fprintf(w, "\n%s\n", s.bold("How to fix it:"))
	PrintSteps(w, x.Fix)
}

// PrintSteps puts each command behind its advice, in a column, or below it where that would be too wide.
func PrintSteps(w io.Writer, steps []Step) {
	const most = 100
	do, run := 0, 0
	steps = slices.Clone(steps)
	for i, f := range steps {
		steps[i] = Step{phrase.OneLine(f.Do), phrase.OneLine(f.Run)}
		if f.Run != "" {
			do, run = max(do, len(f.Do)), max(run, len(f.Run))
		}
	}
	for i, f := range steps {
		switch {
		case f.Run == "":
			fmt.Fprintf(w, "  %d. %s\n", i+1, f.Do)
		case do+run <= most:
			fmt.Fprintf(w, "  %d. %-*s  %s\n", i+1, do+1, f.Do+":", f.Run)
		default:
			fmt.Fprintf(w, "  %d. %s:\n       %s\n", i+1, f.Do, f.Run)
		}
	}
}

// ErrorJSON is the object "error" of a failure with --json.
type ErrorJSON struct {
	Class   string         `json:"class"`
	Code    int            `json:"code"`
	Subject string         `json:"subject"`
	What    []string       `json:"what"`
	Fix     []string       `json:"fix"`
	Steps   []Step         `json:"steps"` // the same, advice and command apart
	Detail  map[string]any `json:"detail"`
}

// JSON is the explanation for programs.
func (x Explanation) JSON() ErrorJSON {
	e := ErrorJSON{x.Class.Name, x.Class.Code, x.Subject, append([]string{}, x.What...), Lines(x.Fix), append([]Step{}, x.Fix...), x.Detail}
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	return e
}

// style colours text on a terminal.
type style bool

func (s style) red(text string) string  { return s.wrap("\x1b[1;31m", text) }
func (s style) bold(text string) string { return s.wrap("\x1b[1m", text) }

func (s style) wrap(code, text string) string {
	if !s {
		return text
	}
	return code + text + "\x1b[0m"
}
