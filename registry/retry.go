package registry

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// firstWait is the mean wait before the second attempt; it doubles with each further one. It is also the least wait
// where a registry asks for next to none: GHCR's 429 ask for a millisecond.
const firstWait = 500 * time.Millisecond

// retry calls attempt until it succeeds, fails for good, or has failed often enough. It is the only place that decides
// so, but for a blob that goes on while it is read, see arriving. What the attempts are about goes into events.
// settled, which may be nil, is asked after a failure that may be a success whose answer was lost.
func (c *Client) retry(ctx context.Context, about Event, attempt func() error, settled func() bool) error {
	return c.retryMoving(ctx, about, func() (bool, error) { return false, attempt() }, settled)
}

// retryMoving is retry for what need not begin again from nothing: an attempt that has moved a good deal forward counts
// as the first.
func (c *Client) retryMoving(ctx context.Context, about Event, attempt func() (moved bool, err error), settled func() bool) error {
	mismatched := false
	for n := 1; ; n++ {
		moved, err := attempt()
		if err == nil {
			return nil
		}
		if moved {
			n = 1
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		// Wrong bytes are fetched once more: they may have been changed on the way.
		if again := isMismatch(err) && !mismatched; !again && !temporary(err) {
			return err
		}
		mismatched = mismatched || isMismatch(err)
		if settled != nil && ambiguous(err) && settled() {
			return nil
		}
		if n >= c.opts.Retry.Attempts {
			return err
		}
		if err := c.pause(ctx, about, n, err); err != nil {
			return err
		}
	}
}

// pause waits after the n-th failure.
func (c *Client) pause(ctx context.Context, about Event, n int, err error) error {
	about.Kind, about.Attempt, about.Err, about.Wait = Retrying, n, err, c.wait(n, err)
	c.opts.Notify(about)
	timer := time.NewTimer(about.Wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ambiguous reports a failure after which the request may have been carried out.
func ambiguous(err error) bool {
	var network *NetworkError
	var status *StatusError
	return errors.As(err, &network) || errors.As(err, &status) && (status.Status >= 500 || status.Status == http.StatusRequestTimeout)
}

// wait is how long to wait after the n-th failure: the doubled first wait with jitter, or what the registry asks for
// if that is longer, in either case no longer than the limit.
func (c *Client) wait(n int, err error) time.Duration {
	wait := time.Duration(float64(firstWait<<min(n-1, 16)) * (0.5 + rand.Float64()))
	var status *StatusError
	if errors.As(err, &status) && status.RetryAfter > wait {
		wait = status.RetryAfter
	}
	return min(wait, c.opts.Retry.MaxWait)
}

// retryAfter reads the header of this name, RFC 9110 section 10.2.3: seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	const forever = 1 << 31 // seconds; what is longer is as good as that
	if n, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(n, forever)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// aboutBlob is the event that tells about a blob on its way.
func aboutBlob(ref Reference, desc ocispec.Descriptor) Event {
	return Event{Reference: ref.String(), Descriptor: desc}
}
