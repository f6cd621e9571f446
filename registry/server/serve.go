package server

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/irisfix/irisfix/internal/parallel"
)

const (
	// headerTimeout is how long a client may take to send the head of a request, and maxHeader how long that may be
	// (net/http adds 4 KiB): more than any client needs, less than what would let idle connections pile up.
	headerTimeout = 10 * time.Second
	maxHeader     = 64 << 10
	// idleTimeout is longer than the pause of a client that hashes a gigabyte between two requests.
	idleTimeout = 2 * time.Minute
	// gracePeriod is how long requests under way may go on when serving ends.
	gracePeriod = 5 * time.Second
)

// Serve answers requests on l until ctx is done; then it lets those under way finish for five seconds, cuts the rest
// and returns nil. It closes l. The caller calls [Server.Close] afterwards.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	hs := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(reporter{s}, "", 0),
	}
	g, serving := parallel.NewGroup(ctx)
	g.Go(func() error {
		if err := hs.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-serving.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), gracePeriod)
		defer cancel()
		if hs.Shutdown(grace) != nil {
			return hs.Close()
		}
		return nil
	})
	return g.Wait()
}

// reporter hands the lines of net/http (broken connections, panics of a handler) to the server's report.
type reporter struct{ s *Server }

func (r reporter) Write(line []byte) (int, error) {
	r.s.report(errors.New(strings.TrimSpace(string(line))))
	return len(line), nil
}
