package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// A ScanError says that a literal, a quoted identifier, a comment or a brace of an SQL text has no end.
type ScanError struct {
	Offset int // of its beginning, in bytes
	What   string
}

func (e *ScanError) Error() string { return fmt.Sprintf("%s at byte %d has no end", e.What, e.Offset) }

// Placeholders replaces each ? of an SQL text by :%qpar(n), n counting from 1, with blanks around it: servers take no
// question marks, as both clients show. Nothing else changes; literals, quoted identifiers, comments and everything in
// braces stay as they are. The second argument is [ConnectReply.DelimitedIdentifiers]: whether "x" is an identifier or a
// literal makes no difference to where it ends, since both double their quotes.
func Placeholders(sql string, _ bool) (rewritten string, n int, err error) {
	var out strings.Builder
	done := 0
	for i := 0; i < len(sql); {
		end, what := skip(sql, i)
		switch {
		case end < 0:
			return "", 0, &ScanError{i, what}
		case sql[i] == '?':
			n++
			out.WriteString(sql[done:i])
			if i > 0 && !blank(sql[i-1]) {
				out.WriteByte(' ')
			}
			out.WriteString(":%qpar(" + strconv.Itoa(n) + ")")
			if end < len(sql) && !blank(sql[end]) {
				out.WriteByte(' ')
			}
			done = end
		}
		i = end
	}
	if n == 0 {
		return sql, 0, nil
	}
	out.WriteString(sql[done:])
	return out.String(), n, nil
}

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// skip gives the end of what begins at i: a quoted text, a comment, braces, or one byte. It is -1 for what has no end,
// and what names it.
func skip(sql string, i int) (end int, what string) {
	switch {
	case sql[i] == '\'':
		return after(sql, i+1, "'"), "literal"
	case sql[i] == '"':
		return after(sql, i+1, `"`), "quoted identifier"
	case strings.HasPrefix(sql[i:], "/*"):
		return after(sql, i+2, "*/"), "comment"
	case strings.HasPrefix(sql[i:], "--"):
		if n := strings.IndexAny(sql[i:], "\r\n"); n >= 0 {
			return i + n, ""
		}
		return len(sql), ""
	case sql[i] == '{':
		return braces(sql, i), "brace"
	}
	return i + 1, ""
}

// after gives the index after the next mark, or -1. A doubled quote ends one text and begins the next at once.
func after(sql string, i int, mark string) int {
	n := strings.Index(sql[i:], mark)
	if n < 0 {
		return -1
	}
	return i + n + len(mark)
}

// braces gives the index after the brace that closes the one at i.
func braces(sql string, i int) int {
	depth := 0
	for i < len(sql) {
		switch sql[i] {
		case '{':
			depth++
			i++
			continue
		case '}':
			depth--
		}
		if depth == 0 {
			return i + 1
		}
		if i, _ = skip(sql, i); i < 0 {
			return -1
		}
	}
	return -1
}
