package iristest

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// writeStream takes SB and SM: a piece of a stream, which the first piece makes. The reply is its handle. Of characters,
// 16-bit units are announced; the old DB-API client (3.8.0) announces code points.
func (c *conversation) writeStream(code wire.Code, body []byte) error {
	request, err := wire.ParseWriteStream(body)
	if err != nil {
		return err
	}
	data := request.Data
	if code == wire.SM {
		data = joinSurrogates(data)
	}
	if n := int64(request.Count); n != length(data, code == wire.SB) && (code == wire.SB || n != int64(utf8.RuneCount(data))) {
		return fail(codeFatal, "a piece of %d is announced as %d", length(data, code == wire.SB), n)
	}
	stream, ok := c.streams.written[string(request.Handle)]
	switch {
	case request.Handle == nil:
		stream = c.session.NewStream(code == wire.SB)
	case !ok || stream.Binary != (code == wire.SB):
		return &failure{status: wire.StatusNoStream, text: "no such stream to write to"}
	}
	if err := c.session.AppendStream(stream.Handle, data); err != nil {
		return err
	}
	handle := c.streams.handle(stream)
	c.streams.written[string(handle)] = stream
	return c.reply(wire.StatusOK, wire.AppendHandle(nil, handle))
}

// joinSurrogates makes one character of two surrogates that follow one another. Characters arrive in UTF-8, also on
// 8-bit servers; the JDBC driver writes one above U+FFFF as two surrogates of three bytes each.
func joinSurrogates(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		if data[i] != 0xED { // no surrogate begins otherwise
			out, i = append(out, data[i]), i+1
			continue
		}
		high, ok := loneSurrogate(string(data[i:min(i+3, len(data))]))
		low, both := loneSurrogate(string(data[min(i+3, len(data)):min(i+6, len(data))]))
		if ok && both {
			if r := utf16.DecodeRune(rune(high), rune(low)); r != '\uFFFD' {
				out, i = append(out, string(r)...), i+6
				continue
			}
		}
		out, i = append(out, data[i]), i+1
	}
	return out
}
