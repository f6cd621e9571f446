package engine

import (
	"context"
	"errors"
	"time"
)

// Query runs a query and reads all its rows.
func (st *Statement) Query(ctx context.Context, args []any) (*Rows, error) {
	if _, ok := st.parsed.(*selectStmt); !ok {
		return nil, fail(-400, "not a query")
	}
	r := &Rows{}
	err := st.run(ctx, args, func(args []any) error {
		s := st.session
		if err := s.sys.fill(s.ns, st.reads); err != nil {
			return err
		}
		if err := s.readable(st.reads); err != nil {
			return err
		}
		raw, err := s.sys.rowsWith(st.query.sql, args)
		if err != nil {
			return err
		}
		for _, row := range raw {
			for i, v := range row {
				row[i] = asGiven(st.query.out[i].typ, external(st.query.out[i].typ.kind, v), args)
			}
		}
		r.rows = raw
		s.status = 0
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Exec runs a statement that is not a query and returns the number of rows; -1 when the number is not known.
func (st *Statement) Exec(ctx context.Context, args []any) (n int64, err error) {
	if _, ok := st.parsed.(*selectStmt); ok {
		_, err := st.Query(ctx, args)
		return -1, err
	}
	err = st.run(ctx, args, func(args []any) error {
		n, err = st.execute(args)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// run calls fn as the one statement that runs, again and again while it meets locks of others, until the session's
// timeout. What it did is undone if it fails.
func (st *Statement) run(ctx context.Context, args []any, fn func(args []any) error) error {
	s := st.session
	if len(args) != st.count {
		return fail(-400, "%d values for %d parameters", len(args), st.count)
	}
	var deadline time.Time
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait, err := st.attempt(ctx, args, fn)
		var conflict *lockConflict
		if !errors.As(err, &conflict) {
			return err
		}
		if deadline.IsZero() {
			timeout := conflict.timeout
			if timeout < 0 {
				timeout = s.lockTimeout
			}
			deadline = time.Now().Add(timeout)
		}
		left := time.Until(deadline)
		if left <= 0 {
			return conflict.failure()
		}
		timer := time.NewTimer(left)
		select {
		case <-wait:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

func (st *Statement) attempt(ctx context.Context, args []any, fn func(args []any) error) (wait chan struct{}, err error) {
	s := st.session
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	if s.closed {
		return nil, fail(-401, "the session is closed")
	}
	wait = s.sys.released
	if err := st.compile(); err != nil {
		return nil, err
	}
	s.sys.conn.SetInterrupt(ctx)
	s.sys.current, s.sys.pending = s, nil
	defer func() {
		s.sys.current = nil
		s.sys.conn.SetInterrupt(context.Background())
	}()
	in, err := st.arguments(args)
	if err != nil {
		return nil, err
	}
	defer catch(&err)
	if err = fn(in); err == nil {
		err = s.sys.reclaim()
	}
	return wait, err
}

// arguments makes of the values of parameters what SQLite holds.
func (st *Statement) arguments(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case nil, int64, float64, Decimal:
			out[i] = a
		case int:
			out[i] = int64(a)
		case bool:
			out[i] = int64(0)
			if a {
				out[i] = int64(1)
			}
		case string:
			out[i] = emptyIfNUL(a)
		case []byte:
			out[i] = a
			if len(a) == 1 && a[0] == 0 {
				out[i] = []byte{}
			}
		case Stream:
			out[i] = a.Handle
		default:
			return nil, fail(-400, "value of type %T is not supported", a)
		}
	}
	return out, nil
}

// asGiven is a value of a result: of a parameter by itself the number that it was given, since nothing makes text of it.
func asGiven(t typ, v any, args []any) any {
	if t.param > 0 && t.kind == kUnknown {
		if d, ok := args[t.param-1].(Decimal); ok {
			return d
		}
	}
	return v
}
