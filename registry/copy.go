package registry

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// LayoutPrefix begins the text form of an [Endpoint] that is a directory.
const LayoutPrefix = "oci-layout:"

// Endpoint is one side of a copy: a bundle in a registry, or in an OCI layout if Dir is set.
type Endpoint struct {
	Reference Reference
	Dir       string
	Tag       string // in the layout; may be empty
}

// ParseEndpoint reads a reference or oci-layout:DIR[:TAG]. The error is a [*ReferenceError].
func ParseEndpoint(s string) (Endpoint, error) {
	dir, isLayout := strings.CutPrefix(s, LayoutPrefix)
	if !isLayout {
		ref, err := ParseReference(s)
		return Endpoint{Reference: ref}, err
	}
	e := Endpoint{Dir: dir}
	if i := strings.LastIndexByte(dir, ':'); i > 0 && tagRule.MatchString(dir[i+1:]) && !(runtime.GOOS == "windows" && i == 1) {
		e.Dir, e.Tag = dir[:i], dir[i+1:]
	}
	if e.Dir == "" {
		return Endpoint{}, &ReferenceError{Reference: s, Reason: "no directory"}
	}
	return e, nil
}

// String is the endpoint as [ParseEndpoint] reads it.
func (e Endpoint) String() string {
	switch {
	case e.Dir == "":
		return e.Reference.String()
	case e.Tag == "":
		return LayoutPrefix + e.Dir
	}
	return LayoutPrefix + e.Dir + ":" + e.Tag
}

// CopyOptions change how [Client.Copy] works.
type CopyOptions struct {
	// Recursive takes along what refers to the bundle: signatures, SBOMs and whatever else there is, and what refers to
	// that. Cosign's own tags count as referrers.
	Recursive bool
}

// CopyReport tells what a copy did. The bytes of referrers are among those of the bundle.
type CopyReport struct {
	PushReport
	Referrers int // that are in the target now
	Missing   int // that the source lists and does not have
}

// Copy brings a bundle from one place to another, digests unchanged. Between registries the blobs stream through, and go
// on where the source was cut; from one repository of a registry to another the registry is asked to take them itself.
// What a copy that was interrupted has brought is not sent again. The tag is set last, after the referrers. Into a layout
// without tag goes the tag of the source. Errors are those of [Client.Push] and [Client.Resolve], and a [*LayoutError].
func (c *Client) Copy(ctx context.Context, from, to Endpoint, o CopyOptions) (CopyReport, error) {
	root, src, err := c.openSource(ctx, from)
	if err != nil {
		return CopyReport{}, err
	}
	along := &gathering{}
	if o.Recursive {
		if along, err = c.gather(ctx, src, root); err != nil {
			return CopyReport{}, err
		}
	}
	report := CopyReport{Referrers: along.count(), Missing: along.missing}
	if to.Dir != "" {
		if to.Tag == "" {
			to.Tag = from.Tag + from.Reference.Tag // one of them is empty
		}
		report.PushReport, err = c.copyToLayout(ctx, to, src, root, along)
		return report, err
	}
	p := &push{tally: newTally(c, to.String(), root), ref: to.Reference, src: src}
	if from.Dir == "" && from.Reference.host() == to.Reference.host() && from.Reference.Repository != to.Reference.Repository {
		p.from = from.Reference.Repository
	}
	if len(along.order) == 0 {
		err = p.run(ctx)
	} else {
		err = p.runWith(ctx, along)
	}
	report.PushReport = p.report
	return report, err
}

// runWith pushes a bundle by its digest, then what refers to it, and sets the tag last: a tag must not be seen without
// its signatures.
func (p *push) runWith(ctx context.Context, along *gathering) error {
	whole, root := p.ref, p.report.Descriptor
	if whole.Tag != "" && (whole.Digest == "" || whole.Digest == root.Digest) {
		p.ref = whole.WithDigest(root.Digest)
		p.ref.Tag = ""
	}
	if err := p.run(ctx); err != nil {
		return err
	}
	if err := (&attachment{push: p, what: along}).run(ctx); err != nil || p.ref == whole {
		return err
	}
	p.ref = whole
	have, err := p.client.standsFor(ctx, p.target())
	if err != nil {
		return err
	}
	if p.report.Previous = have; have == root.Digest {
		return nil
	}
	p.undone(root)
	return p.tag(ctx)
}

// openSource finds out what is to be copied and where to read it.
func (c *Client) openSource(ctx context.Context, from Endpoint) (ocispec.Descriptor, origin, error) {
	if from.Dir != "" {
		l := OpenLayout(from.Dir)
		root, err := l.Resolve(ctx, from.Tag)
		return root, &layoutOrigin{Layout: l}, err
	}
	s := &stream{client: c, ref: from.Reference}
	if c.opts.Offline {
		r, err := c.Resolve(ctx, from.Reference)
		return r.Descriptor, s, err
	}
	if from.Reference.version() == "" {
		return ocispec.Descriptor{}, nil, &ReferenceError{Reference: from.String(), Reason: "a tag or a digest is needed"}
	}
	var err error
	s.root, s.manifest, err = c.fetchManifest(ctx, from.Reference, false)
	return s.root, s, err
}

// copyToLayout is push for a directory. The index is changed once, so that tag and referrers come together.
func (c *Client) copyToLayout(ctx context.Context, to Endpoint, src content.Fetcher, root ocispec.Descriptor, along *gathering) (PushReport, error) {
	t := newTally(c, to.String(), root)
	manifest, err := readManifest(ctx, src, root)
	if err != nil {
		return t.report, err
	}
	own, err := blobsOf(root, manifest)
	if err != nil {
		return t.report, err
	}
	l := OpenLayout(to.Dir)
	if err := l.make(); err != nil {
		return t.report, err
	}
	if _, err := l.readIndex(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t.report, err
	}
	bring := func(ctx context.Context, desc ocispec.Descriptor) error {
		return c.retry(ctx, Event{Reference: t.subject, Descriptor: desc}, func() error {
			written, err := l.push(ctx, desc, func() (io.ReadCloser, error) { return along.open(ctx, src, desc) })
			if err == nil {
				t.done(desc, map[bool]How{true: Sent, false: Reused}[written])
			}
			return err
		}, nil)
	}
	if err := c.each(ctx, distinct(append(own, blobs(along.order)...)), bring); err != nil {
		return t.report, err
	}
	for _, d := range along.order {
		if err := bring(ctx, d.desc); err != nil {
			return t.report, err
		}
	}
	if err := bring(ctx, root); err != nil {
		return t.report, err
	}
	t.report.Previous, err = l.tag(ctx, root, to.Tag, along.order)
	return t.report, err
}
