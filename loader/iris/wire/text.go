package wire

import (
	"unicode/utf16"
	"unicode/utf8"
)

// MaxString is the longest IRIS string, in characters (16-bit units) or bytes; longer values must be streams (vendor
// documentation, "String Length Limit", GORIENT_appx_limits).
const MaxString = 3_641_144

// shape is what a text needs on the wire.
type shape struct {
	units int  // 16-bit units
	wide  bool // has characters above U+00FF
}

// measure refuses what is no UTF-8; Go strings never hold surrogates.
func measure(s string) (shape, error) {
	var sh shape
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			sh.units++
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return sh, &EncodingError{i}
		}
		sh.wide = sh.wide || r > 0xFF
		sh.units += utf16.RuneLen(r)
		i += n
	}
	return sh, nil
}

// Units counts the 16-bit units that text takes in IRIS, or gives an [EncodingError] if it is no UTF-8.
func Units(s string) (int, error) {
	sh, err := measure(s)
	return sh.units, err
}

// AppendText appends text: on a Unicode server one byte a character (ISO 8859-1) if every character has one, else the
// whole of it in UTF-16; on others in the code page. An empty s reads as NULL. Invalid UTF-8 is an [EncodingError], a
// character without a code a [CharsetError]; dst is then returned as it was.
func AppendText(dst []byte, s string, c *Charset) ([]byte, error) {
	if c.page != nil {
		return c.page.appendText(dst, s)
	}
	sh, err := measure(s)
	switch {
	case err != nil:
		return dst, err
	case sh.units == len(s):
		return append(appendHead(dst, byte(String8), len(s)), s...), nil
	case sh.wide:
		return appendWide(appendHead(dst, byte(String16), 2*sh.units), s), nil
	}
	dst = appendHead(dst, byte(String8), sh.units)
	for _, r := range s {
		dst = append(dst, byte(r))
	}
	return dst, nil
}

func appendWide(dst []byte, s string) []byte {
	for _, r := range s {
		if r >= 0x10000 {
			hi, lo := utf16.EncodeRune(r)
			dst = append(dst, byte(hi), byte(hi>>8))
			r = lo
		}
		dst = append(dst, byte(r), byte(r>>8))
	}
	return dst
}

// AppendSQLText appends text as an SQL value: the empty text is written as one NUL. A text that is one NUL already is
// refused with [ErrOneNUL], one longer than [MaxString] with a [TooLongError].
func AppendSQLText(dst []byte, s string, c *Charset) ([]byte, error) {
	switch {
	case s == "":
		return append(dst, 3, byte(String8), 0), nil
	case s == "\x00":
		return dst, ErrOneNUL
	case len(s) > MaxString:
		if n, err := Units(s); err != nil || n > MaxString {
			return dst, tooLong(n, err)
		}
	}
	return AppendText(dst, s, c)
}

func tooLong(n int, err error) error {
	if err != nil {
		return err
	}
	return &TooLongError{n}
}
