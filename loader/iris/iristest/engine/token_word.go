package engine

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// host reads :%qpar(n), the form that clients give to parameters. Other host variables belong to embedded SQL.
func (s *scanner) host() (token, error) {
	const prefix = ":%qpar("
	rest := s.sql[s.pos:]
	if len(rest) > len(prefix) && strings.EqualFold(rest[:len(prefix)], prefix) {
		digits, _, ok := strings.Cut(rest[len(prefix):], ")")
		n, err := strconv.Atoi(strings.TrimSpace(digits))
		if ok && err == nil && n > 0 && n <= maxParams {
			s.pos += len(prefix) + len(digits) + 1
			return token{kind: tokenParam, n: n}, nil
		}
	}
	s.pos++
	return token{kind: tokenSign, text: ":", upper: ":"}, nil
}

func (s *scanner) number() token {
	start := s.pos
	digits := func() {
		for s.pos < len(s.sql) && isDigit(s.sql[s.pos]) {
			s.pos++
		}
	}
	digits()
	if s.pos < len(s.sql) && s.sql[s.pos] == '.' {
		s.pos++
		digits()
	}
	if s.pos < len(s.sql) && (s.sql[s.pos] == 'e' || s.sql[s.pos] == 'E') {
		mark := s.pos
		s.pos++
		if s.pos < len(s.sql) && (s.sql[s.pos] == '+' || s.sql[s.pos] == '-') {
			s.pos++
		}
		if s.pos < len(s.sql) && isDigit(s.sql[s.pos]) {
			digits()
		} else {
			s.pos = mark
		}
	}
	return token{kind: tokenNumber, text: s.sql[start:s.pos]}
}

var signs = []string{"||", "<>", "!=", "<=", ">=", "^=", "->", "=*", "*="}

func (s *scanner) wordOrSign() token {
	start := s.pos
	for i, r := range s.sql[start:] {
		if !isWordRune(r, i == 0) {
			break
		}
		s.pos = start + i + utf8.RuneLen(r)
	}
	if s.pos > start {
		text := s.sql[start:s.pos]
		return token{kind: tokenWord, text: text, upper: strings.ToUpper(text)}
	}
	for _, sign := range signs {
		if strings.HasPrefix(s.sql[start:], sign) {
			s.pos += len(sign)
			return token{kind: tokenSign, text: sign, upper: sign}
		}
	}
	_, size := utf8.DecodeRuneInString(s.sql[start:])
	s.pos += size
	return token{kind: tokenSign, text: s.sql[start:s.pos], upper: s.sql[start:s.pos]}
}

// isWordRune tells the characters of an identifier (Using InterSystems SQL, Identifiers): letters, digits, and
// _ @ # $; % stands first only.
func isWordRune(r rune, first bool) bool {
	if r == utf8.RuneError {
		return false
	}
	if unicode.IsLetter(r) || r == '_' || r == '$' {
		return true
	}
	if first {
		return r == '%'
	}
	return unicode.IsDigit(r) || r == '@' || r == '#'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
