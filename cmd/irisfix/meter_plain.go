package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry"
)

// plainEvery is how often a line tells how far a long operation is.
const plainEvery = 10 * time.Second

// plain writes a line now and then, for logs.
type plain struct {
	notes
	mu     sync.Mutex
	last   time.Time
	files  int
	bytes  int64
	moved  map[digest.Digest]int64
	began  time.Time
	hashes int64
}

func newPlain(n notes) *plain {
	return &plain{notes: n, last: time.Now(), moved: map[digest.Digest]int64{}}
}

func (p *plain) expect(files int, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files, p.bytes = files, bytes
	clear(p.moved)
	p.began = time.Time{}
}

func (p *plain) registry(e registry.Event) {
	p.notes.registry(e)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case registry.Started:
		if p.began.IsZero() {
			p.began, p.last = time.Now(), time.Now()
		}
	case registry.Progress:
		p.moved[e.Descriptor.Digest] = e.Bytes
	case registry.Done:
		p.moved[e.Descriptor.Digest] = e.Descriptor.Size
	}
	p.line(func() string {
		sum := int64(0)
		for _, n := range p.moved {
			sum += n
		}
		return transferText(sum, p.bytes, time.Since(p.began))
	})
}

// line writes a line if the last one is long ago.
func (p *plain) line(text func() string) {
	if time.Since(p.last) >= plainEvery {
		p.last = time.Now()
		p.note("%s", text())
	}
}

// transferText tells how far a transfer is, how fast, and how long it will take.
func transferText(done, total int64, since time.Duration) string {
	rate := float64(done) / max(since.Seconds(), 0.001)
	s := phrase.Bytes(done)
	if total > 0 {
		s += fmt.Sprintf(" of %s, %d %%", phrase.Bytes(total), 100*done/total)
	}
	s += fmt.Sprintf(", %s/s", phrase.Bytes(int64(rate)))
	if total > done && rate > 0 {
		s += fmt.Sprintf(", %s left", (time.Duration(float64(total-done)/rate) * time.Second).Round(time.Second))
	}
	return s
}

func (p *plain) hashed(file string, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hashes += n
	p.line(func() string { return fmt.Sprintf("reading: %s read", phrase.Bytes(p.hashes)) })
}

func (p *plain) rows(table string, n, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line(func() string {
		if total < 0 {
			return fmt.Sprintf("%s: %s", table, phrase.Count(n, "row"))
		}
		return fmt.Sprintf("%s: %s of %s", table, phrase.Number(n), phrase.Count(total, "row"))
	})
}
