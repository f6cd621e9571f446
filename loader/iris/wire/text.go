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

// Text gives the text of a string item; "" if it is NULL. Half of a surrogate pair is a [SurrogateError], a byte that
// is no character of the code page a [CharsetError]: nothing is replaced.
func (it Item) Text(c *Charset) (string, error) {
	b, err := it.AppendText(nil, c)
	return string(b), err
}

// SQLText gives the text of an SQL value: as [Item.Text], but a payload of exactly one NUL is the empty text, and a
// number, which IRIS sends for a character column when a number was stored in it, is written as IRIS writes it
// ([Number.Canonical]).
func (it Item) SQLText(c *Charset) (string, error) {
	b, err := it.AppendSQLText(nil, c)
	return string(b), err
}

// AppendSQLText is [Item.SQLText] into a buffer, in UTF-8.
func (it Item) AppendSQLText(dst []byte, c *Charset) ([]byte, error) {
	switch {
	case it.empty():
		return dst, nil
	case it.Type >= Positive && it.Type <= NegativeDecimal:
		n, err := it.Number()
		if err != nil {
			return dst, err
		}
		return append(dst, n.Canonical()...), nil
	}
	return it.AppendText(dst, c)
}

// AppendText is [Item.Text] into a buffer, in UTF-8.
func (it Item) AppendText(dst []byte, c *Charset) ([]byte, error) {
	switch {
	case it.Null():
		return dst, nil
	case it.Type == String8 && c.page != nil:
		return c.page.appendUTF8(dst, it.Data)
	case it.Type == String8:
		return appendLatin1(dst, it.Data), nil
	case it.Type == String16:
		return appendUTF16(dst, it.Data)
	}
	return dst, &TypeError{it.Type, "text"}
}

func appendLatin1(dst, data []byte) []byte {
	for i, b := range data {
		if b >= utf8.RuneSelf {
			dst = append(dst, data[:i]...)
			for _, b := range data[i:] {
				dst = utf8.AppendRune(dst, rune(b))
			}
			return dst
		}
	}
	return append(dst, data...)
}

func appendUTF16(dst, data []byte) ([]byte, error) {
	if len(data)%2 != 0 {
		return dst, &PayloadError{String16, len(data)}
	}
	start := len(dst)
	for i := 0; i < len(data); i += 2 {
		r := rune(data[i]) | rune(data[i+1])<<8
		if utf16.IsSurrogate(r) {
			var low rune
			if i+3 < len(data) {
				low = rune(data[i+2]) | rune(data[i+3])<<8
			}
			pair := utf16.DecodeRune(r, low)
			if pair == utf8.RuneError {
				return dst[:start], &SurrogateError{i / 2, uint16(r)}
			}
			r, i = pair, i+2
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, nil
}
