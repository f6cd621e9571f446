package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/registry/cache"
)

// goodDeal is how far an attempt must come to count as progress. A registry that cuts each connection after fewer bytes
// is as good as not there.
const goodDeal = 64 << 10

// download is a blob on its way into the cache.
type download struct {
	client *Client
	ref    Reference
	desc   ocispec.Descriptor
	to     *cache.Partial
	find   FindBase

	moved atomic.Int64 // bytes that travelled, those that were thrown away not counted
}

func (d *download) event(kind EventKind) Event {
	e := aboutBlob(d.ref, d.desc)
	e.Kind, e.Bytes = kind, d.to.Have()
	return e
}

// run fetches what is missing and checks the whole. Wrong bytes are fetched once more, all of them: they may have been
// changed on the way, or on the disk since an earlier transfer, or be another version's after all.
func (d *download) run(ctx context.Context) error {
	d.client.opts.Notify(d.event(Started))
	for again := false; ; again = true {
		err := d.complete(ctx)
		if err == nil || errors.Is(err, errShort) {
			err = d.to.Check(ctx)
		}
		if !isMismatch(err) || again {
			return err
		}
		d.find = nil
		d.moved.Store(0)
		if e := errors.Join(d.to.Reset(), d.client.pause(ctx, d.event(Retrying), 1, err)); e != nil {
			return e
		}
	}
}

// complete brings what is missing. The digest of a large blob is computed beside that.
func (d *download) complete(ctx context.Context) error {
	if d.desc.Size <= pieceSize {
		return d.gather(ctx)
	}
	g, ctx := parallel.NewGroup(ctx)
	g.Go(func() error { return d.to.Follow(ctx) })
	g.Go(func() error { return d.gather(ctx) })
	return g.Wait()
}

// gather takes from an older version what that has, and the rest from the registry.
func (d *download) gather(ctx context.Context) error {
	b := d.base(ctx, d.to)
	if b == nil {
		return d.fetch(ctx, d.to.Missing())
	}
	defer b.close()
	overlap := d.event(Older)
	overlap.Bytes = b.shared
	d.client.opts.Notify(overlap)
	g, both := parallel.NewGroup(ctx)
	g.Go(func() error { b.copy(both, d); return nil }) // what it fails to bring is fetched
	g.Go(func() error { return d.fetch(both, b.missing) })
	if err := g.Wait(); err != nil {
		return err
	}
	return d.fetch(ctx, d.to.Missing())
}

// fetch fetches spans, or everything from a host that cannot give parts.
func (d *download) fetch(ctx context.Context, spans []cache.Span) error {
	if len(spans) == 0 {
		return nil
	}
	if d.client.rangeless(d.ref) {
		return d.whole(ctx)
	}
	err := d.parts(ctx, spans)
	if errors.Is(err, errNoRanges) {
		err = d.whole(ctx)
	}
	return err
}

// parts fetches spans. Before a host has shown that it answers with the bytes that were asked for, only one piece is
// asked for. Its answer may be the whole blob.
func (d *download) parts(ctx context.Context, spans []cache.Span) error {
	pieces := cut(spans)
	if pieces[0].Len() == d.desc.Size {
		return d.piece(ctx, pieces[0])
	}
	if _, known := d.client.ranges.Load(d.ref.host()); !known {
		if err := d.piece(ctx, pieces[0]); err != nil {
			return err
		}
		d.client.ranges.LoadOrStore(d.ref.host(), true)
		pieces = pieces[1:]
	}
	return d.client.eachOf(ctx, len(pieces), func(i int) int64 { return pieces[i].Len() }, func(ctx context.Context, i int) error {
		return d.piece(ctx, pieces[i])
	})
}

// piece fetches one piece and, when the connection is cut, what is left of it.
func (d *download) piece(ctx context.Context, s cache.Span) error {
	return d.client.retryMoving(ctx, d.event(Retrying), func() (bool, error) {
		began := s.Start
		for {
			gaps := d.to.Gaps(s)
			if len(gaps) == 0 {
				return true, nil
			}
			s.Start = gaps[0].Start
			n, err := d.get(ctx, s)
			s.Start += n
			if err != nil {
				return s.Start-began >= goodDeal, err
			}
		}
	}, nil)
}

// whole fetches all of a blob from a host that cannot give parts.
func (d *download) whole(ctx context.Context) error {
	return d.client.retry(ctx, d.event(Retrying), func() error {
		_, err := d.get(ctx, cache.Span{End: d.desc.Size})
		return err
	}, nil)
}

var (
	// errNoRanges says that a host does not answer with the part of a blob that was asked for.
	errNoRanges = errors.New("the registry does not serve parts of blobs")

	// errShort says that the registry thinks a blob shorter than its descriptor does.
	errShort = errors.New("the blob ends early")

	// errOtherLength says that an answer cannot be the blob that a part was asked of.
	errOtherLength = errors.New("the answer is not as long as the blob")
)

// get asks for a span once and puts in place what comes. It returns how many bytes of the span are there now, counted
// from its beginning; without an error these are a good deal, or all.
func (d *download) get(ctx context.Context, s cache.Span) (int64, error) {
	if s.Len() > smallBlob {
		select {
		case d.client.slots <- struct{}{}:
			defer func() { <-d.client.slots }()
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	body, whole, err := d.client.part(ctx, d.ref, d.desc, s)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if whole {
		return d.take(body, cache.Span{End: d.desc.Size}, s)
	}
	n, err := d.take(io.LimitReader(body, s.Len()), s, s)
	if err == nil && n < min(s.Len(), goodDeal) {
		err = endedEarly(d.ref, d.desc)
	}
	return n, err
}

// rangeless reports whether a host is known not to answer with parts of blobs. That is remembered for the run.
func (c *Client) rangeless(ref Reference) bool {
	ranges, known := c.ranges.Load(ref.host())
	return known && !ranges.(bool)
}

// endedEarly is the error of an answer that gave less than was asked for, and no other reason.
func endedEarly(ref Reference, desc ocispec.Descriptor) error {
	return &NetworkError{Host: ref.host(), Resource: blobRequest(http.MethodGet, ref, desc).subject(), Err: io.ErrUnexpectedEOF}
}

// part asks for a span of a blob once. The answer begins where the span does or, if it is whole, where the blob does.
// What it asks for is a single closed range (RFC 9110, section 14.2): storage behind registries refuses several ranges
// with 501, and some registries open ones with 416. A host that does not serve it is remembered.
func (c *Client) part(ctx context.Context, ref Reference, desc ocispec.Descriptor, s cache.Span) (body io.ReadCloser, whole bool, err error) {
	r := blobRequest(http.MethodGet, ref, desc)
	all := s.Len() == desc.Size
	if !all {
		r.header.Set("Range", fmt.Sprintf("bytes=%d-%d", s.Start, s.End-1))
		r.apart = desc.Size > pieceSize
	}
	noRanges := func() error {
		c.ranges.Store(ref.host(), false)
		return errNoRanges
	}
	resp, err := c.do(ctx, r)
	switch {
	case !all && isStatus(err, http.StatusRequestedRangeNotSatisfiable, http.StatusNotImplemented):
		return nil, false, noRanges()
	case err != nil:
		return nil, false, err
	case resp.StatusCode == http.StatusPartialContent && answers(resp, s, desc.Size):
		return resp.Body, false, nil
	case resp.StatusCode == http.StatusPartialContent && all:
		err = &ProtocolError{Host: ref.host(), Resource: r.subject(), Reason: "a part of the blob, which was not asked for"}
	case resp.StatusCode == http.StatusPartialContent:
		err = noRanges()
	case !all && resp.ContentLength >= 0 && resp.ContentLength != desc.Size: // a login page, maybe
		err = &NetworkError{Host: ref.host(), Resource: r.subject(), Err: errOtherLength}
	case !all:
		noRanges() // what comes is of use all the same
	}
	if err != nil {
		resp.Body.Close()
		return nil, false, err
	}
	return resp.Body, true, nil
}

// answers reports whether an answer is about the beginning of the span that was asked for. Whether a server says in
// Accept-Ranges that it could is not asked: some can and do not say so.
func answers(resp *http.Response, s cache.Span, size int64) bool {
	var first, last int64
	var total string
	values := resp.Header.Values("Content-Range")
	if len(values) != 1 {
		return false
	}
	if n, err := fmt.Sscanf(values[0], "bytes %d-%d/%s", &first, &last, &total); n != 3 || err != nil {
		return false
	}
	return first == s.Start && last >= first && last < s.End && (total == "*" || total == fmt.Sprint(size))
}

// take puts the bytes of span given in their place and returns how many of the wanted span are there, counted from its
// beginning.
func (d *download) take(body io.Reader, given, wanted cache.Span) (int64, error) {
	w := &arrival{download: d, at: given.Start}
	_, err := copyBuffered(w, body)
	if err == nil && w.at < given.End && given.End == d.desc.Size && given.Start == 0 {
		err = errShort
	}
	return max(0, min(w.at, wanted.End)-wanted.Start), err
}

// arrival writes what comes and tells of it.
type arrival struct {
	*download
	at int64
}

func (w *arrival) Write(p []byte) (int, error) {
	n, err := w.to.WriteAt(p, w.at)
	w.at += int64(n)
	w.moved.Add(int64(n))
	w.client.opts.Notify(w.event(Progress))
	return n, err
}
