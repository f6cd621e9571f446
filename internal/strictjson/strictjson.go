// Package strictjson reads JSON from outside with limits that encoding/json does not have: a depth, no duplicate
// keys, no text that is not UTF-8, nothing after the value. Values are kept as they were spelled.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may be nested. No document of irisfix needs more than 8; the limit keeps
// recursive readers of the same bytes, in any language, from running out of stack.
const MaxDepth = 64

// SyntaxError tells what is wrong and where.
type SyntaxError struct {
	Line, Column int // from 1; the column counts bytes
	Reason       string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Member is one key of an object with its value as it was written.
type Member struct {
	Key   string
	Value json.RawMessage
}

// Object checks data with [Check] and returns the members of the one object in it, in their order.
func Object(data []byte) ([]Member, error) {
	if err := Check(data); err != nil {
		return nil, err
	}
	return Members(data)
}

// Members returns the members of an object that was checked before, as part of a larger document.
func Members(data []byte) ([]Member, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	var members []Member
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		members = append(members, Member{Key: key.(string), Value: raw})
	}
	return members, nil
}

// Check reports the first violation as a [*SyntaxError].
func Check(data []byte) error { return check(data, func(key string) string { return key }) }

func check(data []byte, same func(string) string) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return at(data, 0, "empty")
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return at(data, 0, "begins with a byte order mark")
	}
	if i := invalidUTF8(data); i >= 0 {
		return at(data, i, "not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if reason, err := walk(d, data, same); err != nil {
		return at(data, int(d.InputOffset()), decoderReason(err))
	} else if reason != "" {
		return at(data, int(d.InputOffset()), reason)
	}
	return nil
}

// level is one array or object that is open during a walk.
type level struct {
	keys map[string]bool // nil in an array
	key  bool            // in an object: the next string is a key
}

// Decode checks data with [Check] and decodes it into v, a pointer. encoding/json takes the keys of a struct whatever
// their case, so two keys that differ only in that are refused: which of them counts would depend on the reader.
func Decode(data []byte, v any) error {
	if err := check(data, fold); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// fold maps keys that encoding/json takes for the same to one.
func fold(key string) string {
	return strings.Map(func(r rune) rune {
		for { // up to where the circle of its spellings begins again
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, key)
}

// walk reads all tokens. Keys are the same if same makes them so. It returns a reason for what encoding/json would let through.
func walk(d *json.Decoder, data []byte, same func(string) string) (string, error) {
	var open []level
	for {
		before := d.InputOffset()
		t, err := d.Token()
		if err == io.EOF && len(open) == 0 {
			return "", nil
		} else if err == io.EOF {
			return "", io.ErrUnexpectedEOF
		} else if err != nil {
			return "", err
		}
		if len(open) == 0 && before > 0 {
			return "something follows the value", nil
		}
		if s, ok := t.(string); ok && loneSurrogate(data[before:d.InputOffset()]) {
			return "half a surrogate pair in the text " + strconv.Quote(s), nil
		}
		if len(open) > 0 && open[len(open)-1].key {
			if s, ok := t.(string); ok {
				top := &open[len(open)-1]
				if top.keys[same(s)] {
					return "duplicate key " + strconv.Quote(s), nil
				}
				top.keys[same(s)], top.key = true, false
				continue
			}
		}
		switch t {
		case json.Delim('{'):
			open = append(open, level{keys: map[string]bool{}, key: true})
		case json.Delim('['):
			open = append(open, level{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		if len(open) > MaxDepth {
			return fmt.Sprintf("nested deeper than %d levels", MaxDepth), nil
		}
		if t != json.Delim('{') && len(open) > 0 && open[len(open)-1].keys != nil {
			open[len(open)-1].key = true
		}
	}
}

func decoderReason(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "ends too early"
	}
	var s *json.SyntaxError
	if errors.As(err, &s) && s.Error() == "unexpected end of JSON input" {
		return "ends too early"
	}
	return err.Error()
}

// loneSurrogate reports an escape \uD800 to \uDFFF that is not half of a pair. encoding/json would replace it.
func loneSurrogate(token []byte) bool {
	for i := 0; i+6 <= len(token); {
		if token[i] != '\\' {
			i++
			continue
		}
		if token[i+1] != 'u' {
			i += 2
			continue
		}
		r := escaped(token[i:])
		if !utf16.IsSurrogate(r) {
			i += 6
			continue
		}
		if i+12 > len(token) || token[i+6] != '\\' || token[i+7] != 'u' ||
			utf16.DecodeRune(r, escaped(token[i+6:])) == utf8.RuneError {
			return true
		}
		i += 12
	}
	return false
}

func escaped(b []byte) rune {
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
}

func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func at(data []byte, offset int, reason string) error {
	offset = min(offset, len(data))
	head := data[:offset]
	return &SyntaxError{
		Line:   1 + bytes.Count(head, []byte("\n")),
		Column: 1 + offset - (1 + bytes.LastIndexByte(head, '\n')),
		Reason: reason,
	}
}
