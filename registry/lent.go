package registry

import (
	"context"
	"io"
	"sync"
)

// lent is memory that is the body of a request. net/http may go on reading a body after it has returned an answer, so
// the memory is taken back before it is used for something else.
type lent struct {
	progress func(int64)

	mu   sync.Mutex
	data []byte
}

func (l *lent) open(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(&lentReader{of: l}), nil
}

func (l *lent) takeBack() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.data = nil
}

type lentReader struct {
	of *lent
	at int
}

func (r *lentReader) Read(p []byte) (int, error) {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if r.at >= len(r.of.data) {
		return 0, io.EOF
	}
	n := copy(p, r.of.data[r.at:])
	r.at += n
	r.of.progress(int64(r.at))
	return n, nil
}
