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

// Copy brings a bundle from one place to another, digests unchanged. Between registries the blobs stream through; from
// one repository of a registry to another the registry is asked to take them itself. Into a layout without tag goes
// the tag of the source. Errors are those of [Client.Push] and [Client.Resolve], and a [*LayoutError].
func (c *Client) Copy(ctx context.Context, from, to Endpoint) (PushReport, error) {
	root, src, err := c.openSource(ctx, from)
	if err != nil {
		return PushReport{}, err
	}
	if to.Dir != "" {
		if to.Tag == "" {
			to.Tag = from.Tag + from.Reference.Tag // one of them is empty
		}
		return c.copyToLayout(ctx, to, src, root)
	}
	p := &push{tally: newTally(c, to.String(), root), ref: to.Reference, src: src}
	if from.Dir == "" && from.Reference.host() == to.Reference.host() && from.Reference.Repository != to.Reference.Repository {
		p.from = from.Reference.Repository
	}
	err = p.run(ctx)
	return p.report, err
}

// openSource finds out what is to be copied and where to read it.
func (c *Client) openSource(ctx context.Context, from Endpoint) (ocispec.Descriptor, content.Fetcher, error) {
	if from.Dir != "" {
		l := OpenLayout(from.Dir)
		root, err := l.Resolve(ctx, from.Tag)
		return root, l, err
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

// copyToLayout is push for a directory.
func (c *Client) copyToLayout(ctx context.Context, to Endpoint, src content.Fetcher, root ocispec.Descriptor) (PushReport, error) {
	t := newTally(c, to.String(), root)
	manifest, err := readManifest(ctx, src, root)
	if err != nil {
		return t.report, err
	}
	blobs, err := blobsOf(root, manifest)
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
			written, err := l.push(ctx, desc, func() (io.ReadCloser, error) { return src.Fetch(ctx, desc) })
			if err == nil {
				t.done(desc, map[bool]How{true: Sent, false: Reused}[written])
			}
			return err
		}, nil)
	}
	if err := c.each(ctx, blobs, bring); err != nil {
		return t.report, err
	}
	if err := bring(ctx, root); err != nil {
		return t.report, err
	}
	t.report.Previous, err = l.tag(ctx, root, to.Tag)
	return t.report, err
}
