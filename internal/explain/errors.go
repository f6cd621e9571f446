package explain

import (
	"fmt"
	"syscall"
	"time"
)

// SignalError is the cause of a context that a signal has ended.
type SignalError struct{ Signal syscall.Signal }

func (e *SignalError) Error() string { return e.Signal.String() }

// DeadlineError is the cause of a context that has ended because a test must.
type DeadlineError struct{}

func (e *DeadlineError) Error() string { return "the time of the test is up" }

// ClockError reports a clock of this machine that is not that of a registry.
type ClockError struct {
	Host string
	Skew time.Duration // how far ahead this machine is
}

func (e *ClockError) Error() string {
	way := "ahead of"
	if e.Skew < 0 {
		way = "behind"
	}
	return fmt.Sprintf("the clock of this machine is %s %s that of %s", e.Skew.Abs().Round(time.Second), way, e.Host)
}
