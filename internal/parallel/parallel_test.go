package parallel_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/irisfix/irisfix/internal/parallel"
)

func TestForEachVisitsEachOnceWithinTheLimit(t *testing.T) {
	var running, most atomic.Int32
	seen := make([]atomic.Int32, 100)
	err := parallel.ForEach(t.Context(), 3, len(seen), func(_ context.Context, i int) error {
		n := running.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		seen[i].Add(1)
		running.Add(-1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range seen {
		if n := seen[i].Load(); n != 1 {
			t.Errorf("item %d visited %d times", i, n)
		}
	}
	if m := most.Load(); m > 3 {
		t.Errorf("%d ran at once", m)
	}
}

func TestForEachStopsAtTheFirstError(t *testing.T) {
	boom := errors.New("boom")
	var calls atomic.Int32
	err := parallel.ForEach(t.Context(), 1, 10, func(_ context.Context, i int) error {
		calls.Add(1)
		if i == 2 {
			return boom
		}
		return nil
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if n := calls.Load(); n != 3 {
		t.Errorf("%d calls, want 3", n)
	}
}

func TestForEachReportsTheCauseOfCancellation(t *testing.T) {
	cause := errors.New("signal")
	ctx, cancel := context.WithCancelCause(t.Context())
	err := parallel.ForEach(ctx, 2, 1000, func(ctx context.Context, i int) error {
		if i == 5 {
			cancel(cause)
		}
		return nil
	})
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
}

func TestPanicBecomesAnError(t *testing.T) {
	err := parallel.ForEach(t.Context(), 2, 4, func(context.Context, int) error { panic("oh") })
	var p *parallel.PanicError
	if !errors.As(err, &p) || p.Value != "oh" || len(p.Stack) == 0 {
		t.Errorf("got %#v", err)
	}
}
