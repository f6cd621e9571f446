package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry"
)

// meter shows what is going on. Its methods may be called from several goroutines.
type meter interface {
	registry(registry.Event)           // a blob moves
	hashed(file string, n int64)       // bytes of a local file were read
	expect(files int, bytes int64)     // what the transfer that begins now is about
	rows(table string, n, total int64) // rows that were moved so far; total is negative if it is not known
	note(format string, args ...any)   // a line for the user
	close()                            // nothing moves any more
}

// newMeter chooses the form of progress: bars on a terminal, lines elsewhere.
func (a *app) newMeter() (meter, error) {
	base := notes{w: a.err, mu: new(sync.Mutex)}
	mode := a.progress
	if !slices.Contains([]string{"auto", "tty", "plain", "json", "none"}, mode) {
		return silent{}, usageError("--progress is one of auto, tty, plain, json, none; not " + mode)
	}
	if a.quiet {
		return silent{}, nil
	}
	if mode == "auto" {
		mode = "plain"
		if isTerminal(a.err) && a.env("TERM") != "dumb" {
			mode = "tty"
		}
	}
	switch mode {
	case "plain":
		return newPlain(base), nil
	case "tty":
		return newBars(base), nil
	case "json":
		return &jsonMeter{notes: base, last: map[string]time.Time{}}, nil
	}
	return base, nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// silent shows nothing.
type silent struct{}

func (silent) registry(registry.Event)   {}
func (silent) hashed(string, int64)      {}
func (silent) expect(int, int64)         {}
func (silent) rows(string, int64, int64) {}
func (silent) note(string, ...any)       {}
func (silent) close()                    {}

// notes shows no progress, but what the user should know.
type notes struct {
	silent
	w  io.Writer
	mu *sync.Mutex
}

func (n notes) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprintln(n.w, phrase.OneLine(fmt.Sprintf(format, args...)))
}

func (n notes) registry(e registry.Event) {
	if text := explain.Note(e); text != "" {
		n.note("%s", text)
	}
}
