package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry"
)

// jsonMeter writes a JSON object a line, for programs that show progress themselves.
type jsonMeter struct {
	notes
	lines sync.Mutex
	last  map[string]time.Time // of the last line about the bytes of a blob
}

// jsonEvery is how often a line tells how far a blob has come.
const jsonEvery = 100 * time.Millisecond

// tooSoon reports that there was a line about this blob just now. The one that says that all is there always comes.
func (m *jsonMeter) tooSoon(blob string, complete bool) bool {
	m.lines.Lock()
	defer m.lines.Unlock()
	if !complete && time.Since(m.last[blob]) < jsonEvery {
		return true
	}
	m.last[blob] = time.Now()
	return false
}

// progressLine is one such line. Fields that do not belong to its kind are left out.
type progressLine struct {
	Kind    string  `json:"kind"` // expect, start, bytes, done, retry, wait, damaged, verify, rows, note, reuse, slow
	File    string  `json:"file,omitempty"`
	Digest  string  `json:"digest,omitempty"`
	Files   int     `json:"files,omitempty"`
	Bytes   int64   `json:"bytes,omitempty"`
	Size    int64   `json:"size,omitempty"`
	How     string  `json:"how,omitempty"`
	Table   string  `json:"table,omitempty"`
	Rows    int64   `json:"rows,omitempty"`
	Total   int64   `json:"total,omitempty"`
	Wait    float64 `json:"wait_seconds,omitempty"`
	Message string  `json:"message,omitempty"`
}

func (m *jsonMeter) line(l progressLine) {
	b, err := json.Marshal(map[string]progressLine{"progress": l})
	if err != nil {
		return // plain texts and numbers
	}
	m.notes.note("%s", b)
}

func (m *jsonMeter) registry(e registry.Event) {
	l := progressLine{Digest: e.Descriptor.Digest.String(), Size: e.Descriptor.Size, Bytes: e.Bytes}
	if l.Digest != "" {
		l.File = phrase.Blob(e.Descriptor)
	}
	switch e.Kind {
	case registry.Started:
		l.Kind = "start"
	case registry.Progress:
		l.Kind = "bytes"
		if m.tooSoon(l.Digest, e.Bytes == e.Descriptor.Size) {
			return
		}
	case registry.Older:
		l.Kind = "reuse"
	case registry.Done:
		l.Kind, l.How = "done", e.How.String()
	case registry.Retrying:
		l.Kind, l.Wait = "retry", e.Wait.Seconds()
	case registry.Waiting:
		l.Kind = "wait"
	case registry.TooSlow:
		l.Kind = "slow"
	case registry.Damaged:
		l.Kind = "damaged"
	}
	l.Message = explain.Note(e)
	m.line(l)
}

func (m *jsonMeter) expect(files int, bytes int64) {
	m.line(progressLine{Kind: "expect", Files: files, Size: bytes})
}

func (m *jsonMeter) hashed(file string, n int64) {
	m.line(progressLine{Kind: "verify", File: file, Bytes: n})
}

func (m *jsonMeter) rows(table string, n, total int64) {
	m.line(progressLine{Kind: "rows", Table: table, Rows: n, Total: max(total, 0)})
}

func (m *jsonMeter) note(format string, args ...any) {
	m.line(progressLine{Kind: "note", Message: strings.TrimPrefix(fmt.Sprintf(format, args...), "warning: ")})
}
