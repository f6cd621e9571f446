package registry

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
)

// PushOptions change how [Client.Push] works.
type PushOptions struct {
	// NoClobber refuses to move a tag that stands for something else, with a [*ClobberError]. Registries cannot do
	// that in one step: of two pushes at the same instant both may succeed.
	NoClobber bool

	// Brought are blobs that [Client.PushBlobs] has brought to the repository just now.
	Brought map[digest.Digest]How

	// Unremembered leaves the cache alone, for what is no bundle that somebody will look at.
	Unremembered bool
}

// PushReport tells what a push did.
type PushReport struct {
	Descriptor ocispec.Descriptor // of the image manifest
	Previous   digest.Digest      // what the tag stood for before; empty if it was new
	Sent       int64              // bytes that travelled, the image manifest included
	Reused     int64              // bytes that the registry had, or took from another of its repositories
}

// Push brings the bundle with the image manifest root from src to a registry and points ref's tag at it. Blobs go
// before the image manifest, which goes with its tag in the last request; until then nothing refers to them. What the
// present image manifest of the tag, or of a neighbouring tag, is made of counts as being there. src is asked for a
// blob as often as it must be sent, and from several goroutines.
//
// If the tag stands for root already, that is found with the first request, and it is the only one.
//
// Errors: a [*ReferenceError] without tag and digest or with another digest, errdef.ErrSizeExceedsLimit and
// errdef.ErrUnsupported for image manifests that are too large or none, a [*LimitError], a [*ClobberError], a
// [*MismatchError] if src gives other bytes than it should, those of the network.
func (c *Client) Push(ctx context.Context, ref Reference, src content.Fetcher, root ocispec.Descriptor, o PushOptions) (PushReport, error) {
	p := &push{tally: newTally(c, ref.String(), root), ref: ref, src: src, noClobber: o.NoClobber, brought: o.Brought}
	if err := p.run(ctx); err != nil {
		return p.report, err
	}
	if !o.Unremembered {
		p.remember(ctx)
	}
	return p.report, nil
}

// push is one push under way.
type push struct {
	*tally
	ref       Reference
	src       content.Fetcher
	noClobber bool
	from      string // repository of the same registry that has all blobs, or empty
	brought   map[digest.Digest]How

	manifest []byte
	blobs    []ocispec.Descriptor
	there    presence
}

func (p *push) run(ctx context.Context) (err error) {
	root := p.report.Descriptor
	switch {
	case p.ref.version() == "":
		return &ReferenceError{Reference: p.ref.String(), Reason: "a tag is needed"}
	case p.ref.Digest != "" && p.ref.Digest != root.Digest:
		return &ReferenceError{Reference: p.ref.String(), Reason: "the bundle has another digest: " + root.Digest.String()}
	}
	if p.manifest, err = readManifest(ctx, p.src, root); err != nil {
		return err
	}
	if p.blobs, err = blobsOf(root, p.manifest); err != nil {
		return err
	}
	if err = p.client.acceptable(p.ref, p.blobs); err != nil {
		return err
	}
	if p.there, err = p.look(ctx); err != nil {
		return err
	}
	if p.report.Previous == root.Digest {
		for _, d := range p.blobs {
			p.isThere(d)
		}
		p.done(root, Reused)
		return nil
	}
	if err := p.allowed(); err != nil {
		return err
	}
	if err := p.client.each(ctx, p.blobs, p.bring); err != nil {
		return err
	}
	return p.tag(ctx)
}

func (p *push) allowed() error {
	if have, want := p.report.Previous, p.report.Descriptor.Digest; p.noClobber && have != "" && have != want {
		return &ClobberError{Reference: p.ref.String(), Have: have, Want: want}
	}
	return nil
}

// bring makes sure that a blob is there.
func (p *push) bring(ctx context.Context, desc ocispec.Descriptor) error {
	if _, ok := p.brought[desc.Digest]; ok || p.there.known[desc.Digest] {
		p.isThere(desc)
		return nil
	}
	if !p.there.ask(desc) {
		return p.send(ctx, desc)
	}
	how, err := p.client.bring(ctx, p.ref, desc, p.src, p.from)
	if err == nil {
		p.done(desc, how)
	}
	return err
}

// isThere accounts for a blob that need not be sent.
func (p *push) isThere(desc ocispec.Descriptor) {
	if how, ok := p.brought[desc.Digest]; ok {
		p.count(desc, how) // who brought it has told of it
		return
	}
	p.done(desc, Reused)
}

func (p *push) send(ctx context.Context, desc ocispec.Descriptor) error {
	how, err := p.client.upload(ctx, p.ref, desc, p.src, p.from)
	if err == nil {
		p.done(desc, how)
	}
	return err
}

// tag sends the image manifest under its tag. If the registry refuses because it lacks a blob after all, every blob is
// asked for, what is missing is sent, and the image manifest once more.
func (p *push) tag(ctx context.Context) error {
	if p.noClobber { // the blobs may have taken long
		have, err := p.client.standsFor(ctx, p.target())
		if err != nil {
			return err
		}
		p.report.Previous = have
		if err := p.allowed(); err != nil {
			return err
		}
	}
	err := p.putManifest(ctx)
	if !lacksBlob(err) {
		return err
	}
	err = p.client.each(ctx, p.blobs, func(ctx context.Context, desc ocispec.Descriptor) error {
		there, err := p.client.has(ctx, p.ref, desc)
		if err != nil || there {
			return err
		}
		p.undone(desc)
		return p.send(ctx, desc)
	})
	if err != nil {
		return err
	}
	return p.putManifest(ctx)
}

// lacksBlob reports a refusal of an image manifest that a missing blob can be the reason of. Registries use several
// codes for that.
func lacksBlob(err error) bool {
	return isStatus(err, http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity)
}

func (p *push) putManifest(ctx context.Context) error {
	root, c := p.report.Descriptor, p.client
	_, err := c.putDocument(ctx, p.target(), aboutBlob(p.ref, root), root.MediaType, p.manifest, func() bool {
		have, _, err := c.askManifest(ctx, p.target(), true)
		return err == nil && have.Digest == root.Digest
	})
	if err == nil {
		p.done(root, Sent)
	}
	return err
}

// standsFor asks for the digest that a reference stands for; it is empty if there is nothing.
func (c *Client) standsFor(ctx context.Context, ref Reference) (digest.Digest, error) {
	desc, _, err := c.fetchManifest(ctx, ref, true)
	if errors.Is(err, errdef.ErrNotFound) {
		return "", nil
	}
	return desc.Digest, err
}

// remember keeps image manifest and config, so that what was just pushed can be looked at without a request. That is
// a convenience; the push has succeeded whether or not the cache can be written.
func (p *push) remember(ctx context.Context) {
	store := p.client.opts.Cache
	if store == nil {
		return
	}
	root := p.report.Descriptor
	if store.StoreBytes(ctx, root, p.manifest) != nil {
		return
	}
	if config := p.blobs[0]; config.Size <= MaxImageManifest {
		if f, err := p.src.Fetch(ctx, config); err == nil {
			data, _ := io.ReadAll(io.LimitReader(f, config.Size+1))
			f.Close()
			_ = store.StoreBytes(ctx, config, data)
		}
	}
	_ = store.Remember(p.ref.WithDigest("").String(), root)
}
