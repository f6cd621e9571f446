package iristest

import (
	"encoding/binary"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Action is what goes wrong at a moment. The zero value is nothing. Those that change a message do so in phase [Reply]
// only.
type Action struct {
	end  end
	fail *failure
	// change gives what is sent instead of the raw bytes of a message, and after how many of them the connection ends;
	// less than 0: not at all.
	change func(raw []byte) (sent []byte, cut int)
	piece  int // bytes in a write; 0: all at once
	frame  int // bytes of body in a fragment; 0: as the options say
}

type end int

const (
	goOn end = iota
	drop
	reset
	stall
)

// Drop closes the connection.
func Drop() Action { return Action{end: drop} }

// Reset closes the connection so that the client's system reports a reset instead of an end.
func Reset() Action { return Action{end: reset} }

// Stall does nothing any more until the client gives up, or the server is closed.
func Stall() Action { return Action{end: stall} }

// Fail answers with that SQLCODE (119 stands for -119) and text. In phase [Arrived] nothing is carried out, in [Set] the
// set fails, in [Reply] the request was carried out and is reported as failed all the same.
func Fail(code uint16, text string) Action { return Action{fail: &failure{status: code, text: text}} }

// Forget answers that the server does not know the statement any more.
func Forget() Action { return Action{fail: &failure{status: wire.StatusUnknown}} }

// Cut sends n bytes of the message, header included, and closes the connection. With fewer than 0, all but so many.
func Cut(n int) Action {
	return Action{change: func(raw []byte) ([]byte, int) {
		if n < 0 {
			return raw, max(len(raw)+n, 0)
		}
		return raw, min(n, len(raw))
	}}
}

// Flip changes one bit of the message, counted from the first of the header. Past the end nothing is changed.
func Flip(bit int) Action {
	return Action{change: func(raw []byte) ([]byte, int) {
		if bit/8 < len(raw) {
			raw = append([]byte(nil), raw...)
			raw[bit/8] ^= 1 << (bit % 8)
		}
		return raw, -1
	}}
}

// Shorten takes n bytes off the end of the body; the header agrees. It is for messages that are not in fragments.
func Shorten(n int) Action {
	return Action{change: func(raw []byte) ([]byte, int) {
		raw = append([]byte(nil), raw[:max(len(raw)-n, wire.HeaderSize)]...)
		binary.LittleEndian.PutUint32(raw, uint32(len(raw)-wire.HeaderSize))
		return raw, -1
	}}
}

// Lengthen adds these bytes to the body; the header agrees. It is for messages that are not in fragments.
func Lengthen(more []byte) Action {
	return Action{change: func(raw []byte) ([]byte, int) {
		raw = append(append([]byte(nil), raw...), more...)
		binary.LittleEndian.PutUint32(raw, uint32(len(raw)-wire.HeaderSize))
		return raw, -1
	}}
}

// Announce says in the header that the body has this length, and sends the body as it is.
func Announce(length uint32) Action {
	return Action{change: func(raw []byte) ([]byte, int) {
		raw = append([]byte(nil), raw...)
		binary.LittleEndian.PutUint32(raw, length)
		return raw, -1
	}}
}

// Replace sends these bytes instead of the message.
func Replace(raw []byte) Action {
	return Action{change: func([]byte) ([]byte, int) { return raw, -1 }}
}

// Fragments continues the reply in another message after each n bytes of the body.
func Fragments(n int) Action { return Action{frame: n} }

// Pieces sends the message in writes of n bytes each.
func Pieces(n int) Action { return Action{piece: n} }
