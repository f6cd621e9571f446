package wire

import (
	"unicode/utf16"
	"unicode/utf8"
)

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
