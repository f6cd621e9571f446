package faultproxy

import (
	"net/http"
	"time"
)

// step is how much of a body is sent at once where it matters how much was sent.
const step = 8 << 10

// CutAfter ends the connection, or with HTTP/2 the stream, after n bytes of the answer's body.
func CutAfter(n int64) Fault { return after(n, func(*http.Request) {}) }

// StallAfter sends nothing any more after n bytes of the answer's body, until the client gives up.
func StallAfter(n int64) Fault { return after(n, wait) }

func wait(r *http.Request) { <-r.Context().Done() }

// after does something after n bytes of the body, and ends the connection then.
func after(n int64, do func(*http.Request)) Fault {
	return body(func(w *rewriter, b []byte) {
		if w.sent+int64(len(b)) < n {
			w.send(b)
			return
		}
		w.send(b[:n-w.sent])
		http.NewResponseController(w.ResponseWriter).Flush() // with n = 0 the head arrives
		do(w.request)
		panic(http.ErrAbortHandler)
	})
}

// Slow sends so many bytes a second on the average.
func Slow(rate int64) Fault {
	return body(func(w *rewriter, b []byte) {
		if w.sent == 0 {
			w.began = time.Now()
		}
		w.send(b)
		due := time.Duration(float64(w.sent) / float64(rate) * float64(time.Second))
		select {
		case <-time.After(due - time.Since(w.began)):
		case <-w.request.Context().Done():
			panic(http.ErrAbortHandler)
		}
	})
}

// Flip changes the lowest bit of the byte at this offset of the answer's body.
func Flip(at int64) Fault {
	return body(func(w *rewriter, b []byte) {
		if k := at - w.sent; k >= 0 && k < int64(len(b)) {
			changed := append([]byte(nil), b...)
			changed[k] ^= 1
			b = changed
		}
		w.send(b)
	})
}

// Watch is told of each piece of an answer's body before it is sent.
func Watch(see func(bytes int)) Fault {
	return body(func(w *rewriter, b []byte) { see(len(b)); w.send(b) })
}

// body is a fault of the answer's body. What write panics with ends the connection.
func body(write func(w *rewriter, b []byte)) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rw := &rewriter{ResponseWriter: w, request: r, write: write}
			next.ServeHTTP(rw, r)
		})
	}
}

// rewriter hands each piece of a body to a fault.
type rewriter struct {
	http.ResponseWriter
	request *http.Request
	write   func(*rewriter, []byte)
	sent    int64
	began   time.Time
	err     error
}

func (w *rewriter) Write(b []byte) (n int, err error) {
	for len(b) > 0 && w.err == nil {
		k := min(step, len(b))
		w.write(w, b[:k])
		n, b = n+k, b[k:]
	}
	return n, w.err
}

func (w *rewriter) send(b []byte) {
	if len(b) > 0 && w.err == nil {
		_, w.err = w.ResponseWriter.Write(b)
	}
	w.sent += int64(len(b))
}

func (w *rewriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
