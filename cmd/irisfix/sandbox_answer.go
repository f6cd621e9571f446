package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/sandbox"
	"github.com/irisfix/irisfix/workspace"
)

// sandboxes are those of one run of the command, and what answers requests for them. It is safe for concurrent use.
type sandboxes struct {
	*app
	maker *sandbox.Maker
	tls   string   // how the server is reached; empty for SQLite
	ca    string   // file of certificate authorities
	to    string   // the target of advice
	flags []string // of advice

	writing sync.Mutex // of lines
	mu      sync.Mutex
	open    map[string]*sandbox.Sandbox // by name
}

// say writes a line.
func (s *sandboxes) say(object any) {
	s.writing.Lock()
	defer s.writing.Unlock()
	_ = writeJSONLine(s.out, object) // that nobody reads shows in the end of the input
}

// answerJSON is the answer to a request: with its id, one of the others.
type answerJSON struct {
	ID      json.RawMessage    `json:"id"`
	Sandbox *sandboxJSON       `json:"sandbox,omitempty"`
	Closed  *closedJSON        `json:"closed,omitempty"`
	Fetched *fetchedListJSON   `json:"fetched,omitempty"`
	Placed  *placedJSON        `json:"placed,omitempty"`
	Error   *explain.ErrorJSON `json:"error,omitempty"`
}

type closedJSON struct {
	Sandbox string `json:"sandbox"`
}

type fetchedListJSON struct {
	Fixtures []fetchedJSON `json:"fixtures"`
}

type fetchedJSON struct {
	Name      string `json:"name"`
	Reference string `json:"reference"`
	Digest    string `json:"digest"`
	Fetched   int64  `json:"bytes_fetched"`
	Reused    int64  `json:"bytes_reused"`
}

type placedJSON struct {
	Path string `json:"path"`
}

// answer does what a line asks for and answers it. Whatever goes wrong goes wrong for this request alone.
func (s *sandboxes) answer(ctx context.Context, l line) {
	r, err := &request{id: json.RawMessage("null")}, l.err
	if err == nil {
		r, err = parseRequest(l.text)
	}
	answer := &answerJSON{ID: r.id}
	if err == nil {
		err = parallel.Protect(func() error { return s.do(ctx, r, answer) })
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = errors.Join(cause, err)
		}
		answer = &answerJSON{ID: r.id, Error: s.explain(err, r)}
	}
	s.say(answer)
}

func (s *sandboxes) do(ctx context.Context, r *request, answer *answerJSON) (err error) {
	switch {
	case r.open != nil:
		answer.Sandbox, err = s.doOpen(ctx, r.open)
	case r.close != nil:
		answer.Closed, err = s.doClose(ctx, r.close)
	case r.fetch != nil:
		answer.Fetched, err = s.doFetch(ctx, r.fetch)
	default:
		answer.Placed, err = s.doPlace(ctx, r.place)
	}
	return err
}

func (s *sandboxes) doOpen(ctx context.Context, r *openRequest) (*sandboxJSON, error) {
	began := time.Now()
	if r.dir == "" && s.tls == "" {
		return nil, usageError("open: dir is missing, where the database is to be")
	}
	made, err := s.maker.Open(ctx, sandbox.Request{Fixtures: r.fixtures, Dir: r.dir, Keep: r.keep, Label: r.label})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.open[made.Name] = made
	s.mu.Unlock()
	return s.describe(made, time.Since(began)), nil
}

func (s *sandboxes) doClose(ctx context.Context, r *closeRequest) (*closedJSON, error) {
	if r.sandbox == "" {
		return nil, usageError("close: sandbox is missing, the name of one that was opened")
	}
	s.mu.Lock()
	made := s.open[r.sandbox]
	s.mu.Unlock()
	if made == nil {
		return nil, &workspace.ArgumentError{Argument: r.sandbox, Reason: "no sandbox of that name is open"}
	}
	if r.keep {
		if err := made.Keep(); err != nil {
			return nil, err
		}
	}
	if err := made.Close(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	delete(s.open, r.sandbox)
	s.mu.Unlock()
	return &closedJSON{r.sandbox}, nil
}

func (s *sandboxes) doFetch(ctx context.Context, r *fetchRequest) (*fetchedListJSON, error) {
	list, err := s.maker.Fetch(ctx, r.fixtures)
	if err != nil {
		return nil, err
	}
	answer := &fetchedListJSON{[]fetchedJSON{}}
	for _, f := range list {
		answer.Fixtures = append(answer.Fixtures, fetchedJSON{f.Name, f.Reference(), f.Digest.String(), f.Fetched, f.Reused})
	}
	return answer, nil
}

func (s *sandboxes) doPlace(ctx context.Context, r *placeRequest) (*placedJSON, error) {
	if r.fixture == "" || r.dir == "" {
		return nil, usageError("place: fixture and dir are both needed")
	}
	path, err := s.maker.Place(ctx, r.fixture, r.dir)
	if err != nil {
		return nil, err
	}
	return &placedJSON{path}, nil
}
