package sandbox

import (
	"context"
	"errors"
	mathrand "math/rand/v2"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
)

const (
	// lockPatience is how long others may go on loading into the same namespace, one after the other. Each attempt waits
	// for the lock itself, 10 seconds.
	lockPatience = 10 * time.Minute
	// licencePatience is how long others may have all connections that the licence allows.
	licencePatience = time.Minute
	pause           = 100 * time.Millisecond
)

// patiently does something again that was refused because of others, as long as it may help to wait. Nothing of it may be
// left when it was refused.
func (v *server) patiently(ctx context.Context, fn func() error) error {
	for began, waited := time.Now(), false; ; waited = true {
		err := fn()
		wait, what := busy(err)
		if time.Since(began) >= wait {
			return err
		}
		if !waited {
			v.opts.Wait(what + " " + v.target())
		}
		select {
		case <-time.After(pause + mathrand.N(pause)): // so that those who wait do not come all at once
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// busy is how long to wait for what others have: the record of loads of a namespace, or all connections that the licence
// allows.
func busy(err error) (wait time.Duration, what string) {
	var undo *loader.RollbackError
	var storage *loader.StorageError
	var refused *client.LoginError
	switch {
	case errors.As(err, &undo):
	case errors.As(err, &storage) && storage.Locked:
		return lockPatience, "others who load into"
	case errors.As(err, &refused) && refused.Reason() == client.LicenceExceeded:
		return licencePatience, "a free connection to"
	}
	return 0, ""
}
