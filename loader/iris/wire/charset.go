package wire

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Charset is how a server writes 8-bit strings. It is immutable and safe for concurrent use.
type Charset struct {
	page *page // nil: ISO 8859-1, with UTF-16 beside it
}

// Unicode is the charset of a Unicode server: ISO 8859-1 in 8-bit strings, UTF-16 in the others. It is the only reading
// of 8-bit strings that agrees with what clients write there, whatever locale the server names.
var Unicode = &Charset{}

// CharsetFor gives the charset of a server from the two facts of its handshake: the name of its locale and whether it
// is a Unicode server. A locale without a code page here is a [LocaleError]. The names are those that the DB-API client
// knows.
func CharsetFor(locale string, unicode bool) (*Charset, error) {
	if unicode {
		return Unicode, nil
	}
	name := strings.ToUpper(locale)
	if m := pages[name]; m != nil {
		return &Charset{&page{name, m}}, nil
	}
	return nil, &LocaleError{locale}
}

var pages = map[string]coder{
	"LATIN1": charmap.ISO8859_1, "LATIN2": charmap.ISO8859_2, "LATIN9": charmap.ISO8859_15,
	"LATINC": charmap.ISO8859_5, "LATINA": charmap.ISO8859_6, "LATING": charmap.ISO8859_7,
	"LATINH": charmap.ISO8859_8, "LATINT": thai{},
	"CP874": charmap.Windows874, "CP1250": charmap.Windows1250, "CP1251": charmap.Windows1251,
	"CP1252": charmap.Windows1252, "CP1253": charmap.Windows1253, "CP1255": charmap.Windows1255,
	"CP1256": charmap.Windows1256, "CP1257": charmap.Windows1257,
}

// coder maps characters to bytes and back; U+FFFD is no character.
type coder interface {
	DecodeByte(b byte) rune
	EncodeRune(r rune) (b byte, ok bool)
}

// thai is ISO 8859-11: code page 874 with control characters where that has punctuation.
type thai struct{}

func (thai) DecodeByte(b byte) rune {
	if b < 0xA0 {
		return rune(b)
	}
	return charmap.Windows874.DecodeByte(b)
}

func (thai) EncodeRune(r rune) (byte, bool) {
	if r < 0xA0 {
		return byte(r), true
	}
	b, ok := charmap.Windows874.EncodeRune(r)
	return b, ok && b >= 0xA0
}

type page struct {
	name string
	coder
}

// encode gives the bytes of s in the code page.
func (p *page) encode(dst []byte, s string) ([]byte, error) {
	start := len(dst)
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return dst[:start], &EncodingError{i}
			}
		}
		b, ok := p.EncodeRune(r)
		if !ok || r == utf8.RuneError {
			return dst[:start], &CharsetError{Charset: p.name, Rune: r}
		}
		dst = append(dst, b)
	}
	return dst, nil
}

func (p *page) appendText(dst []byte, s string) ([]byte, error) {
	start := len(dst)
	// One byte a character: the length is known before the bytes are.
	dst, err := p.encode(appendHead(dst, byte(String8), utf8.RuneCountInString(s)), s)
	if err != nil {
		return dst[:start], err
	}
	return dst, nil
}

func (p *page) appendUTF8(dst, data []byte) ([]byte, error) {
	start := len(dst)
	for _, b := range data {
		r := p.DecodeByte(b)
		if r == utf8.RuneError {
			return dst[:start], &CharsetError{p.name, -1, b}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, nil
}
