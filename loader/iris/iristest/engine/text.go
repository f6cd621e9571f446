package engine

import (
	"strings"
	"unicode/utf8"
)

// emptyIfNUL is the rule that a text of one NUL is the empty string (Using InterSystems SQL, NULL and the Empty String).
func emptyIfNUL(s string) string {
	if s == "\x00" {
		return ""
	}
	return s
}

// utf16Length is how many characters IRIS counts in a text: UTF-16 units.
func utf16Length(s string) int {
	n := 0
	for i := 0; i < len(s); n++ {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		size := sequence(s[i:])
		if size == 4 {
			n++
		}
		i += size
	}
	return n
}

// sequence is the length of the character that begins here. A lone surrogate, which Go does not take for UTF-8, has
// three bytes all the same.
func sequence(s string) int {
	if _, size := utf8.DecodeRuneInString(s); size > 1 {
		return size
	}
	if len(s) >= 3 && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80 {
		return 3
	}
	return 1
}

// latin1 makes bytes of characters up to U+00FF.
func latin1(s string) ([]byte, bool) {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r > 0xFF || r == utf8.RuneError {
			return nil, false
		}
		b = append(b, byte(r))
		i += size
	}
	return b, true
}

// fromLatin1 is the text whose characters are these bytes.
func fromLatin1(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

// substring cuts by characters as IRIS counts them, from 1. A pair of surrogates that it would cut stays out.
func substring(s string, start, length int) string {
	if start < 1 {
		length += start - 1
		start = 1
	}
	if length <= 0 {
		return ""
	}
	pos, from := 1, -1
	for i := 0; i < len(s); {
		size, units := 1, 1
		if s[i] >= utf8.RuneSelf {
			if size = sequence(s[i:]); size == 4 {
				units = 2
			}
		}
		if from < 0 && pos >= start {
			from = i
		}
		if pos+units > start+length {
			if from < 0 {
				return ""
			}
			return s[from:i]
		}
		pos += units
		i += size
	}
	if from < 0 {
		return ""
	}
	return s[from:]
}
