package iristest

import "sync"

// Record collects the moments of conversations. Its zero value is ready; it is safe for concurrent use.
//
//	var r iristest.Record
//	srv.Play(r.Fault)      // once without faults
//	…
//	for i := range r.Moments() {
//		srv.Play(iristest.Each(i, iristest.Drop()))
//		…
//	}
type Record struct {
	mu      sync.Mutex
	moments []Moment
}

// Fault does nothing but remember.
func (r *Record) Fault(m Moment) Action {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.moments = append(r.moments, m)
	return Action{}
}

// Moments are those so far, in the order in which they came.
func (r *Record) Moments() []Moment {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Moment(nil), r.moments...)
}

type counter struct {
	mu sync.Mutex
	n  int
}

// next counts from 1.
func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}
