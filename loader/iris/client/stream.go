package client

import (
	"context"
	"fmt"
	"io"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// streamSize asks for the length of a stream, and goes back to its beginning.
var streamSize = wire.Code{'S', 'S'}

// ReadStream returns the content of the stream that a handle from a row stands for, as the server sends it: character
// streams in UTF-8, whatever the server's charset. Nothing is held in memory, and there is no limit. Until the reader has
// returned io.EOF or an error, or is closed, every other request on the connection is [ErrBusy]; Close reads what is
// left. If ctx ends before, the connection is lost. For a handle of no stream it is [ErrNoStream].
//
// As the vendor's DB-API and JDBC drivers do, it asks for the size first and then for that much, under the statement of
// the row that was read last. A content of another size is a [*StreamSizeError] in place of io.EOF.
func (c *Conn) ReadStream(ctx context.Context, handle []byte) (io.ReadCloser, error) {
	statement := c.rowsOf
	if statement == 0 {
		statement = c.newStatement()
	}
	size, err := c.streamSize(ctx, statement, handle)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return &stream{err: io.EOF}, nil
	}
	c.body = wire.ReadStream{Handle: handle, Length: size}.Append(reuse(c.body))
	x, err := c.start(ctx, request{wire.JS, statement, wire.JS.String(), c.body})
	if err != nil {
		return nil, err
	}
	c.reading = true
	s := &stream{exchange: x, h: wire.Header{More: true}, size: size}
	if s.next(); s.err != nil && s.err != io.EOF {
		return nil, s.err
	}
	return s, nil
}

func (c *Conn) streamSize(ctx context.Context, statement uint32, handle []byte) (int64, error) {
	c.body = wire.AppendBytes(reuse(c.body), handle)
	x, err := c.start(ctx, request{streamSize, statement, streamSize.String(), c.body})
	if err != nil {
		return 0, err
	}
	defer x.done()
	status, body, err := x.reply(&c.reply)
	if err != nil {
		return 0, err
	}
	if status == wire.StatusNoStream {
		return 0, ErrNoStream
	}
	if err := x.refused(status); err != nil {
		return 0, err
	}
	size, err := wire.NewReader(body).Int()
	if err == nil && size < 0 {
		err = fmt.Errorf("a stream of size %d", size)
	}
	if err != nil {
		return 0, c.broken(ctx, streamSize, err)
	}
	return size, nil
}

// StreamSizeError says that a stream is not as long as the server said: something is missing or altered.
type StreamSizeError struct {
	Size  int64 // as the server said, in bytes or 16-bit units
	Bytes int64 // that came
	Units int64 // that these are as UTF-8
}

func (e *StreamSizeError) Error() string {
	return fmt.Sprintf("stream of size %d has %d bytes, or %d characters", e.Size, e.Bytes, e.Units)
}

// stream is the body of a reply to JS, taken from the socket as it comes.
type stream struct {
	*exchange
	h     wire.Header // of the fragment being read
	left  int64       // of it
	size  int64       // as announced
	bytes int64       // that came
	units int64       // that came, in 16 bits each, if they are UTF-8
	err   error       // io.EOF at the end
}

// count adds to what came. Of UTF-8, every byte that begins a character stands for one unit, for two above U+FFFF; so
// do the two surrogates of three bytes each that some write instead.
func (s *stream) count(p []byte) {
	s.bytes += int64(len(p))
	for _, b := range p {
		if b&0xC0 != 0x80 {
			s.units++
		}
		if b >= 0xF0 {
			s.units++
		}
	}
}

func (s *stream) Read(p []byte) (int, error) {
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	n, err := s.c.in.Read(p[:min(int64(len(p)), s.left)])
	s.count(p[:n])
	s.left -= int64(n)
	if err != nil {
		return n, s.end(s.c.lose(s.ctx, s.code, true, err))
	}
	if s.left == 0 {
		s.next()
	}
	return n, nil
}

// next goes to the next fragment that holds anything, or to the end.
func (s *stream) next() {
	for s.left == 0 && s.err == nil {
		if !s.h.More {
			s.end(s.complete())
			return
		}
		var b [wire.HeaderSize]byte
		if _, err := io.ReadFull(s.c.in, b[:]); err != nil {
			s.end(s.c.lose(s.ctx, s.code, true, err))
			return
		}
		s.h = wire.ParseHeader(b)
		s.left = int64(s.h.Length)
		if err := s.mine(s.h); err != nil {
			s.end(err)
			return
		}
		if status := s.h.Status(); !s.h.More && status != wire.StatusOK && status != wire.StatusEnd {
			s.refuse(status)
		}
	}
}

// complete is io.EOF if everything came.
func (s *stream) complete() error {
	if s.size == s.bytes || s.size == s.units {
		return io.EOF
	}
	return &StreamSizeError{s.size, s.bytes, s.units}
}

// refuse ends the stream with an error. The status of the last fragment is that of the whole reply.
func (s *stream) refuse(status uint16) {
	if _, err := io.CopyN(io.Discard, s.c.in, s.left); err != nil {
		s.end(s.c.lose(s.ctx, s.code, true, err))
		return
	}
	s.c.reading = false
	if status == wire.StatusNoStream {
		s.end(ErrNoStream)
		return
	}
	s.end(s.refused(status))
}

func (s *stream) end(err error) error {
	s.err, s.c.reading = err, false
	s.done()
	return err
}

// Close reads what is left of the stream.
func (s *stream) Close() error {
	if s.err != nil {
		return nil
	}
	_, err := io.Copy(io.Discard, s)
	return err
}
