package main

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// line is a line of so many bytes a second that all answers share.
type line struct {
	rate int64
	mu   sync.Mutex
	free time.Time // when what was promised so far is through
}

// narrow makes the bodies of answers come over one line.
func narrow(rate int64) func(*http.Response) error {
	l := &line{rate: rate}
	return func(r *http.Response) error {
		if rate > 0 {
			r.Body = &narrowed{r.Body, l}
		}
		return nil
	}
}

type narrowed struct {
	io.ReadCloser
	line *line
}

func (n *narrowed) Read(p []byte) (int, error) {
	k, err := n.ReadCloser.Read(p[:min(len(p), 16<<10)])
	n.line.pass(k)
	return k, err
}

// pass waits until so many bytes are through.
func (l *line) pass(n int) {
	l.mu.Lock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(n) * time.Second / time.Duration(l.rate))
	until := l.free
	l.mu.Unlock()
	time.Sleep(time.Until(until))
}
