package iristest

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// text reads character data. IRIS strings are sequences of 16-bit units: half of a surrogate pair is kept, as the three
// bytes that UTF-8 would have for it, which is how the engine holds it.
func (c *conversation) text(it wire.Item) (string, error) {
	s, err := it.SQLText(c.charset)
	var half *wire.SurrogateError
	if errors.As(err, &half) {
		return string(appendUnits(nil, it.Data)), nil
	}
	return s, err
}

// appendUnits turns 16-bit units into UTF-8 where lone surrogates have three bytes.
func appendUnits(dst, data []byte) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = uint16(data[2*i]) | uint16(data[2*i+1])<<8
	}
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if i+1 < len(units) {
			if pair := utf16.DecodeRune(r, rune(units[i+1])); pair != '\uFFFD' {
				dst, i = append(dst, string(pair)...), i+1
				continue
			}
		}
		dst = appendUnit(dst, units[i])
	}
	return dst
}

// appendUnit is utf8.AppendRune that takes surrogates, too.
func appendUnit(dst []byte, u uint16) []byte {
	switch {
	case u < 0x80:
		return append(dst, byte(u))
	case u < 0x800:
		return append(dst, 0xC0|byte(u>>6), 0x80|byte(u&0x3F))
	}
	return append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6&0x3F), 0x80|byte(u&0x3F))
}

// units is the reverse: the 16-bit units of text from the engine.
func units(s string) []uint16 {
	out := make([]uint16, 0, len(s))
	for i := 0; i < len(s); {
		if half, ok := loneSurrogate(s[i:]); ok {
			out, i = append(out, half), i+3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		out, i = utf16.AppendRune(out, r), i+n
	}
	return out
}

// loneSurrogate reads the three bytes of a surrogate at the start of s.
func loneSurrogate(s string) (uint16, bool) {
	if len(s) < 3 || s[0] != 0xED || s[1] < 0xA0 || s[1] > 0xBF || s[2]&0xC0 != 0x80 {
		return 0, false
	}
	return 0xD000 | uint16(s[1]&0x3F)<<6 | uint16(s[2]&0x3F), true
}
