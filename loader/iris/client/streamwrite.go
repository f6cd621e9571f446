package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// piece is how much of a stream is written at once. The DB-API client 3.8.0 sends 4,096 characters in each message, the
// vendor's present drivers 5,000,000 and more in one; this is less than the longest string.
const piece = 1 << 20

// ErrEmptyStream refuses to write a stream of nothing: the empty value is an ordinary parameter.
var ErrEmptyStream = errors.New("stream of no bytes")

// WriteStream stores what r gives on the server, as binary data or as text in UTF-8, and returns the handle that stands
// for it as a parameter of this statement. Memory does not grow with its length. After an error of r the connection is
// good. Text that is not UTF-8 is a [*wire.EncodingError].
func (s *Stmt) WriteStream(ctx context.Context, r io.Reader, binary bool) (handle []byte, err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	if s.c.piece == nil {
		s.c.piece = make([]byte, piece)
	}
	w := pieces{r: r, text: !binary, buf: s.c.piece}
	for {
		data, err := w.next()
		if err == io.EOF && handle == nil {
			return nil, ErrEmptyStream
		}
		if err == io.EOF {
			return handle, nil
		}
		if err != nil {
			return nil, fmt.Errorf("stream: %w", err)
		}
		if handle, err = s.writePiece(ctx, handle, data, binary); err != nil {
			return nil, err
		}
	}
}

// writePiece announces binary data in bytes and text in 16-bit units, as both drivers of the vendor do.
func (s *Stmt) writePiece(ctx context.Context, handle, data []byte, binary bool) ([]byte, error) {
	code, count := wire.SB, len(data)
	if !binary {
		var err error
		if count, err = wire.Units(string(data)); err != nil {
			return nil, err
		}
		code = wire.SM
	}
	body, err := wire.WriteStream{Handle: handle, Data: data, Count: uint32(count)}.Append(reuse(s.c.body))
	if err != nil {
		return nil, err
	}
	s.c.body = body
	_, body, err = s.c.roundTrip(ctx, request{code, s.st.id, s.st.sql, body})
	if err != nil {
		return nil, err
	}
	next, err := wire.ParseHandle(body)
	if err == nil && len(next) == 0 {
		err = errors.New("no handle")
	}
	if err != nil {
		return nil, s.c.broken(ctx, code, err)
	}
	return append(handle[:0], next...), nil
}

// pieces cuts a stream. Text is cut between characters.
type pieces struct {
	r     io.Reader
	text  bool
	buf   []byte
	n     int   // bytes in buf
	cut   int   // bytes of them that were given out
	given int64 // bytes given out before those in buf
}

// next gives a piece that is valid until the next call, or io.EOF.
func (w *pieces) next() ([]byte, error) {
	w.given += int64(w.cut)
	rest := copy(w.buf, w.buf[w.cut:w.n])
	n, err := io.ReadFull(w.r, w.buf[rest:])
	w.n = rest + n
	w.cut = w.n
	last := err == io.EOF || err == io.ErrUnexpectedEOF
	switch {
	case err != nil && !last:
		return nil, err
	case w.n == 0:
		return nil, io.EOF
	}
	if w.text && !last {
		w.cut -= unfinished(w.buf[:w.n])
	}
	if w.text && !utf8.Valid(w.buf[:w.cut]) {
		return nil, w.invalid()
	}
	return w.buf[:w.cut], nil
}

// invalid says where in the stream its text is no UTF-8.
func (w *pieces) invalid() error {
	_, err := wire.Units(string(w.buf[:w.cut]))
	var encoding *wire.EncodingError
	if errors.As(err, &encoding) {
		encoding.Offset += int(w.given)
	}
	return err
}

// unfinished is the number of bytes at the end that begin a character without ending it.
func unfinished(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return i
		}
	}
	return 0
}
