package registry

import (
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// tally adds up what becomes of the blobs of one push or copy, and reports each. It may be used by several goroutines.
type tally struct {
	client  *Client
	subject string // where they go

	mu     sync.Mutex
	how    map[digest.Digest]How
	report PushReport
}

func newTally(c *Client, subject string, root ocispec.Descriptor) *tally {
	return &tally{client: c, subject: subject, how: map[digest.Digest]How{}, report: PushReport{Descriptor: root}}
}

func (t *tally) done(desc ocispec.Descriptor, how How) {
	t.client.opts.Notify(Event{Kind: Done, Reference: t.subject, Descriptor: desc, Bytes: desc.Size, How: how})
	t.count(desc, how)
}

// count is done without a report.
func (t *tally) count(desc ocispec.Descriptor, how How) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.how[desc.Digest] = how
	*t.account(how) += desc.Size
}

// undone takes back that a blob is where it should be.
func (t *tally) undone(desc ocispec.Descriptor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if how, ok := t.how[desc.Digest]; ok {
		*t.account(how) -= desc.Size
	}
}

func (t *tally) account(how How) *int64 {
	if how == Sent {
		return &t.report.Sent
	}
	return &t.report.Reused
}
