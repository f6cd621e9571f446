package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry/cache"
)

// stream reads blobs from the cache if they are there, else as they come from the registry, without keeping them.
// What comes is verified at its end.
type stream struct {
	client   *Client
	ref      Reference
	root     ocispec.Descriptor
	manifest []byte // of root
}

func (s *stream) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	if s.manifest != nil && desc.Digest == s.root.Digest {
		return io.NopCloser(bytes.NewReader(s.manifest)), nil
	}
	if store := s.client.opts.Cache; store != nil {
		f, err := store.Fetch(ctx, desc)
		if !errors.Is(err, errdef.ErrNotFound) {
			return f, err
		}
		if s.client.opts.Offline {
			return nil, offline(s.ref.Name()+"@"+desc.Digest.String(), err)
		}
	}
	r := &arriving{ctx: ctx, client: s.client, ref: s.ref, desc: desc}
	if err := r.open(); err != nil {
		return nil, err
	}
	return &verified{ReadCloser: r, desc: desc, hash: sha256.New()}, nil
}

func (s *stream) referrers(ctx context.Context, subject digest.Digest) ([]ocispec.Descriptor, error) {
	if s.client.opts.Offline {
		return nil, &OfflineError{Subject: s.ref.String()}
	}
	return s.client.referrers(ctx, s.ref, subject, false)
}

func (s *stream) tagged(ctx context.Context, tag string) (ocispec.Descriptor, error) {
	at := s.ref.WithDigest("")
	at.Tag = tag
	if s.client.opts.Offline {
		return ocispec.Descriptor{}, &OfflineError{Subject: s.ref.String()}
	}
	desc, _, err := s.client.fetchManifest(ctx, at, false)
	return desc, err
}

// arriving is a blob as it comes. Where the connection is cut it goes on, if the registry gives parts of blobs, so that
// whoever reads it need not begin again.
type arriving struct {
	ctx    context.Context // of whoever reads
	client *Client
	ref    Reference
	desc   ocispec.Descriptor

	body   io.ReadCloser
	part   bool  // the present answer is not the whole blob
	at     int64 // bytes read so far
	opened int64 // at, when the present answer began
	failed int   // cuts in a row before a good deal had come
}

func (r *arriving) Close() error { return r.body.Close() }

func (r *arriving) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	r.at += int64(n)
	switch {
	case err == nil || r.at >= r.desc.Size:
		return n, err
	case err == io.EOF && !r.part:
		return n, err // the registry thinks the blob shorter
	case err == io.EOF: // it gave less than was asked for
		err = endedEarly(r.ref, r.desc)
	}
	return n, r.goOn(err)
}

// goOn asks for the rest, as patiently as [Client.retryMoving].
func (r *arriving) goOn(cause error) error {
	if r.at-r.opened >= goodDeal {
		r.failed = 0
	}
	for temporary(cause) && r.ctx.Err() == nil {
		if r.client.rangeless(r.ref) {
			return cause
		}
		if r.failed++; r.failed >= r.client.opts.Retry.Attempts {
			return &spentError{cause}
		}
		about := aboutBlob(r.ref, r.desc)
		about.Bytes = r.at
		if err := r.client.pause(r.ctx, about, r.failed, cause); err != nil {
			return err
		}
		again := r.open()
		if again == nil {
			return nil
		}
		if errors.Is(again, errNoRanges) {
			return cause
		}
		cause = again
	}
	return cause
}

// open asks for what has not come yet.
func (r *arriving) open() error {
	body, whole, err := r.client.part(r.ctx, r.ref, r.desc, cache.Span{Start: r.at, End: r.desc.Size})
	if err != nil {
		return err
	}
	if whole && r.at > 0 {
		body.Close()
		return errNoRanges
	}
	if r.body != nil {
		r.body.Close()
	}
	r.body, r.part, r.opened = body, !whole, r.at
	return nil
}

// spentError is a failure after which nothing was left untried, so that nobody tries it all again.
type spentError struct{ error }

func (e *spentError) Unwrap() error   { return e.error }
func (e *spentError) Temporary() bool { return false }
