package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// upload is a blob on its way to a repository, in one request (distribution-spec, "POST then PUT") unless the host wants
// it in chunks. What is sent in one request is a new upload each time, which reads the blob from its source anew.
type upload struct {
	client *Client
	to     Reference
	desc   ocispec.Descriptor
	src    content.Fetcher
	from   string // repository that the registry is first asked to take the blob from; may be empty

	how     How
	ending  bool     // the blob may be there although the last request failed
	cuts    int      // times that the connection broke while everything was on its way in one request
	lost    int      // uploads in chunks that could not be continued
	session *session // the upload in chunks that is under way, if there is one
	reached int64    // how far one of them has come
	pace    pace
}

// upload brings one blob to a repository.
func (c *Client) upload(ctx context.Context, to Reference, desc ocispec.Descriptor, src content.Fetcher, from string) (How, error) {
	u := &upload{client: c, to: to, desc: desc, src: src, from: from}
	defer func() { u.drop() }()
	u.notify(Started, 0)
	u.foresee()
	err := c.retryMoving(ctx, aboutBlob(to, desc), func() (bool, error) {
		before := u.reached
		err := u.attempt(ctx)
		return u.reached-before >= goodDeal, err
	}, func() bool {
		if !u.ending {
			return false
		}
		there, err := c.ask(ctx, to, desc)
		return err == nil && there
	})
	return u.how, within(to.Name(), err)
}

func (u *upload) notify(kind EventKind, bytes int64) {
	e := aboutBlob(u.to, u.desc)
	e.Kind, e.Bytes = kind, bytes
	u.client.opts.Notify(e)
}

// attempt sends what is missing.
func (u *upload) attempt(ctx context.Context) error {
	u.how, u.ending = Sent, false
	if u.session != nil {
		return u.goOn(ctx)
	}
	location, least, err := u.begin(ctx)
	if err != nil || location == nil {
		u.how = Mounted
		return err
	}
	if u.from != "" { // nobody has asked yet, since a mount tells more cheaply
		if there, err := u.client.ask(ctx, u.to, u.desc); err != nil || there {
			u.how = Reused // the registry forgets the upload in its own time
			return err
		}
	}
	u.pace.begin(0)
	if size := u.chunks(least); size > 0 {
		u.session = &session{upload: u, location: location, size: size, least: least}
		return u.goOn(ctx)
	}
	u.ending = true
	_, err = u.request(ctx, &request{method: http.MethodPut, target: location, size: u.desc.Size, body: u.open})
	switch {
	case isStatus(err, http.StatusRequestEntityTooLarge) && u.shrink(u.desc.Size) > 0 && u.chunks(least) > 0:
		return u.attempt(ctx)
	case brokeOff(err) && u.desc.Size > chunkSize:
		if u.cuts++; u.cuts >= 2 { // once may be chance
			u.shrink(u.desc.Size)
		}
	}
	return err
}

// request sends one request of an upload. With PUT, which is the last one, goes the digest.
func (u *upload) request(ctx context.Context, r *request) (*http.Response, error) {
	r.ref, r.resource, r.push, r.from = u.to, "blobs/"+u.desc.Digest.String(), true, u.from
	if r.header == nil {
		r.header = http.Header{}
	}
	if r.body != nil {
		r.header.Set("Content-Type", "application/octet-stream")
	}
	if r.method == http.MethodPut {
		// What is in the query already is the registry's and is kept as it is spelled.
		last := *r.target
		query := "digest=" + url.QueryEscape(u.desc.Digest.String())
		if last.RawQuery != "" {
			query = last.RawQuery + "&" + query
		}
		last.RawQuery = query
		r.target = &last
	}
	resp, err := u.client.do(ctx, r)
	if err != nil {
		return nil, err
	}
	return resp, discard(resp)
}

// begin starts an upload and returns where it goes on, or nil if the registry has mounted the blob, and the least size
// of chunks that it takes, or 0.
func (u *upload) begin(ctx context.Context) (*url.URL, int64, error) {
	r := &request{method: http.MethodPost, ref: u.to, resource: "blobs/uploads/", push: true, from: u.from}
	if u.from != "" {
		r.query = url.Values{"mount": {u.desc.Digest.String()}, "from": {u.from}}
	}
	resp, err := u.client.do(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	discard(resp)
	if u.from != "" && resp.StatusCode == http.StatusCreated {
		return nil, 0, nil
	}
	location := goesOn(resp)
	if location == nil {
		return nil, 0, &ProtocolError{Host: u.to.host(), Resource: r.subject(), Reason: "an upload without a place to go to"}
	}
	least, _ := strconv.ParseInt(resp.Header.Get("OCI-Chunk-Min-Length"), 10, 64)
	return location, max(least, 0), nil
}

// goesOn is where an answer says that an upload goes on, or nil. It may be another host, which gets no credential.
func goesOn(resp *http.Response) *url.URL {
	header := resp.Header.Get("Location")
	location, err := resp.Request.URL.Parse(header)
	if err != nil || header == "" || location.Scheme != "http" && location.Scheme != "https" {
		return nil
	}
	return location
}

// brokeOff reports that a connection did not last as long as a request.
func brokeOff(err error) bool {
	var network *NetworkError
	return errors.As(err, &network) && network.Temporary() || isStatus(err, http.StatusRequestTimeout, http.StatusGatewayTimeout, statusProxyTimeout)
}

// statusProxyTimeout is Cloudflare's for an origin that took too long (developers.cloudflare.com, "Error 524").
const statusProxyTimeout = 524

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

// open opens the blob as the body of a request, checked while it is read and reported as progress.
func (u *upload) open(ctx context.Context) (io.ReadCloser, error) {
	r, err := u.src.Fetch(ctx, u.desc)
	if err != nil {
		return nil, err
	}
	return &verified{ReadCloser: r, desc: u.desc, hash: sha256.New(), progress: u.moved}, nil
}

// moved tells how much of the blob has travelled.
func (u *upload) moved(n int64) {
	u.notify(Progress, n)
	u.measure(n)
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
