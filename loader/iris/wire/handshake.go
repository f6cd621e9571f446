package wire

import "encoding/binary"

// Versions of the protocol. The messages here are those of version 65; the DB-API client refuses servers below 61.
const (
	Version    = 65
	MinVersion = 61
	// compactVersion is the first in which the handshake can grant compact doubles.
	compactVersion = 65
)

// Handshake is the body of an HS request: the highest version that the client speaks.
type Handshake struct {
	Version uint16
}

// Append appends the body.
func (m Handshake) Append(dst []byte) []byte { return binary.LittleEndian.AppendUint16(dst, m.Version) }

// ParseHandshake reads the body of an HS request.
func ParseHandshake(body []byte) (Handshake, error) {
	d := decode("HS request", body, Unicode)
	m := Handshake{d.uint16("version")}
	return m, d.end()
}

// HandshakeReply is the body of the reply to HS.
type HandshakeReply struct {
	Version        uint16
	Unicode        bool
	CompactDoubles bool // doubles may be written compactly; never before version 65
	Locale         string
}

// Charset gives the charset that follows from the handshake; see [CharsetFor].
func (m HandshakeReply) Charset() (*Charset, error) { return CharsetFor(m.Locale, m.Unicode) }

// Append appends the body.
func (m HandshakeReply) Append(dst []byte) ([]byte, error) {
	var features uint16
	if m.Unicode {
		features |= 1
	}
	if m.CompactDoubles {
		features |= 2
	}
	e := encoder{dst: dst, message: "HS reply", charset: Unicode}
	e.dst = binary.LittleEndian.AppendUint16(e.dst, m.Version)
	e.dst = binary.LittleEndian.AppendUint16(e.dst, features)
	e.text("locale", m.Locale)
	return e.done(len(dst))
}

// ParseHandshakeReply reads the body of the reply to HS. What later versions may add behind it is ignored.
func ParseHandshakeReply(body []byte) (HandshakeReply, error) {
	d := decode("HS reply", body, Unicode)
	m := HandshakeReply{Version: d.uint16("version")}
	features := d.uint16("features")
	m.Unicode = features&1 != 0
	m.CompactDoubles = features&2 != 0 && m.Version >= compactVersion
	m.Locale = d.text("locale")
	return m, d.err
}

// uint16 reads two raw bytes.
func (d *decoder) uint16(part string) uint16 {
	if d.err != nil {
		return 0
	}
	b, err := d.Raw(2)
	if err != nil {
		d.fail(part, err)
		return 0
	}
	return binary.LittleEndian.Uint16(b)
}
