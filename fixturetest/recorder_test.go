package fixturetest_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorder is a test that may fail without anybody minding.
type recorder struct {
	testing.TB // nil: what is not below is not used
	name       string
	deadline   time.Time // zero: none

	mu       sync.Mutex
	said     strings.Builder // what was logged, and why it failed
	failed   bool
	cleanups []func()
}

func (r *recorder) Name() string { return r.name }
func (r *recorder) Helper()      {}
func (r *recorder) Failed() bool { return r.failed }
func (r *recorder) Log(a ...any) { r.say(fmt.Sprintln(a...)) }
func (r *recorder) Fatal(a ...any) {
	r.Error(a...)
	runtime.Goexit()
}

func (r *recorder) Logf(format string, a ...any) { r.say(fmt.Sprintf(format+"\n", a...)) }

func (r *recorder) Error(a ...any) {
	r.failed = true
	r.Log(a...)
}

func (r *recorder) say(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said.WriteString(text)
}

// TempDir is there until everything else is cleaned up, as in package testing.
func (r *recorder) TempDir() string {
	dir, err := os.MkdirTemp("", "fixturetest-")
	if err != nil {
		r.Fatal(err)
	}
	r.cleanups = slices.Insert(r.cleanups, 0, func() { os.RemoveAll(dir) })
	return dir
}

func (r *recorder) Cleanup(fn func())                 { r.cleanups = append(r.cleanups, fn) }
func (r *recorder) Deadline() (at time.Time, ok bool) { return r.deadline, !r.deadline.IsZero() }

// run runs the body of a test and what is to be done at its end, and returns what was said.
func (r *recorder) run(body func(tb testing.TB)) string {
	ctx, cancel := context.WithCancel(context.Background())
	in := func(fn func()) { // a goroutine that Fatal can end
		var wg sync.WaitGroup
		wg.Go(fn)
		wg.Wait()
	}
	in(func() { body(&bounded{r, ctx}) })
	cancel()
	for _, fn := range slices.Backward(r.cleanups) {
		in(fn)
	}
	return r.said.String()
}

// bounded is a test with a context that ends before its cleanups begin, as those of package testing do.
type bounded struct {
	*recorder
	ctx context.Context
}

func (b *bounded) Context() context.Context { return b.ctx }

// goTest runs a test as go test does, for examples.
func goTest(test func(testing.TB)) {
	r := &recorder{name: "TestOfAnExample"}
	if said := r.run(test); r.failed {
		panic(said)
	}
}
