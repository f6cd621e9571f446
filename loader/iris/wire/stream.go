package wire

import (
	"encoding/binary"
	"math"
)

// newStream is the handle that the first piece of a new stream carries.
var newStream = []byte("0")

// ReadStream is the body of a JS request. The body of the reply is the data itself, no items; status [StatusNoStream]
// means that there is none.
type ReadStream struct {
	Handle []byte // as it was received in a row
	Length int64  // -1 for all; else how many bytes, or in a character stream 16-bit units, from where the last JS ended
}

// Append appends the body.
func (m ReadStream) Append(dst []byte) []byte {
	return AppendInt(AppendBytes(dst, m.Handle), m.Length)
}

// ParseReadStream reads the body of a JS request. The handle shares its memory.
func ParseReadStream(body []byte) (ReadStream, error) {
	d := decode("JS request", body, Unicode)
	m := ReadStream{Handle: d.bytes("handle")}
	if d.err == nil {
		var err error
		m.Length, err = d.Int()
		d.fail("length", err)
	}
	return m, d.end()
}

// WriteStream is the body of an SB (binary) or SM (character) request: one piece of a stream. The reply holds the
// handle for the next piece, or for the value; see [ParseHandle].
type WriteStream struct {
	Handle []byte // from the reply to the piece before; nil for the first
	Data   []byte // of a character stream: UTF-8, whatever the server's locale is, cut between characters
	// Count is what the server is told of Data: in SB its bytes, in SM its 16-bit units ([Units]). The DB-API driver
	// 5.4.1 and the JDBC driver 3.10.3 both do it so. Append writes the number of bytes for 0.
	Count uint32
}

// Append appends the body.
func (m WriteStream) Append(dst []byte) ([]byte, error) {
	if uint64(len(m.Data)) > math.MaxUint32 {
		return dst, &RangeError{"length of a piece", "32 bits"}
	}
	handle, count := m.Handle, m.Count
	if len(handle) == 0 {
		handle = newStream
	}
	if count == 0 {
		count = uint32(len(m.Data))
	}
	dst = binary.LittleEndian.AppendUint32(AppendBytes(dst, handle), count)
	return append(dst, m.Data...), nil
}

// ParseWriteStream reads the body of an SB or SM request. Handle is nil for the first piece. Handle and Data share the
// body's memory.
func ParseWriteStream(body []byte) (WriteStream, error) {
	d := decode("SB or SM request", body, Unicode)
	m := WriteStream{Handle: d.pieceHandle()}
	if d.err == nil {
		b, err := d.Raw(4)
		if d.fail("count", err); err == nil {
			m.Count = binary.LittleEndian.Uint32(b)
		}
	}
	m.Data = d.Rest()
	return m, d.err
}

// pieceHandle reads the handle of a piece; nil for the first, which has the text 0 (DB-API driver 3.8.0) or the integer
// 0 (DB-API driver 5.4.1, JDBC driver 3.10.3).
func (d *decoder) pieceHandle() []byte {
	it := d.item("handle")
	if it.Type == Positive && len(it.Data) == 0 || it.Type == String8 && string(it.Data) == string(newStream) {
		return nil
	}
	h, err := it.Bytes()
	d.fail("handle", err)
	return h
}

// AppendHandle appends the body of the reply to SB and SM.
func AppendHandle(dst, handle []byte) []byte { return AppendBytes(dst, handle) }

// ParseHandle reads the body of the reply to SB and SM. The handle shares its memory.
func ParseHandle(body []byte) ([]byte, error) {
	d := decode("SB or SM reply", body, Unicode)
	h := d.bytes("handle")
	return h, d.err
}
