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

// StreamCharset is how the server writes character streams: nil is UTF-8, which Unicode servers of the locale UNICODE
// send; others use the code page that the locale names (as the DB-API client does it).
func (c *Conn) StreamCharset() *wire.Charset {
	chars, err := wire.CharsetFor(c.hello.Locale, false)
	if err != nil {
		return nil
	}
	return chars
}

// WriteStream stores what r gives on the server, as binary data or as text in UTF-8, and returns the handle that stands
// for it as a parameter of this statement. Memory does not grow with its length. After an error of r the connection is
// good. Text that is not UTF-8, or that the server's charset does not have, is an error of package wire.
func (s *Stmt) WriteStream(ctx context.Context, r io.Reader, binary bool) (handle []byte, err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	if s.c.piece == nil {
		s.c.piece = make([]byte, piece)
	}
	w := pieces{r: r, text: !binary, chars: s.c.StreamCharset(), buf: s.c.piece}
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

func (s *Stmt) writePiece(ctx context.Context, handle, data []byte, binary bool) ([]byte, error) {
	code := wire.SM
	if binary {
		code = wire.SB
	}
	count := len(data)
	if !binary && s.c.StreamCharset() == nil {
		count, _ = wire.Units(string(data)) // the pieces are valid
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
	chars *wire.Charset // of the server's text; nil is UTF-8
	buf   []byte
	n     int   // bytes in buf
	cut   int   // bytes of them that were given out
	given int64 // bytes given out before those in buf
	out   []byte
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
	case !w.text:
		return w.buf[:w.n], nil
	}
	if !last {
		w.cut -= unfinished(w.buf[:w.n])
	}
	return w.encode(w.buf[:w.cut])
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

// encode gives UTF-8 as the server writes it.
func (w *pieces) encode(b []byte) ([]byte, error) {
	if !utf8.Valid(b) {
		_, err := wire.Units(string(b))
		return nil, w.moved(err)
	}
	if w.chars == nil {
		return b, nil
	}
	item, err := wire.AppendText(w.out[:0], string(b), w.chars)
	if err != nil {
		return nil, err
	}
	w.out = item
	it, err := wire.NewReader(item).Next()
	return it.Data, err
}

// moved makes the offset in an error one in the whole stream.
func (w *pieces) moved(err error) error {
	var encoding *wire.EncodingError
	if errors.As(err, &encoding) {
		return &wire.EncodingError{Offset: encoding.Offset + int(w.given)}
	}
	return err
}
