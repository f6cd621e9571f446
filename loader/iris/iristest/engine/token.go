package engine

import (
	"strings"
)

type tokenKind uint8

const (
	tokenEnd    tokenKind = iota
	tokenWord             // identifier or keyword
	tokenQuoted           // delimited identifier
	tokenString           // 'literal'
	tokenNumber
	tokenParam // ? or :%qpar(n)
	tokenSign  // operator or punctuation
)

// token is a piece of a statement.
type token struct {
	kind     tokenKind
	text     string // without quotes; words as written
	upper    string // words in upper case, signs as written
	n        int    // number of a parameter, from 1
	pos, end int    // in the text of the statement
}

// maxStatement is how long a statement may be, in bytes. It is far above what a client sends in one message.
const maxStatement = 64 << 20

// tokenize cuts a statement into tokens (InterSystems SQL Reference, Language Elements). A sign that no statement
// has becomes a token of its own, which the parser then refuses.
func tokenize(sql string) ([]token, error) {
	if len(sql) > maxStatement {
		return nil, refuse(-400, "statement too long")
	}
	s := scanner{sql: sql}
	var list []token
	for {
		t, err := s.next()
		if err != nil {
			return nil, err
		}
		list = append(list, t)
		if t.kind == tokenEnd {
			return list, nil
		}
	}
}

type scanner struct {
	sql    string
	pos    int
	params int // ? so far
}

func (s *scanner) next() (token, error) {
	if err := s.skipSpace(); err != nil {
		return token{}, err
	}
	start := s.pos
	if start >= len(s.sql) {
		return token{pos: start, end: start}, nil
	}
	c := s.sql[start]
	var t token
	var err error
	switch {
	case c == '\'':
		t, err = s.quoted('\'', tokenString, -3)
	case c == '"':
		t, err = s.quoted('"', tokenQuoted, -3)
	case c == '?':
		s.pos++
		s.params++
		t = token{kind: tokenParam, n: s.params}
	case c == ':':
		t, err = s.host()
	case isDigit(c) || c == '.' && start+1 < len(s.sql) && isDigit(s.sql[start+1]):
		t = s.number()
	default:
		t = s.wordOrSign()
	}
	t.pos, t.end = start, s.pos
	return t, err
}

// skipSpace passes blanks and comments.
func (s *scanner) skipSpace() error {
	for s.pos < len(s.sql) {
		rest := s.sql[s.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			s.pos++
		case strings.HasPrefix(rest, "--"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				s.pos += i + 1
			} else {
				s.pos = len(s.sql)
			}
		case strings.HasPrefix(rest, "/*"):
			i := strings.Index(rest, "*/")
			if i < 0 {
				return refuse(-1, " Comment not terminated")
			}
			s.pos += i + 2
		default:
			return nil
		}
	}
	return nil
}

// quoted reads up to the closing quote; a doubled one stands for itself.
func (s *scanner) quoted(quote byte, kind tokenKind, code int) (token, error) {
	var b strings.Builder
	for i := s.pos + 1; i < len(s.sql); i++ {
		if s.sql[i] != quote {
			b.WriteByte(s.sql[i])
			continue
		}
		if i+1 < len(s.sql) && s.sql[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		s.pos = i + 1
		return token{kind: kind, text: b.String(), upper: strings.ToUpper(b.String())}, nil
	}
	return token{}, refuse(code, "")
}

// maxParams is how many parameters a statement may have. SQLite has a limit of its own, which is lower.
const maxParams = 32766
