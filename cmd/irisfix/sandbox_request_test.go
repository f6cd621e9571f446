package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/internal/settings"
)

func TestRequestsThatMakeNoSense(t *testing.T) {
	for line, want := range map[string][2]string{
		`{"id":1}`:                            {"1", "a request has one of open, close, fetch and place; this has 0 of them"},
		`{"id":"a","open":{},"close":{}}`:     {`"a"`, "a request has one of open, close, fetch and place; this has 2 of them"},
		`{"id":{},"open":{}}`:                 {"null", "the id of a request is a number or a text"},
		`{"Open":{},"id":-1}`:                 {"-1", `the request: there is no key "Open"`},
		`{"id":1,"open":{"fixture":"x"}}`:     {"1", `open: there is no key "fixture"`},
		`{"id":1,"open":{"fixtures":"x"}}`:    {"1", `open: the value of "fixtures" is of another kind than it should be`},
		`{"id":1,"close":[]}`:                 {"1", "close: not an object"},
		`{"id":1,"place":{"dir":1}}`:          {"1", `place: the value of "dir" is of another kind than it should be`},
		`{"id":1,"id":2,"fetch":{}}`:          {"null", `a request that is not JSON: line 1, column 13: duplicate key "id"`},
		`{"id":1,"fetch":{}} {}`:              {"null", "a request that is not JSON: line 1, column 22: something follows the value"},
		`[]`:                                  {"null", "the request: not an object"},
		`null`:                                {"null", "the request: not an object"},
		`{"fetch":{"fixtures":["x"]}, "x":0}`: {"null", `the request: there is no key "x"`},
	} {
		r, err := parseRequest([]byte(line))
		if err == nil || err.Error() != want[1] || !errors.As(err, new(*settings.UsageError)) || string(r.id) != want[0] {
			t.Errorf("%s: id %s, %v, want %s", line, r.id, err, want)
		}
	}
}

func TestLinesAreRead(t *testing.T) {
	most := strings.Repeat("x", maxRequest-1)
	r := bufio.NewReader(strings.NewReader("a\n\n  \r\n" + most + "\n" + most + "xx\nb\n" + most + "xx" + "\nlast"))
	for _, want := range []string{"a\n", most + "\n", "", "b\n", "", "last"} {
		got, err := readLine(r)
		if string(got) != want || (want == "") != errors.Is(err, errTooLong) {
			t.Errorf("%.10q with %d bytes, %v", got, len(got), err)
		}
	}
	if got, err := readLine(r); err == nil {
		t.Errorf("after the end: %q", got)
	}
}

// Whatever comes, the answer can be written: the id is JSON, and one thing is to be done.
func FuzzRequest(f *testing.F) {
	for _, line := range []string{
		`{"id":1,"open":{"fixtures":["orders","./x"],"dir":"/tmp","keep":false,"label":"t::x"}}`,
		`{"id":"a","close":{"sandbox":"S","keep":true}}`, `{"id":-1.5e3,"fetch":{"fixtures":[]}}`, `{"place":{"fixture":"x","dir":"y"}}`,
		`{"id":null}`, `{"open":null}`, "{\"id\" : 1 ,\r\"open\":{}}", `{"id":"\ud800"}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := parseRequest(line)
		var answer bytes.Buffer
		if e := json.NewEncoder(&answer).Encode(answerJSON{ID: r.id}); e != nil || bytes.Count(answer.Bytes(), []byte("\n")) != 1 {
			t.Errorf("%q: answered with %q, %v", line, answer.Bytes(), e)
		}
		parts := 0
		for _, there := range []bool{r.open != nil, r.close != nil, r.fetch != nil, r.place != nil} {
			if there {
				parts++
			}
		}
		if err == nil && parts != 1 {
			t.Errorf("%q: %d things to be done", line, parts)
		}
		if err != nil && !errors.As(err, new(*settings.UsageError)) {
			t.Errorf("%q: %v", line, err)
		}
	})
}
