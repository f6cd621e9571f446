package iristest

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// streams are the handles that a conversation knows.
type streams struct {
	known   map[string]engine.Stream // by the handle on the wire
	written map[string]engine.Stream // those that the client made
	pos     map[string]int           // how far each was read, in bytes
}

// handle gives the handle of a stream on the wire: a list of its number and its class, so with bytes that no text has,
// as object ids of IRIS have them.
func (s *streams) handle(stream engine.Stream) []byte {
	class := "%Stream.GlobalCharacter"
	if stream.Binary {
		class = "%Stream.GlobalBinary"
	}
	h := wire.AppendBytes(nil, []byte(stream.Handle))
	h = wire.AppendBytes(h, []byte(class))
	if s.known == nil {
		s.known, s.written, s.pos = map[string]engine.Stream{}, map[string]engine.Stream{}, map[string]int{}
	}
	s.known[string(h)] = stream
	return h
}

// stream takes the requests about streams.
func (c *conversation) stream(code wire.Code, body []byte) error {
	switch code {
	case wire.JS:
		return c.readStream(body)
	case wire.SB, wire.SM:
		return c.writeStream(code, body)
	case streamSize:
		return c.sizeOfStream(body)
	case getBytes:
		return c.partOfStream(body)
	}
	return closeStreams(body)
}

// closeStreams takes CS under a statement's id: a handle, as the JDBC driver sends it for a stream that was read, or the
// integer 0, which both drivers send after a row with streams. Nothing is held open here.
func closeStreams(body []byte) error {
	r := wire.NewReader(body)
	it, err := r.Next()
	if err != nil {
		return err
	}
	if r.More() {
		return wire.ErrTrailing
	}
	if _, err := it.Bytes(); err == nil && !it.Null() {
		return nil
	}
	if n, err := it.Int(); err != nil || n != 0 {
		return fail(codeFatal, "CS with %d: %v", n, err)
	}
	return nil
}

// content gives a stream's data as it is on the wire.
func (c *conversation) content(handle []byte) ([]byte, engine.Stream, error) {
	stream, ok := c.streams.known[string(handle)]
	if !ok {
		return nil, stream, &failure{status: wire.StatusNoStream, text: "no such stream"}
	}
	data, _, err := c.session.ReadStream(stream.Handle)
	return data, stream, err
}

// readStream answers JS: all of the stream, or the next so many 16-bit units or bytes of it. Both drivers ask for the
// size first and for that many then; the old DB-API client (3.8.0) asks for all.
func (c *conversation) readStream(body []byte) error {
	request, err := wire.ParseReadStream(body)
	if err != nil {
		return err
	}
	data, stream, err := c.content(request.Handle)
	if err != nil {
		return err
	}
	key := string(request.Handle)
	if request.Length >= 0 {
		data = data[min(c.streams.pos[key], len(data)):]
		data = data[:prefix(data, request.Length, stream.Binary)]
		c.streams.pos[key] += len(data)
	}
	return c.reply(wire.StatusOK, data)
}

// prefix is the length in bytes of the first n characters, or bytes. A character above U+FFFF counts as two, and is not
// cut.
func prefix(data []byte, n int64, binary bool) int {
	if binary {
		return int(min(n, int64(len(data))))
	}
	i := 0
	for n > 0 && i < len(data) {
		r, size := utf8.DecodeRune(data[i:])
		i += size
		n -= int64(utf16.RuneLen(r))
	}
	return i
}

// length is that of a stream in characters (16-bit units) or bytes.
func length(data []byte, binary bool) int64 {
	if binary {
		return int64(len(data))
	}
	return int64(len(units(string(data))))
}
