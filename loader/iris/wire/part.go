package wire

import (
	"errors"
	"fmt"
)

// ErrTrailing says that a message goes on after its last part.
var ErrTrailing = errors.New("more follows than the message has")

// A MessageError says which part of a message could not be read or written, and why.
type MessageError struct {
	Message string // "DQ request", say
	Part    string
	Err     error
}

func (e *MessageError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Message, e.Part, e.Err) }
func (e *MessageError) Unwrap() error { return e.Err }

// A CountError says that there are not as many of something as there must be.
type CountError struct {
	What      string
	Want, Got int64
}

func (e *CountError) Error() string { return fmt.Sprintf("%d %s, not %d", e.Got, e.What, e.Want) }

// decoder reads the parts of one message. After the first error it gives zero values; done has the error.
type decoder struct {
	Reader
	message string
	charset *Charset
	err     error
}

func decode(message string, body []byte, c *Charset) *decoder {
	return &decoder{Reader: Reader{body: body}, message: message, charset: c}
}

func (d *decoder) fail(part string, err error) {
	if d.err == nil && err != nil {
		d.err = &MessageError{d.message, part, err}
	}
}

func (d *decoder) item(part string) Item {
	if d.err != nil {
		return Item{}
	}
	it, err := d.must()
	d.fail(part, err)
	return it
}

func (d *decoder) text(part string) string {
	it := d.item(part)
	s, err := it.Text(d.charset)
	d.fail(part, err)
	return s
}

func (d *decoder) bytes(part string) []byte {
	it := d.item(part)
	b, err := it.Bytes()
	d.fail(part, err)
	return b
}

// int reads a number that is only described: NULL counts as 0.
func (d *decoder) int(part string) int {
	at := d.pos
	if it := d.item(part); d.err != nil || it.Null() {
		return 0
	}
	d.pos = at
	v, err := d.Int()
	if int64(int(v)) != v {
		err = &RangeError{fmt.Sprint(v), "an int"}
	}
	d.fail(part, err)
	return int(v)
}

// count reads how many things of at least size bytes each follow, and refuses more than can.
func (d *decoder) count(part string, size int) int {
	if d.err != nil {
		return 0
	}
	v, err := d.Int()
	if left := int64(len(d.Rest()) / size); err == nil && (v < 0 || v > left) {
		err = &CountError{part, left, v}
	}
	d.fail(part, err)
	if d.err != nil {
		return 0
	}
	return int(v)
}

// end refuses what follows the last part.
func (d *decoder) end() error {
	if d.More() {
		d.fail("end", ErrTrailing)
	}
	return d.err
}

// encoder writes the parts of one message. After the first error it writes nothing; done has the error.
type encoder struct {
	dst     []byte
	message string
	charset *Charset
	err     error
}

func (e *encoder) text(part, s string) {
	if e.err != nil {
		return
	}
	dst, err := AppendText(e.dst, s, e.charset)
	if e.dst = dst; err != nil {
		e.err = &MessageError{e.message, part, err}
	}
}

func (e *encoder) int(v int) { e.dst = AppendInt(e.dst, int64(v)) }

func (e *encoder) bool(v bool) {
	if v {
		e.int(1)
		return
	}
	e.int(0)
}

// done gives the message, or the buffer as it was, of length start.
func (e *encoder) done(start int) ([]byte, error) {
	if e.err != nil {
		return e.dst[:start], e.err
	}
	return e.dst, nil
}
