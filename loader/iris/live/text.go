package live

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

var textQuestions = []Question{
	{"name of the locale", "UNICODE, on a Unicode server; version 65 of the protocol",
		"", localeName, "the charset of 8-bit servers is chosen by it; a Unicode server is recognised by a bit of its own"},
	{"charset of 8-bit strings", "ISO 8859-1 on a Unicode server: é is one byte, E9", "All text without characters above U+00FF.", latin1, ""},
	{"text above U+00FF in rows", "UTF-16 (type 2); the compressed types 13 to 15 only if ListFormat was changed",
		"Types 13 to 15 are refused by name, so nothing is altered; but such a table could not be read.", wideText, ""},
	{"encoding of character streams, read", "UTF-8, of astral characters too", "Every LONGVARCHAR that is read.", streamRead, ""},
	{"count in SM (a piece of a character stream)", "16-bit units, the data in UTF-8: so the vendor's drivers announce them",
		"Every text that is written as a stream.", streamUnits, ""},
	{"count in SM that is not that of the units", "not known; nothing that is sent depends on it", "", streamBytes, ""},
	{"count in SB (a piece of a binary stream)", "bytes", "Every binary value that is written as a stream.", binaryStream, ""},
	{"streams of several pieces", "the handle in the reply takes the next piece; nothing is lost between them", "Every large stream.", pieces, ""},
}

func localeName(b *bench) (Answer, error) {
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err != nil {
		return Answer{}, err
	}
	h, err := wire.ParseHandshakeReply(r.hello.body)
	if err != nil {
		return Answer{}, err
	}
	return told(h.Locale == "UNICODE" && h.Unicode && h.Version == wire.Version,
		fmt.Sprintf("locale %q, Unicode %t, compact doubles %t, version %d of the protocol; HS reply %s", h.Locale, h.Unicode, h.CompactDoubles, h.Version, hexed(r.hello.body)))
}

func latin1(b *bench) (Answer, error) {
	b.run("CREATE TABLE QLatin (v VARCHAR(20))")
	b.put("INSERT INTO QLatin (v) VALUES (?)", "Ã©")
	row := b.items("SELECT v, CHAR(233) FROM QLatin")
	codes := b.see("SELECT ASCII(v), CHAR_LENGTH(v) FROM QLatin")
	if b.err != nil {
		return Answer{}, b.err
	}
	said := fmt.Sprintf("the bytes C3 A9 come back as %s; the code of the first, and their length: %s; CHAR(233) is %s", hexed(row[0].Data), codes, hexed(row[1].Data))
	return told(bytes.Equal(row[0].Data, []byte("\xc3\xa9")) && codes == "195, 2" && bytes.Equal(row[1].Data, []byte("\xe9")), said)
}

func wideText(b *bench) (Answer, error) {
	b.run("CREATE TABLE QWide (v VARCHAR(2000))")
	b.put("INSERT INTO QWide (v) VALUES (?)", strings.Repeat("тест€💻", 200))
	if b.err != nil {
		return Answer{}, b.err
	}
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err != nil {
		return Answer{}, err
	}
	_, _, rows, err := r.query("SELECT v FROM QWide", 0)
	if err != nil {
		return Answer{}, err
	}
	it, err := wire.NewReader(rows.body).Next()
	var unknown *wire.TypeError
	if errors.As(err, &unknown) {
		return told(false, fmt.Sprintf("type %d: %s", unknown.Type, hexed(rows.body)))
	}
	if err != nil {
		return Answer{}, err
	}
	text, err := it.Text(r.chars)
	if err != nil {
		return Answer{}, err
	}
	same := text == strings.Repeat("тест€💻", 200)
	return told(it.Type == wire.String16 && same, fmt.Sprintf("%s, the same text: %t; it begins with %s", it.Type, same, hexed(it.Data)))
}

// mixed has characters of one to four bytes in UTF-8.
const mixed = "aяé€💻"

func streamRead(b *bench) (Answer, error) {
	b.run("CREATE TABLE QStreams (v LONGVARCHAR)")
	b.put("INSERT INTO QStreams (v) VALUES (?)", mixed)
	handle := b.items("SELECT v FROM QStreams")
	length := b.see("SELECT CHARACTER_LENGTH(v) FROM QStreams")
	if b.err != nil {
		return Answer{}, b.err
	}
	data, err := b.stream(handle[0].Data)
	if err != nil {
		return Answer{}, err
	}
	return told(string(data) == mixed, fmt.Sprintf("%s of length %s is read as %s", brief(mixed), length, hexed(data)))
}

func streamUnits(b *bench) (Answer, error) {
	return sendPieces(b, "QStreamUnits", "LONGVARCHAR", wire.SM, wire.WriteStream{Data: []byte(mixed), Count: 6})
}

func streamBytes(b *bench) (Answer, error) {
	a, err := sendPieces(b, "QStreamBytes", "LONGVARCHAR", wire.SM, wire.WriteStream{Data: []byte(mixed), Count: uint32(len(mixed))})
	a.Verdict = Unsettled
	a.Said = "with the number of bytes: " + a.Said
	return a, err
}

func binaryStream(b *bench) (Answer, error) {
	return sendPieces(b, "QStreamBinary", "LONGVARBINARY", wire.SB, wire.WriteStream{Data: []byte("\x00\xff\x80\xc3\xa9\x00")})
}

func pieces(b *bench) (Answer, error) {
	first := wire.WriteStream{Data: []byte(strings.Repeat(mixed, 1000)), Count: 6000}
	second := wire.WriteStream{Data: []byte("end €"), Count: 5}
	return sendPieces(b, "QStreamPieces", "LONGVARCHAR", wire.SM, first, second)
}
