package explain

import (
	"fmt"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry"
)

// Note is what of an event everybody wants to know; empty if that is nothing.
func Note(e registry.Event) string {
	switch e.Kind {
	case registry.Started:
		if e.Bytes > 0 {
			return fmt.Sprintf("resuming %s at %s of %s", phrase.Blob(e.Descriptor), phrase.Bytes(e.Bytes), phrase.Bytes(e.Descriptor.Size))
		}
	case registry.Older:
		return fmt.Sprintf("reusing %s of %s from an older version", phrase.Bytes(e.Bytes), phrase.Blob(e.Descriptor))
	case registry.Retrying:
		return fmt.Sprintf("retrying in %.1f s, attempt %d failed: %v", e.Wait.Seconds(), e.Attempt, e.Err)
	case registry.TooSlow:
		f := e.Forecast
		return fmt.Sprintf("warning: %s: at %s/s its upload takes %s; %s ends uploads after %s",
			phrase.Blob(e.Descriptor), phrase.Bytes(int64(f.Rate)), phrase.Minutes(f.Takes), f.Host, phrase.Minutes(f.Limit))
	case registry.Waiting:
		return fmt.Sprintf("waiting for another irisfix that fetches %s (%s)", phrase.Blob(e.Descriptor), phrase.Bytes(e.Descriptor.Size))
	case registry.Damaged:
		return fmt.Sprintf("warning: the cached copy of %s was damaged and is put aside: %s", e.Descriptor.Digest, e.Damage.Quarantine)
	}
	return ""
}
