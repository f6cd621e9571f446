package registry

import (
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"net/http"
	"net/url"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// upload brings one blob to a repository: begin an upload, then one PUT with all bytes (distribution-spec, "POST then
// PUT"). Each attempt is a new upload that reads the blob from its source anew. With from, the registry is first asked
// to take the blob from that repository; its refusal is an upload that has begun.
func (c *Client) upload(ctx context.Context, to Reference, desc ocispec.Descriptor, src content.Fetcher, from string) (How, error) {
	how := Sent
	about := aboutBlob(to, desc)
	started := about
	started.Kind = Started
	c.opts.Notify(started)
	resource := "blobs/" + desc.Digest.String()
	sending := false
	err := c.retry(ctx, about, func() error {
		sending = false
		location, err := c.begin(ctx, to, desc, from)
		if err != nil || location == nil {
			how = Mounted
			return err
		}
		how, sending = Sent, true
		resp, err := c.do(ctx, &request{method: http.MethodPut, ref: to, resource: resource, target: location, push: true, from: from,
			header: http.Header{"Content-Type": {"application/octet-stream"}},
			size:   desc.Size, body: c.source(src, desc, about)})
		if err != nil {
			return err
		}
		return discard(resp)
	}, func() bool {
		if !sending {
			return false
		}
		there, err := c.ask(ctx, to, desc)
		return err == nil && there
	})
	return how, within(to.Name(), err)
}

// begin starts an upload and returns where it goes on, or nil if the registry has mounted the blob.
func (c *Client) begin(ctx context.Context, to Reference, desc ocispec.Descriptor, from string) (*url.URL, error) {
	r := &request{method: http.MethodPost, ref: to, resource: "blobs/uploads/", push: true, from: from}
	if from != "" {
		r.query = url.Values{"mount": {desc.Digest.String()}, "from": {from}}
	}
	resp, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	discard(resp)
	if from != "" && resp.StatusCode == http.StatusCreated {
		return nil, nil
	}
	location, err := resp.Request.URL.Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" || location.Scheme != "http" && location.Scheme != "https" {
		return nil, &ProtocolError{Host: to.host(), Resource: r.subject(), Reason: "an upload without a place to go to"}
	}
	// What is in the query already is the registry's and is kept as it is spelled.
	query := "digest=" + url.QueryEscape(desc.Digest.String())
	if location.RawQuery != "" {
		query = location.RawQuery + "&" + query
	}
	location.RawQuery = query
	return location, nil
}

// has asks a registry for a blob.
func (c *Client) has(ctx context.Context, ref Reference, desc ocispec.Descriptor) (there bool, err error) {
	err = c.retry(ctx, aboutBlob(ref, desc), func() error {
		there, err = c.ask(ctx, ref, desc)
		return err
	}, nil)
	return there, err
}

// ask is has without a second attempt.
func (c *Client) ask(ctx context.Context, ref Reference, desc ocispec.Descriptor) (bool, error) {
	r := blobRequest(http.MethodHead, ref, desc)
	r.push = true // one token for the whole push
	resp, err := c.do(ctx, r)
	if isStatus(err, http.StatusNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return true, discard(resp)
}

// source opens a blob as the body of a request, checked while it is read and reported as progress.
func (c *Client) source(src content.Fetcher, desc ocispec.Descriptor, about Event) func(context.Context) (io.ReadCloser, error) {
	about.Kind = Progress
	return func(ctx context.Context) (io.ReadCloser, error) {
		r, err := src.Fetch(ctx, desc)
		if err != nil {
			return nil, err
		}
		return &verified{ReadCloser: r, desc: desc, hash: sha256.New(), progress: func(n int64) {
			about.Bytes = n
			c.opts.Notify(about)
		}}, nil
	}
}

// verified hands out the bytes of a descriptor. The last of them it gives only if size and digest are right; the error
// otherwise is a [*MismatchError]. So nobody can take wrong bytes for complete.
type verified struct {
	io.ReadCloser
	desc     ocispec.Descriptor
	hash     hash.Hash
	size     int64
	progress func(int64) // may be nil
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.ReadCloser.Read(p)
	v.hash.Write(p[:n])
	v.size += int64(n)
	if n > 0 && v.progress != nil {
		v.progress(v.size)
	}
	if v.size < v.desc.Size && err != io.EOF {
		return n, err
	}
	got := digest.NewDigest(digest.SHA256, v.hash)
	if got != v.desc.Digest || v.size != v.desc.Size {
		return 0, &MismatchError{Descriptor: v.desc, GotDigest: got, GotSize: v.size}
	}
	return n, err
}
