package iristest

import "github.com/irisfix/irisfix/loader/iris/wire"

// sizeOfStream answers SS, and goes back to the start of the stream.
func (c *conversation) sizeOfStream(body []byte) error {
	r := wire.NewReader(body)
	it, err := r.Next()
	if err != nil {
		return err
	}
	if r.More() {
		return wire.ErrTrailing
	}
	handle, err := it.Bytes()
	if err != nil {
		return err
	}
	data, stream, err := c.content(handle)
	if err != nil {
		return err
	}
	delete(c.streams.pos, string(handle))
	return c.reply(wire.StatusOK, wire.AppendInt(nil, length(data, stream.Binary)))
}

// partOfStream answers GB: so many characters or bytes from a position, counted from 1.
func (c *conversation) partOfStream(body []byte) error {
	r := wire.NewReader(body)
	it, err := r.Next()
	if err != nil {
		return err
	}
	from, err := r.Int()
	if err != nil {
		return err
	}
	n, err := r.Int()
	if err != nil {
		return err
	}
	if r.More() {
		return wire.ErrTrailing
	}
	handle, err := it.Bytes()
	if err != nil {
		return err
	}
	data, stream, err := c.content(handle)
	if err != nil {
		return err
	}
	if from < 1 || n < 0 {
		return fail(codeFatal, "%d from position %d of a stream", n, from)
	}
	data = data[prefix(data, from-1, stream.Binary):]
	return c.reply(wire.StatusOK, data[:prefix(data, n, stream.Binary)])
}
