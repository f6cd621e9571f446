package registry

import (
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/registry/cache"
)

// EventKind tells what an [Event] is about and which of its fields are set.
type EventKind int

const (
	Started  EventKind = iota + 1 // a blob begins to travel, or goes on after Bytes that had come before
	Progress                      // Bytes of it have travelled; the number falls when a transfer begins again
	Done                          // the blob is where it should be; How it came there
	Retrying                      // after Wait, because of Err; Attempt is the one that failed
	Waiting                       // another process is fetching the blob
	Older                         // Bytes of the blob are taken from an older version of the file
	Damaged                       // the blob in the cache was damaged and put aside; Damage tells more
	TooSlow                       // the registry is going to end an upload before it is complete; Forecast tells more
)

// How tells how a blob came to be where it should be.
type How int

const (
	Fetched How = iota + 1 // from the registry
	Cached                 // it was in the cache
	Sent                   // to the registry or layout
	Reused                 // it was there already
	Mounted                // the registry took it from another of its repositories
)

func (h How) String() string {
	return [...]string{"", "fetched", "cached", "sent", "reused", "mounted"}[h]
}

// Event is progress, or something that users want to know and that is no failure.
type Event struct {
	Kind       EventKind
	Reference  string             // of the bundle or, for requests that concern none, the repository
	Descriptor ocispec.Descriptor // of the blob; zero for requests that concern none
	Bytes      int64
	How        How
	Wait       time.Duration
	Attempt    int
	Err        error
	Damage     *cache.DamagedError
	Forecast   *Forecast
}

// CacheEvents makes of a function that takes this package's events one for [cache.Open].
func CacheEvents(notify func(Event)) func(cache.Event) {
	return func(e cache.Event) {
		kind := Waiting
		if e.Kind == cache.Damaged {
			kind = Damaged
		}
		notify(Event{Kind: kind, Descriptor: e.Descriptor, Damage: e.Damage})
	}
}
