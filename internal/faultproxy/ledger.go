package faultproxy

import (
	"net/http"
	"strconv"
	"strings"
)

// Request is what a client asked for.
type Request struct {
	Method, Path string
	Header       http.Header
	Client       string // address of its end of the connection
}

// Count is what happened to the requests of one path.
type Count struct {
	Requests int
	Bytes    int64 // of answers' bodies that were given to the connection
	AtOnce   int   // the most requests that were under way at the same time
}

// ledger is what is remembered since a script was set.
type ledger struct {
	log   []Request
	paths map[string]*Count
	open  map[string]int
}

func (l *ledger) enter(r *http.Request) {
	if l.paths == nil {
		l.paths, l.open = map[string]*Count{}, map[string]int{}
	}
	l.log = append(l.log, Request{r.Method, r.URL.Path, r.Header.Clone(), r.RemoteAddr})
	c := l.of(r.URL.Path)
	c.Requests++
	l.open[r.URL.Path]++
	c.AtOnce = max(c.AtOnce, l.open[r.URL.Path])
}

func (l *ledger) of(path string) *Count {
	if l.paths == nil { // a request that is older than the script
		l.paths, l.open = map[string]*Count{}, map[string]int{}
	}
	if l.paths[path] == nil {
		l.paths[path] = &Count{}
	}
	return l.paths[path]
}

func (l *ledger) leave(r *http.Request) {
	if l.open[r.URL.Path] > 0 {
		l.open[r.URL.Path]--
	}
}

// Requests are those since the script was set, in the order in which they came.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.log...)
}

// Count is what happened to a path since the script was set.
func (p *Proxy) Count(path string) Count {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.of(path)
}

// Sent is how many bytes of bodies were sent for the paths that contain part.
func (p *Proxy) Sent(part string) (n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, c := range p.paths {
		if strings.Contains(path, part) {
			n += c.Bytes
		}
	}
	return n
}

// counted counts what is sent, and leaves nothing of it in buffers of this process.
type counted struct {
	http.ResponseWriter
	proxy *Proxy
	path  string
	sent  int64
	leave func()
}

func (c *counted) Write(b []byte) (int, error) {
	if c.sent += int64(len(b)); c.Header().Get("Content-Length") == strconv.FormatInt(c.sent, 10) {
		c.leave() // once these bytes are there the client may come with the next request
	}
	c.count(len(b)) // before they are there: who has them may look at the count
	n, err := c.ResponseWriter.Write(b)
	c.count(n - len(b))
	if err == nil {
		err = http.NewResponseController(c.ResponseWriter).Flush()
	}
	return n, err
}

func (c *counted) count(n int) {
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	c.proxy.of(c.path).Bytes += int64(n)
}

func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *counted) Flush() { http.NewResponseController(c.ResponseWriter).Flush() }
