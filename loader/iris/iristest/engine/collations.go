package engine

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// compareNumbers orders texts of numbers by value.
func compareNumbers(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, xerr := parseDecimal(string(a))
	y, yerr := parseDecimal(string(b))
	if xerr != nil || yerr != nil {
		return bytes.Compare(a, b)
	}
	return x.compare(y)
}

// compareUpper is the collation SQLUPPER: without case and trailing blanks.
func compareUpper(a, b []byte) int {
	a, b = bytes.TrimRight(a, " "), bytes.TrimRight(b, " ")
	n := min(len(a), len(b))
	for i := range n {
		x, y := a[i], b[i]
		if x >= utf8.RuneSelf || y >= utf8.RuneSelf {
			return bytes.Compare([]byte(upper(string(a[i:]))), []byte(upper(string(b[i:]))))
		}
		if 'a' <= x && x <= 'z' {
			x -= 32
		}
		if 'a' <= y && y <= 'z' {
			y -= 32
		}
		if x != y {
			if x < y {
				return -1
			}
			return 1
		}
	}
	return len(a) - len(b)
}

func compareTrimmed(a, b []byte) int {
	return bytes.Compare(bytes.TrimRight(a, " "), bytes.TrimRight(b, " "))
}

// upper is the upper case of ObjectScript, character by character: ß stays ß.
func upper(s string) string {
	if !utf8.ValidString(s) {
		return strings.Map(toUpperASCII, s)
	}
	return strings.ToUpper(s)
}

func toUpperASCII(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - 32
	}
	return r
}
