package registry

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// limits are what a registry is known to refuse. Zero is no limit that is known.
type limits struct {
	host   string        // and those below it
	blob   int64         // bytes
	upload time.Duration // after which it ends the upload of a blob
}

// knownLimits are those that registries publish. That of image manifests is [MaxImageManifest] everywhere.
var knownLimits = []limits{
	// "10 GB size limit for each layer", "10 minute timeout limit for uploads":
	// https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry#troubleshooting
	{host: "ghcr.io", blob: 10e9, upload: 10 * time.Minute},
}

func limitsOf(host string) limits {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	for _, l := range knownLimits {
		if host == l.host || strings.HasSuffix(host, "."+l.host) {
			return l
		}
	}
	return limits{}
}

// LimitError says that a registry takes no blobs as large as these. It is [ErrRefused], as the answer would be if they
// were sent, and comes before anything is sent.
type LimitError struct {
	Host  string
	Limit int64                // bytes
	Blobs []ocispec.Descriptor // the larger ones
}

func (e *LimitError) Error() string {
	text := fmt.Sprintf("%s: a blob has at most %d bytes", e.Host, e.Limit)
	for _, b := range e.Blobs {
		text += fmt.Sprintf("; %s has %d", b.Digest, b.Size)
	}
	return text
}
func (e *LimitError) Is(target error) bool { return target == ErrRefused }

// acceptable returns a [*LimitError] if there are blobs that the registry would refuse.
func (c *Client) acceptable(to Reference, blobs []ocispec.Descriptor) error {
	e := &LimitError{Host: to.host(), Limit: c.limits(to.host()).blob}
	for _, b := range blobs {
		if e.Limit > 0 && b.Size > e.Limit {
			e.Blobs = append(e.Blobs, b)
		}
	}
	if len(e.Blobs) > 0 {
		return e
	}
	return nil
}

// Forecast says that at the rate of a transfer the registry will have ended it before it is complete.
type Forecast struct {
	Host  string
	Rate  float64       // bytes a second
	Takes time.Duration // for the whole blob, at this rate
	Limit time.Duration
}

// measureFor is how long an upload runs before its rate is believed. Until then what shows is how much fits into
// buffers on the way, and how a connection gathers speed.
const measureFor = 10 * time.Second

// pace measures how fast a blob travels.
type pace struct {
	mu    sync.Mutex
	since time.Time
	from  int64 // bytes that were there before
	told  bool
}

// begin says that the blob begins to travel, or goes on.
func (p *pace) begin(from int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since, p.from = time.Now(), from
}

// measure tells once if an upload will take too long. n bytes of it have travelled.
func (u *upload) measure(n int64) {
	limit := u.client.limits(u.to.host()).upload
	if limit == 0 {
		return
	}
	u.pace.mu.Lock()
	took, came := time.Since(u.pace.since), n-u.pace.from
	u.pace.mu.Unlock()
	if took >= u.client.measureFor && came > 0 {
		u.client.rates.Store(u.to.host(), float64(came)/max(took, 1).Seconds())
		u.foresee()
	}
}

// foresee tells once if at the latest rate of uploads to the host this one will take too long.
func (u *upload) foresee() {
	rate, known := u.client.rates.Load(u.to.host())
	if !known {
		return
	}
	f := &Forecast{Host: u.to.host(), Rate: rate.(float64), Limit: u.client.limits(u.to.host()).upload}
	f.Takes = time.Duration(float64(u.desc.Size) / f.Rate * float64(time.Second))
	u.pace.mu.Lock()
	tell := f.Takes > f.Limit && !u.pace.told
	u.pace.told = u.pace.told || tell
	u.pace.mu.Unlock()
	if tell {
		e := aboutBlob(u.to, u.desc)
		e.Kind, e.Forecast = TooSlow, f
		u.client.opts.Notify(e)
	}
}
