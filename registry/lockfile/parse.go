package lockfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// MaxSize limits what is read, in bytes: room for more than twenty thousand fixtures.
const MaxSize = 4 << 20

// Load reads the lock file at path. Errors: fs.ErrNotExist, an [*Error] if it is malformed.
func Load(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, err
	}
	file, err := Parse(data)
	var e *Error
	if errors.As(err, &e) {
		e.Path = path
	}
	return file, err
}

// Parse reads a lock file from memory. The error is an [*Error].
func Parse(data []byte) (*File, error) {
	if len(data) > MaxSize {
		return nil, &Error{Reason: fmt.Sprintf("larger than %d bytes", MaxSize)}
	}
	if err := strictjson.Check(data); err != nil {
		var syntax *strictjson.SyntaxError
		errors.As(err, &syntax)
		return nil, &Error{Line: syntax.Line, Reason: syntax.Reason}
	}
	p := &parser{json: json.NewDecoder(bytes.NewReader(data)), file: &File{}}
	p.json.UseNumber()
	if reason := p.document(); reason != "" {
		line := 1 + bytes.Count(data[:p.json.InputOffset()], []byte("\n"))
		return nil, &Error{Line: line, Reason: reason, Newer: p.newer}
	}
	return p.file, nil
}

// parser walks JSON that is known to be well-formed. Its methods return what is wrong at the decoder's place.
type parser struct {
	json  *json.Decoder
	file  *File
	newer bool
}

func (p *parser) next() json.Token {
	t, _ := p.json.Token()
	return t
}

func (p *parser) document() string {
	if p.next() != json.Delim('{') {
		return "not an object"
	}
	var seen struct{ version, fixtures bool }
	for p.json.More() {
		switch key := p.next(); key {
		case "version":
			seen.version = true
			if reason := p.version(); reason != "" {
				return reason
			}
		case "fixtures":
			seen.fixtures = true
			if reason := p.fixtures(); reason != "" {
				return reason
			}
		default:
			return fmt.Sprintf("unknown key %.200q", key)
		}
	}
	p.next()
	switch {
	case !seen.version:
		return `"version" is missing`
	case !seen.fixtures:
		return `"fixtures" is missing`
	}
	return ""
}

func (p *parser) version() string {
	t := p.next()
	n, ok := t.(json.Number)
	v, err := strconv.Atoi(string(n))
	switch {
	case !ok || err != nil || v < 1:
		return `"version" is not a positive integer`
	case v > version:
		p.newer = true
		return fmt.Sprintf("version %d is newer than %d", v, version)
	}
	return ""
}

func (p *parser) fixtures() string {
	if p.next() != json.Delim('{') {
		return `"fixtures" is not an object`
	}
	for p.json.More() {
		name := p.next().(string)
		reference, ok := p.next().(string)
		if !ok {
			return fmt.Sprintf("%.200q: the reference is not a string", name)
		}
		if err := p.file.Set(name, reference); err != nil {
			return err.Error()
		}
	}
	p.next()
	return ""
}
