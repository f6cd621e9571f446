package engine

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Statement is a prepared statement. It is not safe for concurrent use.
type Statement struct {
	session *Session
	sql     string
	parsed  any
	count   int // of parameters
	hints   []Hint
	columns []Column
	params  []Param
	query   *compiledQuery
	plan    any
	reads   []*table
	version int64 // of the definitions that it was compiled with
	ns      *namespace
	schema  string
}

// Prepare compiles a statement with the parameters ? or :%qpar(n). A statement that is wrong in itself, or does not
// fit the tables that there are, is an [Error]; so is one that is not understood.
func (s *Session) Prepare(ctx context.Context, sql string) (*Statement, error) {
	return s.PrepareWith(ctx, sql, nil)
}

// Hint is what a client says of a parameter: that it is a literal which it took out of the text, and of which kind.
type Hint uint8

// The hints.
const (
	NoHint Hint = iota // a value of the user
	IntegerLiteral
	NumericLiteral
	TextLiteral
)

// PrepareWith is Prepare with hints for the parameters, in order; those that are missing are values of the user.
func (s *Session) PrepareWith(ctx context.Context, sql string, hints []Hint) (*Statement, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	parsed, count, err := parse(sql, s.sys.options.MultiRowValues)
	if err != nil {
		return nil, err
	}
	st := &Statement{session: s, sql: sql, parsed: parsed, count: count, hints: hints}
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	return st, st.compile()
}

// compile binds the statement to the definitions, when it is new and whenever they have changed.
func (st *Statement) compile() (err error) {
	s := st.session
	if st.version == s.sys.version+1 && st.ns == s.ns && st.schema == s.schema {
		return nil
	}
	defer catch(&err)
	c := &compiler{session: s, ns: s.ns, hints: st.hints}
	switch p := st.parsed.(type) {
	case *selectStmt:
		st.query = c.query(nil, p)
		st.columns = nil
		for _, o := range st.query.out {
			st.columns = append(st.columns, column0(o))
		}
	default:
		st.plan = c.plan(st.parsed)
	}
	for len(c.params) < st.count {
		c.param(len(c.params) + 1)
	}
	for _, t := range c.reads {
		s.need("SELECT", t.schema, t.name, t.owner)
	}
	st.params, st.reads, st.version, st.ns, st.schema = c.params, c.reads, s.sys.version+1, s.ns, s.schema
	return nil
}

// column0 describes a column of a result.
func column0(o outColumn) Column {
	t := o.typ
	col := Column{Name: o.name, Label: o.name, Type: t.odbc, Precision: t.precision, Scale: t.scale, Nullable: t.nullable}
	col.Flags.Aliased, col.Flags.Expression = o.aliased, !o.field
	col.Flags.CaseSensitive = t.kind == kString && !t.folds()
	if t.table != nil {
		col.Table, col.Schema = t.table.name, t.table.schema
	}
	if c := t.column; c != nil && t.table != nil {
		col.Name = c.name
		col.Flags.AutoIncrement = c.identity || c.autoInc || c.serial || c.version
		col.Flags.Identity, col.Flags.RowID = c.identity && !c.hidden, c.identity
		col.Flags.RowVersion, col.Flags.ReadOnly = c.version, c.version || c.identity || c.calculated
		col.Flags.Currency = c.class == "%Library.Currency"
		col.Flags.Hidden = c.hidden
		for _, k := range t.table.keys {
			for _, kc := range k.columns {
				if kc == c {
					col.Flags.Key = col.Flags.Key || k.primary
					col.Flags.Unique = col.Flags.Unique || len(k.columns) == 1
				}
			}
		}
		col.Flags.Unique = col.Flags.Unique || c.identity
	}
	return col
}

// Stale says whether definitions have changed so that Columns or Params would be others now. A server that gave them to
// its client must not answer with rows then.
func (st *Statement) Stale() bool {
	s := st.session
	s.sys.mu.Lock()
	defer s.sys.mu.Unlock()
	old := *st
	if err := st.compile(); err != nil {
		*st = old
		return false
	}
	if slices.Equal(old.columns, st.columns) && slices.Equal(old.params, st.params) {
		return false
	}
	*st = old
	return true
}

// Columns describes the result; nil if the statement is not a query.
func (st *Statement) Columns() []Column { return st.columns }

// Params describes the parameters.
func (st *Statement) Params() []Param { return st.params }

// Close forgets the statement.
func (st *Statement) Close() error { return nil }

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
				row[i] = external(st.query.out[i].typ.kind, v)
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
	return wait, fn(in)
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
