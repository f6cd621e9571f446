package wire

import (
	"io"
	"slices"
)

// DefaultLimit is the limit of a body for readers that are given none.
const DefaultLimit = 1 << 30

// step is how far a buffer grows ahead of the bytes that have arrived, so that a header alone allocates little.
const step = 64 << 10

// ReadRequest reads one request, its body into buf's memory if that is large enough. A body above limit bytes
// ([DefaultLimit] for 0) is a [SizeError]; it is not read, and memory grows only with the bytes that arrive. The end of
// the stream is io.EOF before the first byte, io.ErrUnexpectedEOF after it.
func ReadRequest(r io.Reader, limit int, buf []byte) (Header, []byte, error) {
	h, err := ReadHeader(r)
	if err != nil {
		return h, nil, err
	}
	if h.More {
		return h, nil, &FrameError{h, "a request in fragments"}
	}
	body, err := readBody(r, h, limit, buf[:0])
	return h, body, err
}

// ReadReply reads one reply and joins its fragments; limits and errors as [ReadRequest]. The header is that of the last
// fragment, except that Length is that of the whole body. Fragments whose ids differ are a [FrameError]. The headers of
// fragments count towards the limit, so that a reply without an end is refused.
func ReadReply(r io.Reader, limit int, buf []byte) (Header, []byte, error) {
	first, err := ReadHeader(r)
	if err != nil {
		return first, nil, err
	}
	body, err := readBody(r, first, limit, buf[:0])
	h := first
	for spent := 0; err == nil && h.More; {
		if h, err = ReadHeader(r); err != nil {
			return h, nil, within(err)
		}
		if h.ID != first.ID || h.Statement != first.Statement {
			return h, nil, &FrameError{h, "a fragment of another message"}
		}
		spent += HeaderSize
		if spent >= orDefault(limit) {
			return h, nil, &SizeError{h, uint64(len(body) + spent), limit}
		}
		body, err = readBody(r, h, orDefault(limit)-spent, body)
	}
	h.Length = uint32(len(body))
	return h, body, err
}

// ReadHeader reads the header of a message alone, for callers that take the body from r as it comes. The end of the
// stream is io.EOF before the first byte, io.ErrUnexpectedEOF after it.
func ReadHeader(r io.Reader) (Header, error) {
	var b [HeaderSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return Header{}, err
	}
	return ParseHeader(b), nil
}

// readBody appends the body to buf.
func readBody(r io.Reader, h Header, limit int, buf []byte) ([]byte, error) {
	limit = orDefault(limit)
	if size := uint64(len(buf)) + uint64(h.Length); size > uint64(limit) {
		return nil, &SizeError{h, size, limit}
	}
	for left := int(h.Length); left > 0; {
		n := min(left, max(cap(buf)-len(buf), len(buf), step))
		buf = slices.Grow(buf, n)
		got, err := io.ReadFull(r, buf[len(buf):len(buf)+n])
		if err != nil {
			return nil, within(err)
		}
		buf, left = buf[:len(buf)+got], left-got
	}
	return buf, nil
}

func orDefault(limit int) int {
	if limit <= 0 {
		return DefaultLimit
	}
	return limit
}

// within is for the end of the stream within a message.
func within(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
