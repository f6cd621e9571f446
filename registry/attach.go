package registry

import (
	"context"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/parallel"
)

// attachment brings what refers to a bundle to the repository where the bundle is.
type attachment struct {
	*push
	what *gathering

	listed map[digest.Digest]bool // by the repository, as referrers

	mu       sync.Mutex
	unlisted map[digest.Digest][]*document // by what they are about: the registry does not list them itself
}

func (a *attachment) run(ctx context.Context) error {
	if err := a.askLists(ctx); err != nil {
		return err
	}
	waves := a.what.waves()
	var wanted []*document
	for i, wave := range waves {
		absent, err := a.absent(ctx, wave)
		if err != nil {
			return err
		}
		waves[i] = absent
		wanted = append(wanted, absent...)
	}
	if err := a.client.each(ctx, a.others(blobs(wanted)), a.bring); err != nil {
		return err
	}
	for _, wave := range waves {
		if err := a.inParallel(ctx, wave, a.put); err != nil {
			return err
		}
	}
	for subject, documents := range a.unlisted {
		if err := a.client.listReferrers(ctx, a.ref, subject, documents); err != nil {
			return err
		}
	}
	return nil
}

// askLists finds out what the repository lists already.
func (a *attachment) askLists(ctx context.Context) error {
	a.listed, a.unlisted = map[digest.Digest]bool{}, map[digest.Digest][]*document{}
	var subjects []ocispec.Descriptor
	for _, d := range a.what.order {
		if d.subject != "" {
			subjects = append(subjects, ocispec.Descriptor{Digest: d.subject})
		}
	}
	return a.client.each(ctx, distinct(subjects), func(ctx context.Context, subject ocispec.Descriptor) error {
		list, err := a.client.referrers(ctx, a.ref, subject.Digest, true)
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, d := range list {
			a.listed[d.Digest] = true
		}
		return err
	})
}

// absent returns those of the documents that must be sent. Those that are there, and listed if they have to be, count as
// being there with their blobs.
func (a *attachment) absent(ctx context.Context, documents []*document) (absent []*document, _ error) {
	err := a.inParallel(ctx, documents, func(ctx context.Context, d *document) error {
		there := d.subject == "" || a.listed[d.desc.Digest]
		if there {
			// Not only asked for: some registries keep what a broken connection has left of an image manifest.
			have, err := a.client.standsFor(ctx, a.place(d))
			if err != nil && !isMismatch(err) {
				return err
			}
			there = have == d.desc.Digest && err == nil
		}
		if there {
			for _, b := range a.others(d.blobs) {
				a.done(b, Reused)
			}
			a.done(d.desc, Reused)
			return nil
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		absent = append(absent, d)
		return nil
	})
	return absent, err
}

// others leaves out what is accounted for.
func (a *attachment) others(blobs []ocispec.Descriptor) (rest []ocispec.Descriptor) {
	a.tally.mu.Lock()
	defer a.tally.mu.Unlock()
	for _, b := range blobs {
		if _, accounted := a.how[b.Digest]; !accounted {
			rest = append(rest, b)
		}
	}
	return rest
}

// place is where a document belongs.
func (a *attachment) place(d *document) Reference {
	at := a.ref.WithDigest(d.desc.Digest)
	if at.Tag = d.tag; d.tag != "" {
		at.Digest = ""
	}
	return at
}

// put sends a document.
func (a *attachment) put(ctx context.Context, d *document) error {
	at := a.place(d)
	listed, err := a.client.putDocument(ctx, at, Event{Reference: at.String()}, d.desc.MediaType, d.data, nil)
	if err != nil {
		return err
	}
	a.done(d.desc, Sent)
	if d.subject != "" && !listed && !a.listed[d.desc.Digest] {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.unlisted[d.subject] = append(a.unlisted[d.subject], d)
	}
	return nil
}

// inParallel calls fn for all documents, as many at once as are small.
func (a *attachment) inParallel(ctx context.Context, documents []*document, fn func(context.Context, *document) error) error {
	return parallel.ForEach(ctx, smallLanes*a.client.opts.Concurrency, len(documents), func(ctx context.Context, i int) error {
		return fn(ctx, documents[i])
	})
}
