package client

import (
	"context"
	"io"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// ReadStream returns the content of the stream that a handle from a row stands for, as the server sends it: binary
// streams verbatim, character streams in [Conn.StreamCharset]. Nothing is held in memory, and there is no limit. Until
// the reader has returned io.EOF or an error, or is closed, every other request on the connection is [ErrBusy]; Close
// reads what is left. If ctx ends before, the connection is lost. For a handle of no stream it is [ErrNoStream].
func (c *Conn) ReadStream(ctx context.Context, handle []byte) (io.ReadCloser, error) {
	c.body = wire.ReadStream{Handle: handle, Length: -1}.Append(reuse(c.body))
	x, err := c.start(ctx, request{code: wire.JS, statement: c.newStatement(), sql: wire.JS.String(), body: c.body})
	if err != nil {
		return nil, err
	}
	c.reading = true
	s := &stream{exchange: x, h: wire.Header{More: true}}
	if s.next(); s.err != nil && s.err != io.EOF {
		return nil, s.err
	}
	return s, nil
}

// stream is the body of a reply to JS, taken from the socket as it comes.
type stream struct {
	*exchange
	h    wire.Header // of the fragment being read
	left int64       // of it
	err  error       // io.EOF at the end
}

func (s *stream) Read(p []byte) (int, error) {
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	n, err := s.c.in.Read(p[:min(int64(len(p)), s.left)])
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
			s.end(io.EOF)
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
