package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/opencontainers/go-digest"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry"
)

// bars draws progress on a terminal: a line for each large file or table that is under way, and one for all.
type bars struct {
	notes
	mu     sync.Mutex
	draw   *mpb.Progress
	all    *mpb.Bar
	files  map[string]*mpb.Bar
	moved  map[digest.Digest]int64
	sum    int64
	hashes int64
}

// barSize is the smallest file that gets a line of its own. Smaller ones are over before anybody reads their name.
const barSize = 4 << 20

// hashLine is how many bytes are read before that is worth a line.
const hashLine = 64 << 20

func newBars(n notes) *bars {
	return &bars{notes: n, files: map[string]*mpb.Bar{}, moved: map[digest.Digest]int64{}}
}

// progress begins to draw when there is something to be drawn.
func (b *bars) progress() *mpb.Progress {
	if b.draw == nil {
		b.draw = mpb.New(mpb.WithOutput(b.w), mpb.WithWidth(30), mpb.WithRefreshRate(100*time.Millisecond), mpb.WithAutoRefresh())
	}
	return b.draw
}

// bar is one line. Without a total, which is negative then, only numbers are shown.
func (b *bars) bar(name string, total int64, priority int, counters decor.Decorator, more ...decor.Decorator) *mpb.Bar {
	var style mpb.BarFillerBuilder = mpb.NopStyle()
	if total >= 0 {
		style = mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding(" ")
	}
	return b.progress().New(max(total, 0), style,
		mpb.BarRemoveOnComplete(), mpb.BarPriority(priority),
		mpb.PrependDecorators(decor.Any(func(s decor.Statistics) string { return nameColumn(name, s.AvailableWidth) })),
		mpb.AppendDecorators(append([]decor.Decorator{counters}, more...)...))
}

// nameColumn is a name cut or filled to less than a third of the terminal, so that on a narrow one and with a long name
// the numbers stay.
func nameColumn(name string, terminal int) string {
	width := min(24, terminal*3/10)
	return runewidth.FillRight(runewidth.Truncate(name, width, "…"), width) + " "
}

func byteCounters() []decor.Decorator {
	return []decor.Decorator{
		decor.AverageSpeed(decor.SizeB1000(0), "  % .1f"),
		decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 7}), ""),
	}
}

func (b *bars) expect(files int, bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endAll()
	b.sum = 0
	clear(b.moved)
	if bytes > 0 {
		b.all = b.bar(phrase.Count(int64(files), "file"), bytes, 1<<20, decor.CountersKiloByte("% .1f of % .1f"), byteCounters()...)
	}
}

func (b *bars) registry(e registry.Event) {
	if text := explain.Note(e); text != "" {
		b.note("%s", text)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	name := phrase.Blob(e.Descriptor)
	switch e.Kind {
	case registry.Started:
		if e.Descriptor.Size >= barSize && b.files[name] == nil {
			b.files[name] = b.bar(name, e.Descriptor.Size, len(b.files), decor.CountersKiloByte("% .1f of % .1f"), byteCounters()...)
		}
	case registry.Progress:
		b.move(e.Descriptor.Digest, e.Bytes)
		if f := b.files[name]; f != nil {
			f.SetCurrent(e.Bytes)
		}
	case registry.Done:
		b.move(e.Descriptor.Digest, e.Descriptor.Size)
		if f := b.files[name]; f != nil {
			f.Abort(true)
			delete(b.files, name)
		}
	}
}

func (b *bars) move(d digest.Digest, n int64) {
	b.sum += n - b.moved[d]
	b.moved[d] = n
	if b.all != nil {
		b.all.SetCurrent(b.sum)
	}
}

// hashed shows a line once there is so much to read that it takes a while.
func (b *bars) hashed(_ string, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hashes += n; b.hashes < hashLine {
		return
	}
	line := b.files["reading"]
	if line == nil {
		line = b.bar("reading", -1, 0, decor.CurrentKiloByte("% .1f"), decor.AverageSpeed(decor.SizeB1000(0), "  % .1f"))
		b.files["reading"] = line
	}
	line.SetTotal(b.hashes+1, false)
	line.SetCurrent(b.hashes)
}

func (b *bars) rows(table string, n, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bar := b.files[table]
	if bar == nil {
		b.endAll()
		counters := decor.CurrentNoUnit("%d rows")
		if total >= 0 {
			counters = decor.CountersNoUnit("%d of %d rows")
		}
		bar = b.bar(table, total, len(b.files), counters, decor.AverageSpeed(0, "  %.0f rows/s"))
		b.files[table] = bar
	}
	if total < 0 {
		bar.SetTotal(n+1, false)
	}
	bar.SetCurrent(n)
}

// endAll takes all lines away.
func (b *bars) endAll() {
	for name, f := range b.files {
		f.Abort(true)
		delete(b.files, name)
	}
	if b.all != nil {
		b.all.Abort(true)
		b.all = nil
	}
}

// note writes above the bars.
func (b *bars) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.draw == nil {
		b.notes.note(format, args...)
		return
	}
	fmt.Fprintln(b.draw, phrase.OneLine(fmt.Sprintf(format, args...)))
}

func (b *bars) close() {
	b.mu.Lock()
	draw := b.draw
	b.endAll()
	b.draw = nil
	b.mu.Unlock()
	if draw != nil {
		draw.Wait()
	}
}
