package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/strictjson"
	"github.com/irisfix/irisfix/registry/cache"
)

// MaxImageManifest is the largest image manifest that is read or pushed, in bytes.
const MaxImageManifest = cache.MaxImageManifest

const (
	dockerManifest     = "application/vnd.docker.distribution.manifest.v2+json"
	dockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// manifestTypes is what is asked for. Indexes and Docker's types are among it so that the caller can say what a
// reference is if it is no bundle, instead of "not found".
var manifestTypes = []string{ocispec.MediaTypeImageManifest, ocispec.MediaTypeImageIndex, dockerManifest, dockerManifestList}

func isManifest(mediaType string) bool {
	return slices.Contains(manifestTypes, mediaType)
}

// fetchManifest gets the image manifest that ref stands for, in one request unless that fails.
func (c *Client) fetchManifest(ctx context.Context, ref Reference, push bool) (desc ocispec.Descriptor, data []byte, err error) {
	err = c.retry(ctx, Event{Reference: ref.String()}, func() error {
		desc, data, err = c.askManifest(ctx, ref, push)
		return err
	}, nil)
	return desc, data, within(ref.String(), err)
}

// askManifest is fetchManifest without a second attempt.
func (c *Client) askManifest(ctx context.Context, ref Reference, push bool) (ocispec.Descriptor, []byte, error) {
	r := &request{method: http.MethodGet, ref: ref, resource: "manifests/" + ref.version(), push: push,
		header: http.Header{"Accept": {strings.Join(manifestTypes, ", ")}}}
	resp, err := c.do(ctx, r)
	if err != nil {
		return ocispec.Descriptor{}, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, MaxImageManifest+1))
	if err != nil {
		return ocispec.Descriptor{}, nil, err
	}
	desc, err := r.described(resp, data)
	return desc, data, err
}

// described makes a descriptor of an answer after checking that it can be what was asked for.
func (r *request) described(resp *http.Response, data []byte) (ocispec.Descriptor, error) {
	odd := func(reason string) (ocispec.Descriptor, error) {
		return ocispec.Descriptor{}, &ProtocolError{Host: r.ref.host(), Resource: r.subject(), Reason: reason}
	}
	if len(data) > MaxImageManifest {
		return odd(fmt.Sprintf("image manifest larger than %d bytes", MaxImageManifest))
	}
	got := digest.FromBytes(data)
	want := r.ref.Digest
	if header := digest.Digest(resp.Header.Get("Docker-Content-Digest")); want == "" && header.Validate() == nil && header.Algorithm() == digest.SHA256 {
		want = header
	}
	if want != "" && got != want {
		return ocispec.Descriptor{}, &MismatchError{
			Descriptor: ocispec.Descriptor{Digest: want, Size: -1}, GotDigest: got, GotSize: int64(len(data))}
	}
	contentType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	mediaType := mediaTypeOf(data)
	if mediaType == "" {
		mediaType = contentType // optional in the JSON, and GHCR leaves it out
	}
	came := fmt.Sprintf("%d bytes of %.100q", len(data), contentType)
	if contentType == "" {
		came = fmt.Sprintf("%d bytes without a type", len(data))
	}
	switch err := strictjson.Check(data); {
	case !isManifest(mediaType):
		return odd("the answer is not an image manifest: " + came)
	case err != nil:
		return odd(fmt.Sprintf("the answer is not an image manifest: %s: %v", came, err))
	}
	return ocispec.Descriptor{MediaType: mediaType, Digest: got, Size: int64(len(data))}, nil
}

// mediaTypeOf is what an image manifest says of itself, or nothing.
func mediaTypeOf(data []byte) string {
	var m struct {
		MediaType string `json:"mediaType"`
	}
	if json.Unmarshal(data, &m) != nil {
		return ""
	}
	return m.MediaType
}

// blobsOf returns config and layers of an image manifest, each digest once. It wants an image manifest and nothing
// else that could stand in its place: errdef.ErrUnsupported.
func blobsOf(desc ocispec.Descriptor, data []byte) ([]ocispec.Descriptor, error) {
	var m struct {
		MediaType string                `json:"mediaType"`
		Config    *ocispec.Descriptor   `json:"config"`
		Layers    []ocispec.Descriptor  `json:"layers"`
		Manifests *[]ocispec.Descriptor `json:"manifests"`
	}
	err := strictjson.Decode(data, &m)
	if syntax, ok := errors.AsType[*strictjson.SyntaxError](err); ok {
		return nil, fmt.Errorf("%s: image manifest: %w: %w", desc.Digest, syntax, errdef.ErrUnsupported)
	}
	if err != nil || m.Config == nil || m.Manifests != nil ||
		m.MediaType != "" && m.MediaType != ocispec.MediaTypeImageManifest && m.MediaType != dockerManifest {
		return nil, fmt.Errorf("%s: not an image manifest: %w", desc.Digest, errdef.ErrUnsupported)
	}
	blobs := append([]ocispec.Descriptor{*m.Config}, m.Layers...)
	for _, b := range blobs {
		if !sound(b) {
			return nil, fmt.Errorf("%s: a descriptor without SHA-256 or size: %w", desc.Digest, errdef.ErrUnsupported)
		}
	}
	return distinct(blobs), nil
}

// readManifest takes the image manifest root from src, verified.
func readManifest(ctx context.Context, src content.Fetcher, root ocispec.Descriptor) ([]byte, error) {
	if root.Size > MaxImageManifest {
		return nil, fmt.Errorf("%s: image manifest of %d bytes: %w", root.Digest, root.Size, errdef.ErrSizeExceedsLimit)
	}
	f, err := src.Fetch(ctx, root)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxImageManifest+1))
	if err != nil {
		return nil, err
	}
	if got := digest.FromBytes(data); got != root.Digest || int64(len(data)) != root.Size {
		return nil, &MismatchError{Descriptor: root, GotDigest: got, GotSize: int64(len(data))}
	}
	return data, nil
}
