package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// referrersPrefix begins the tags under which registries without a referrers API keep the lists of them, and the tags of
// cosign's own scheme (distribution-spec, "Referrers Tag Schema").
const referrersPrefix = "sha256-"

// referrersTag is ref with the tag that lists what refers to a digest.
func referrersTag(ref Reference, subject digest.Digest) Reference {
	ref = ref.WithDigest("")
	ref.Tag = referrersPrefix + subject.Encoded()
	return ref
}

// errNoReferrersAPI says that a registry does not know which image manifests refer to another.
var errNoReferrersAPI = errors.New("the registry has no referrers API")

// referrers lists what refers to an image manifest, from the registry's API or, where that is missing, from the tag that
// stands in for it (distribution-spec, "Listing Referrers"). What it says is not verified.
func (c *Client) referrers(ctx context.Context, ref Reference, subject digest.Digest, push bool) ([]ocispec.Descriptor, error) {
	list, err := c.askReferrers(ctx, ref, subject, push)
	if !errors.Is(err, errNoReferrersAPI) {
		return list, err
	}
	desc, data, err := c.fetchManifest(ctx, referrersTag(ref, subject), push)
	if errors.Is(err, errdef.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if desc.MediaType != ocispec.MediaTypeImageIndex {
		return nil, nil // a tag of somebody's that only looks like one
	}
	return referrersIn(ref, "manifests/"+desc.Digest.String(), data)
}

// askReferrers asks the API, page by page.
func (c *Client) askReferrers(ctx context.Context, ref Reference, subject digest.Digest, push bool) (list []ocispec.Descriptor, err error) {
	seen := map[string]bool{}
	r := &request{method: http.MethodGet, ref: ref, resource: "referrers/" + subject.String(), push: push, stays: true,
		header: http.Header{"Accept": {ocispec.MediaTypeImageIndex}}}
	for {
		var page []ocispec.Descriptor
		var next *url.URL
		err := c.retry(ctx, Event{Reference: ref.Name()}, func() error {
			page, next, err = c.referrersPage(ctx, r)
			return err
		}, nil)
		switch {
		case r.target != nil && errors.Is(err, errNoReferrersAPI):
			return nil, &ProtocolError{Host: ref.host(), Resource: r.subject(), Reason: "not a list of referrers"}
		case err != nil:
			return nil, err
		}
		list = append(list, page...)
		switch {
		case next == nil || len(list) > maxReferrers: // who asked says that these are too many
			return list, nil
		case seen[next.String()] || len(page) == 0:
			return nil, &ProtocolError{Host: ref.host(), Resource: r.subject(), Reason: "pages without end"}
		}
		seen[next.String()] = true
		r.target = next
	}
}

// withoutAPI are the answers of registries that do not know the API. 303 is GHCR's, and leads to a web page.
var withoutAPI = []int{http.StatusSeeOther, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed,
	http.StatusNotAcceptable, http.StatusNotImplemented}

func (c *Client) referrersPage(ctx context.Context, r *request) ([]ocispec.Descriptor, *url.URL, error) {
	resp, err := c.do(ctx, r)
	if isStatus(err, withoutAPI...) {
		return nil, nil, errNoReferrersAPI
	} else if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, MaxImageManifest+1))
	if err != nil {
		return nil, nil, err
	}
	contentType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if contentType != ocispec.MediaTypeImageIndex && mediaTypeOf(data) != ocispec.MediaTypeImageIndex {
		return nil, nil, errNoReferrersAPI // a web page, say
	}
	list, err := referrersIn(r.ref, r.resource, data)
	return list, nextPage(resp), err
}

// referrersIn reads the index that a registry gave as a list of referrers.
func referrersIn(ref Reference, resource string, data []byte) ([]ocispec.Descriptor, error) {
	odd := func(reason string) ([]ocispec.Descriptor, error) {
		return nil, &ProtocolError{Host: ref.host(), Resource: ref.Repository + "/" + resource, Reason: "list of referrers: " + reason}
	}
	var x struct {
		Manifests []ocispec.Descriptor `json:"manifests"`
	}
	if len(data) > MaxImageManifest {
		return odd(fmt.Sprintf("larger than %d bytes", MaxImageManifest))
	}
	if err := strictjson.Decode(data, &x); err != nil {
		return odd(err.Error())
	}
	for i, d := range x.Manifests {
		if !sound(d) {
			return odd("a descriptor without SHA-256 or size")
		}
		x.Manifests[i] = ocispec.Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size}
	}
	return distinct(x.Manifests), nil
}

// listings is how often a list of referrers is written while others write over it.
const listings = 5

// listReferrers adds to the tag that lists what refers to subject, in a registry without the API. The specification has
// no protection from others who do so at the same time; so the list is read again until it has all of them.
func (c *Client) listReferrers(ctx context.Context, ref Reference, subject digest.Digest, documents []*document) error {
	at := referrersTag(ref, subject)
	odd := func(reason string) error {
		return &ProtocolError{Host: ref.host(), Resource: ref.Repository + "/manifests/" + at.Tag, Reason: "list of referrers: " + reason}
	}
	for range listings {
		desc, data, err := c.fetchManifest(ctx, at, true)
		x := newIndex()
		switch {
		case err == nil && desc.MediaType != ocispec.MediaTypeImageIndex:
			return odd("not an index")
		case err == nil:
			if x, err = parseIndex(data); err != nil {
				return odd(err.Error())
			}
		case !errors.Is(err, errdef.ErrNotFound):
			return err
		}
		missing := slices.DeleteFunc(slices.Clone(documents), func(d *document) bool { return x.has(d.desc.Digest) })
		if len(missing) == 0 {
			return nil
		}
		for _, d := range missing {
			if _, err := x.put(named(d.desc, "")); err != nil {
				return err
			}
		}
		if data, err = x.encode(); err != nil {
			return err
		}
		if len(data) > MaxImageManifest {
			return fmt.Errorf("%s: list of %d referrers: %w", at, len(x.entries), errdef.ErrSizeExceedsLimit)
		}
		if _, err := c.putDocument(ctx, at, Event{Reference: at.String()}, ocispec.MediaTypeImageIndex, data, nil); err != nil {
			return err
		}
	}
	return odd("what was written is not what is there")
}

// putDocument sends an image manifest or index to where ref says. about and settled are those of [Client.retry]. The
// result says whether the registry itself lists it as a referrer.
func (c *Client) putDocument(ctx context.Context, ref Reference, about Event, mediaType string, data []byte, settled func() bool) (listed bool, err error) {
	r := &request{method: http.MethodPut, ref: ref, resource: "manifests/" + ref.version(), push: true,
		header: http.Header{"Content-Type": {mediaType}}, size: int64(len(data)),
		body: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
	err = c.retry(ctx, about, func() error {
		resp, err := c.do(ctx, r)
		if err != nil {
			return err
		}
		listed = resp.Header.Get("OCI-Subject") != "" // distribution-spec, "Pushing Manifests with Subject"
		return discard(resp)
	}, settled)
	return listed, err
}
