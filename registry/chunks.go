package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
)

const (
	// chunkSize is how much of a blob goes in one request where a host wants chunks. A chunk is kept in memory to be
	// sent again, and a push has Concurrency of them. A round trip for each of this size does not show, and a proxy
	// that gives a request a minute lets it through at 140 kB/s.
	chunkSize = 8 << 20

	// maxChunk is the largest chunk that a registry may ask for. Storage behind registries wants 5 MiB at least (S3,
	// "Multipart upload limits").
	maxChunk = 32 << 20

	// minChunk is the smallest chunk that is tried. GHCR refuses more than 4 MiB, nginx by default more than 1 MiB.
	minChunk = 256 << 10

	// maxLost is how many times an upload of a blob that cannot be continued is begun anew.
	maxLost = 2
)

// chunks is the size of the chunks in which the blob is sent, or 0 if it goes in one request, as it does where nothing
// speaks against it. least is what the registry says to be the smallest chunk that it takes.
func (u *upload) chunks(least int64) int64 {
	size := int64(chunkSize)
	known, ok := u.client.chunked.Load(u.to.host())
	if ok {
		size = known.(int64)
	}
	if size == 0 || !ok && least == 0 {
		return 0
	}
	if size = max(size, least); size > maxChunk || u.desc.Size <= size {
		return 0
	}
	return size
}

// shrink notes for the rest of the run that a host does not take n bytes in one request. It returns how many to send at
// once instead, or 0 if fewer do not help.
func (u *upload) shrink(n int64) int64 {
	size := int64(chunkSize)
	for size >= n {
		size /= 2
	}
	if known, ok := u.client.chunked.Load(u.to.host()); ok {
		size = min(size, known.(int64))
	}
	if size < minChunk {
		return 0
	}
	u.client.chunked.Store(u.to.host(), size)
	return size
}

var (
	errNoChunks = errors.New("the registry takes no chunks")
	errSmaller  = errors.New("the registry takes only smaller chunks")
)

// lostError says that an upload in chunks cannot be continued.
type lostError struct{ error }

// goOn continues the upload in chunks, or begins anew if that cannot be.
func (u *upload) goOn(ctx context.Context) error {
	err := u.session.run(ctx)
	var lost lostError
	switch {
	case errors.Is(err, errNoChunks):
		u.client.chunked.Store(u.to.host(), int64(0))
	case errors.Is(err, errSmaller):
	case errors.As(err, &lost):
		if there, e := u.client.ask(ctx, u.to, u.desc); e == nil && there { // the answer to the last request was lost
			return nil
		}
		if u.lost++; u.lost > maxLost {
			return lost.error
		}
	default:
		return err
	}
	u.drop()
	return u.attempt(ctx)
}

// drop forgets the upload in chunks that is under way. The registry does so in its own time.
func (u *upload) drop() {
	if u.session != nil && u.session.source != nil {
		u.session.source.Close()
	}
	u.session = nil
}

// session is an upload in chunks (distribution-spec, "Pushing a blob in chunks").
type session struct {
	*upload
	location *url.URL // where it goes on
	size     int64    // of chunks
	least    int64    // that the registry takes
	at       int64    // where the registry stands
	doubt    bool     // whether it does is to be asked

	source io.ReadCloser
	memory []byte
	rest   []byte // of memory: what follows at and was read from the source
	sent   int64  // how much of it was in the last request
}

// run sends what is missing. An error other than those above leaves the session to be continued, if there is still one.
func (s *session) run(ctx context.Context) error {
	if s.doubt {
		if err := s.settle(ctx); err != nil {
			return err
		}
		s.pace.begin(s.at)
		s.notify(Started, s.at)
	}
	for s.at < s.desc.Size {
		if err := s.fill(ctx); err != nil {
			s.drop()
			return err
		}
		if err := s.patch(ctx); err != nil {
			return err
		}
	}
	s.ending, s.doubt, s.sent = true, true, 0
	_, err := s.request(ctx, &request{method: http.MethodPut, target: s.location, stored: s.desc.Size})
	if refused(err) { // most likely what arrived is not what was sent
		return lostError{err}
	}
	return err
}

// fill reads the next chunk. The source gives the last byte of the blob only if all of them are right.
func (s *session) fill(ctx context.Context) error {
	if s.source == nil {
		r, err := s.src.Fetch(ctx, s.desc)
		if err != nil {
			return err
		}
		s.source = &verified{ReadCloser: r, desc: s.desc, hash: sha256.New()}
		s.memory = make([]byte, s.size)
	}
	want := min(s.size, s.desc.Size-s.at)
	if int64(len(s.rest)) >= want {
		return nil
	}
	n := copy(s.memory, s.rest)
	s.rest = s.memory[:want]
	_, err := io.ReadFull(s.source, s.rest[n:])
	return err
}

// patch sends a chunk. An answer of success counts for all of it, whatever range it names: some registries say at all
// times the first one.
func (s *session) patch(ctx context.Context) error {
	s.sent = min(int64(len(s.rest)), s.size)
	data := &lent{data: s.rest[:s.sent], progress: func(n int64) { s.moved(s.at + n) }}
	resp, err := s.request(ctx, &request{method: http.MethodPatch, target: s.location, size: s.sent, body: data.open,
		header: http.Header{"Content-Range": {fmt.Sprintf("%d-%d", s.at, s.at+s.sent-1)}}})
	data.takeBack()
	switch {
	case err == nil:
		s.advance(resp, s.sent)
		return nil
	case isStatus(err, http.StatusRequestEntityTooLarge, http.StatusRequestedRangeNotSatisfiable):
		return s.adapt(ctx, err)
	}
	s.doubt = true
	switch {
	case !refused(err):
		return err
	case s.at == 0:
		return errNoChunks
	}
	return lostError{err}
}

// adapt goes on after a chunk that was too large, or began elsewhere than where the registry stands. 416 is the answer
// to either.
func (s *session) adapt(ctx context.Context, refusal error) error {
	before, sent := s.at, s.sent
	if before > 0 {
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	switch {
	case s.at-before >= min(goodDeal, sent):
		return nil
	case s.at > before:
		return lostError{refusal}
	}
	smaller := s.shrink(sent)
	fits := smaller > 0 && max(smaller, s.least) < sent
	switch {
	case before == 0 && fits:
		return errSmaller
	case before == 0:
		return errNoChunks
	case !fits:
		return lostError{refusal}
	}
	s.size = max(smaller, s.least)
	return nil
}

// settle asks where the registry stands after a request without an answer. That is believed if it lies within the last
// chunk.
func (s *session) settle(ctx context.Context) error {
	resp, err := s.request(ctx, &request{method: http.MethodGet, target: s.location})
	if refused(err) {
		return lostError{err}
	} else if err != nil {
		return err
	}
	n := stands(resp.Header.Get("Range"))
	if n < s.at || n > s.at+s.sent {
		return lostError{&ProtocolError{Host: s.to.host(), Resource: s.to.Repository + "/blobs/" + s.desc.Digest.String(),
			Reason: fmt.Sprintf("an upload that stands at %d after %d to %d bytes", n, s.at, s.at+s.sent)}}
	}
	s.advance(resp, n-s.at)
	s.doubt = false
	return nil
}

// stands is how many bytes a registry has, by the Range of its answer; -1 if it does not say so. Of an empty upload most
// say 0-0.
func stands(header string) int64 {
	var last int64
	if n, err := fmt.Sscanf(strings.TrimPrefix(header, "bytes="), "0-%d", &last); n != 1 || err != nil || last < -1 || last == math.MaxInt64 {
		return -1
	}
	if last == 0 {
		return 0
	}
	return last + 1
}

func (s *session) advance(resp *http.Response, n int64) {
	if next := goesOn(resp); next != nil {
		s.location = next
	}
	s.at += n
	s.rest = s.rest[n:]
	s.sent -= n
	s.reached = max(s.reached, s.at)
}

// refused reports an answer that another attempt would not change.
func refused(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && !status.Temporary() && !status.Is(ErrUnauthorized)
}
