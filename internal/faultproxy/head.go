package faultproxy

import (
	"fmt"
	"net/http"
	"strings"
)

// Answer answers by itself: with a status, headers given as name and value by turns, and a body.
func Answer(status int, body string, headers ...string) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Add(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		})
	}
}

// Silence never answers.
func Silence() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { wait(r); panic(http.ErrAbortHandler) })
	}
}

// Header makes a header of the answer have these values, or be absent without any.
func Header(name string, values ...string) Fault {
	return head(func(h http.Header, status int) int {
		if h.Del(name); len(values) > 0 {
			h[http.CanonicalHeaderKey(name)] = values
		}
		return status
	})
}

// Status makes the answer have another status, and leaves it as it is otherwise.
func Status(number int) Fault { return head(func(http.Header, int) int { return number }) }

// head is a fault of status and headers.
func head(change func(http.Header, int) int) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&headWriter{ResponseWriter: w, change: change}, r)
		})
	}
}

type headWriter struct {
	http.ResponseWriter
	change func(http.Header, int) int
	done   bool
}

func (w *headWriter) WriteHeader(status int) {
	if !w.done {
		w.done = true
		w.ResponseWriter.WriteHeader(w.change(w.Header(), status))
	}
}

func (w *headWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

func (w *headWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// NoRanges answers as a server that does not know ranges: with everything and 200.
func NoRanges() Fault { return ask(func(h http.Header) { h.Del("Range") }) }

// RangeInstead gives the server another range than the client asked for, so that the answer is about that.
func RangeInstead(start, end int64) Fault {
	return ask(func(h http.Header) { h.Set("Range", fmt.Sprintf("bytes=%d-%d", start, end-1)) })
}

// ask changes what the server is asked for.
func ask(change func(http.Header)) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			change(r.Header)
			next.ServeHTTP(w, r)
		})
	}
}

// All puts faults around each other; the first is nearest to the client.
func All(faults ...Fault) Fault {
	return func(next http.Handler) http.Handler {
		for i := len(faults) - 1; i >= 0; i-- {
			next = faults[i](next)
		}
		return next
	}
}

// On is a script that lets a fault happen to the requests that begin so ("GET /v2/x/blobs/"), to the first times of
// them; with 0 to all.
func On(prefix string, times int, f Fault) Script {
	seen := make(chan struct{}, max(times, 1))
	return func(r *http.Request, _ int) Fault {
		if !strings.HasPrefix(r.Method+" "+r.URL.Path, prefix) {
			return nil
		}
		if times == 0 {
			return f
		}
		select {
		case seen <- struct{}{}:
			return f
		default:
			return nil
		}
	}
}
