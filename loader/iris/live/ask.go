package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/irisfix/irisfix/loader/iris/client"
)

const (
	// patience is the time for one question; the slowest waits for a lock, for 10 seconds.
	patience = time.Minute
	// dropTimeout is the time for dropping a namespace whose sessions end at that moment.
	dropTimeout = time.Minute
)

// Asked is a question with its answer.
type Asked struct {
	Part string
	Question
	Answer
}

// Ask asks all questions, in a namespace that is dropped afterwards. said, if it is not nil, is told each answer as it
// comes. A probe that fails is an answer too; the error is one of making or dropping the namespace, or the end of ctx.
func (s *Server) Ask(ctx context.Context, said func(Asked)) (list []Asked, err error) {
	cfg, err := s.Make(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTimeout)
		defer cancel()
		err = errors.Join(err, s.Drop(after, cfg))
	}()
	for _, part := range Parts() {
		for _, q := range part.Questions {
			if err := context.Cause(ctx); err != nil {
				return list, err
			}
			a := Asked{part.Title, q, s.answer(ctx, cfg, q)}
			if said != nil {
				said(a)
			}
			list = append(list, a)
		}
	}
	return list, nil
}

// answer asks one question over connections of its own.
func (s *Server) answer(ctx context.Context, cfg client.Config, q Question) Answer {
	if q.probe == nil {
		return Answer{q.Remark, NotAsked}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	b, err := newBench(ctx, s, cfg)
	if err != nil {
		return Answer{brief(err.Error()), Failed}
	}
	defer b.close()
	a, err := q.probe(b)
	if err == nil {
		err = b.err
	}
	if err != nil {
		return Answer{brief(fmt.Sprint("the question could not be asked: ", err)), Failed}
	}
	return a
}
