package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// request is a line that a test framework sends. Exactly one of the things to be done is set.
type request struct {
	id    json.RawMessage // a number or text; null if there is none
	open  *openRequest
	close *closeRequest
	fetch *fetchRequest
	place *placeRequest
}

type openRequest struct {
	fixtures   []string
	dir, label string
	keep       bool
}

type closeRequest struct {
	sandbox string
	keep    bool
}

type fetchRequest struct{ fixtures []string }

type placeRequest struct{ fixture, dir string }

// parseRequest reads a line. The id is there also of a request that is wrong, if it can be told.
func parseRequest(line []byte) (*request, error) {
	r := &request{id: json.RawMessage("null")}
	if err := strictjson.Check(line); err != nil {
		return r, usageError("a request that is not JSON: " + err.Error())
	}
	var id, open, closing, fetch, place json.RawMessage
	err := members("the request", line, map[string]any{"id": &id, "open": &open, "close": &closing, "fetch": &fetch, "place": &place})
	if id = bytes.TrimSpace(id); len(id) > 0 {
		if c := id[0]; c != '"' && c != '-' && (c < '0' || c > '9') && string(id) != "null" {
			return r, usageError("the id of a request is a number or a text")
		}
		r.id = id
	}
	if err != nil {
		return r, err
	}
	n := 0
	for _, part := range []struct {
		name string
		raw  json.RawMessage
		read func(json.RawMessage) error
	}{
		{"open", open, func(raw json.RawMessage) error {
			r.open = &openRequest{}
			return members("open", raw, map[string]any{"fixtures": &r.open.fixtures, "dir": &r.open.dir, "label": &r.open.label, "keep": &r.open.keep})
		}},
		{"close", closing, func(raw json.RawMessage) error {
			r.close = &closeRequest{}
			return members("close", raw, map[string]any{"sandbox": &r.close.sandbox, "keep": &r.close.keep})
		}},
		{"fetch", fetch, func(raw json.RawMessage) error {
			r.fetch = &fetchRequest{}
			return members("fetch", raw, map[string]any{"fixtures": &r.fetch.fixtures})
		}},
		{"place", place, func(raw json.RawMessage) error {
			r.place = &placeRequest{}
			return members("place", raw, map[string]any{"fixture": &r.place.fixture, "dir": &r.place.dir})
		}},
	} {
		if part.raw == nil {
			continue
		}
		n++
		if err := part.read(part.raw); err != nil {
			return r, err
		}
	}
	if n != 1 {
		return r, usageError(fmt.Sprintf("a request has one of open, close, fetch and place; this has %d of them", n))
	}
	return r, nil
}

// members reads an object whose keys are all known.
func members(what string, data []byte, into map[string]any) error {
	list, err := strictjson.Members(data)
	if err != nil {
		return usageError(what + ": " + err.Error())
	}
	for _, m := range list {
		p, known := into[m.Key]
		if !known && err == nil { // the others are read, so that the answer has its id
			err = usageError(fmt.Sprintf("%s: there is no key %q", what, m.Key))
		}
		if known && json.Unmarshal(m.Value, p) != nil {
			return usageError(fmt.Sprintf("%s: the value of %q is of another kind than it should be", what, m.Key))
		}
	}
	return err
}
