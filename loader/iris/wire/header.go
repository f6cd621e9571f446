package wire

import (
	"encoding/binary"
	"fmt"
)

// HeaderSize is the size of the header of every message.
const HeaderSize = 14

// moreBit in the statement of a reply says that a further fragment follows.
const moreBit = 1 << 31

// Header stands before every message: four little-endian fields.
type Header struct {
	Length    uint32 // of the body
	ID        uint32 // chosen by the client, copied by the server
	Statement uint32 // chosen by the client, copied by the server; 0 if none
	More      bool   // replies only: the next message continues this one
	Code      [2]byte
}

// Status is what a reply has in place of the function code.
func (h Header) Status() uint16 { return binary.LittleEndian.Uint16(h.Code[:]) }

// ParseHeader reads the [HeaderSize] bytes of a header.
func ParseHeader(b [HeaderSize]byte) Header {
	statement := binary.LittleEndian.Uint32(b[8:])
	return Header{
		Length:    binary.LittleEndian.Uint32(b[0:]),
		ID:        binary.LittleEndian.Uint32(b[4:]),
		Statement: statement &^ moreBit,
		More:      statement&moreBit != 0,
		Code:      [2]byte{b[12], b[13]},
	}
}

// Append appends the header.
func (h Header) Append(dst []byte) []byte {
	statement := h.Statement &^ moreBit
	if h.More {
		statement |= moreBit
	}
	dst = binary.LittleEndian.AppendUint32(dst, h.Length)
	dst = binary.LittleEndian.AppendUint32(dst, h.ID)
	dst = binary.LittleEndian.AppendUint32(dst, statement)
	return append(dst, h.Code[0], h.Code[1])
}

// AppendRequest appends a request. Of statement, the lower 31 bits count. It panics for a body of 4 GiB or more, which
// has no encoding; bound what you send.
func AppendRequest(dst []byte, id, statement uint32, code Code, body []byte) []byte {
	h := Header{Length: length32(len(body)), ID: id, Statement: statement, Code: code}
	return append(h.Append(dst), body...)
}

// AppendReply appends a reply, or, with more, a fragment of one; as [AppendRequest].
func AppendReply(dst []byte, id, statement uint32, status uint16, more bool, body []byte) []byte {
	h := Header{Length: length32(len(body)), ID: id, Statement: statement, More: more}
	binary.LittleEndian.PutUint16(h.Code[:], status)
	return append(h.Append(dst), body...)
}

// A FrameError says that a message breaks the rules of messages. The position in the stream is lost: the connection can
// only be closed.
type FrameError struct {
	Header Header
	Reason string
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("message %d of statement %d: %s", e.Header.ID, e.Header.Statement, e.Reason)
}

// A SizeError says that a message is larger than the reader's limit. Its body was not read: the connection can only be
// closed.
type SizeError struct {
	Header Header
	Size   uint64 // of the body, as far as it was announced
	Limit  int
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("message %d has %d bytes, limit %d", e.Header.ID, e.Size, e.Limit)
}
