package engine

import (
	"context"
	"slices"
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
