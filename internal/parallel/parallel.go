// Package parallel is the one way irisfix starts goroutines: bounded, waited for, the first cause kept, and a panic
// turned into an error so that no worker can end the process behind the back of the code that undoes things.
package parallel

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// PanicError is a panic in a worker.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Group is a set of goroutines that end together: the first error cancels the context of the others. Its methods may
// be called from several goroutines.
type Group struct {
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	once   sync.Once
	err    error
}

// NewGroup returns a group and the context that its members are to run under.
func NewGroup(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{cancel: cancel}, ctx
}

// Go starts fn.
func (g *Group) Go(fn func() error) {
	g.wg.Go(func() {
		if err := Protect(fn); err != nil {
			g.once.Do(func() {
				g.err = err
				g.cancel(err)
			})
		}
	})
}

// Wait returns when all members have ended, with the first error.
func (g *Group) Wait() error {
	g.wg.Wait()
	g.cancel(nil)
	return g.err
}

// ForEach calls fn for 0 to n-1, at most limit at once, in ascending order of start. It returns the first error,
// after which no further call starts, or the cause of ctx's end.
func ForEach(ctx context.Context, limit, n int, fn func(ctx context.Context, i int) error) error {
	g, ctx := NewGroup(ctx)
	next := make(chan int)
	for range min(max(limit, 1), n) {
		g.Go(func() error {
			for i := range next {
				if err := fn(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
feed:
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	stopped := context.Cause(ctx)
	if err := g.Wait(); err != nil {
		return err
	}
	return stopped
}

// Protect calls fn and returns its panic, if it panics, as a [*PanicError].
func Protect(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn()
}
