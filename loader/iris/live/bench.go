package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// bench is what a probe works with. Its connections end with it.
type bench struct {
	*talk  // the first connection, in a namespace that all probes share: each has tables of its own
	server *Server
	config client.Config
	ctx    context.Context
	closed []func()
}

func newBench(ctx context.Context, s *Server, cfg client.Config) (*bench, error) {
	b := &bench{server: s, config: cfg, ctx: ctx}
	var err error
	b.talk, err = b.connect(cfg)
	return b, err
}

func (b *bench) close() {
	for _, f := range b.closed {
		f()
	}
}

// connect opens a further connection.
func (b *bench) connect(cfg client.Config) (*talk, error) {
	c, err := client.Connect(b.ctx, cfg)
	if err != nil {
		return nil, err
	}
	b.closed = append(b.closed, func() { c.Close() })
	return &talk{ctx: b.ctx, Conn: c}, nil
}

// raw opens a connection for bytes.
func (b *bench) raw(version uint16, isolation int) (*raw, error) {
	r, err := dial(b.ctx, b.config, version, isolation)
	if err != nil {
		return nil, err
	}
	b.closed = append(b.closed, r.close)
	return r, nil
}

// talk is a connection with a memory for what went wrong, so that a probe reads as what it does. After the first failure
// nothing is sent any more, and err has it.
type talk struct {
	*client.Conn
	ctx context.Context
	err error
}

// run executes statements that must succeed.
func (t *talk) run(statements ...string) {
	for _, sql := range statements {
		t.put(sql)
	}
}

// put executes one statement, with values, that must succeed.
func (t *talk) put(sql string, args ...any) {
	if t.err != nil {
		return
	}
	if _, err := t.Exec(t.ctx, sql, args...); err != nil {
		t.err = fmt.Errorf("%s: %w", sql, err)
	}
}

// done is what [talk.try] says of a success.
const done = "done"

// try executes a statement whose outcome is the question.
func (t *talk) try(sql string, args ...any) string {
	if t.err != nil {
		return ""
	}
	_, err := t.Exec(t.ctx, sql, args...)
	return t.outcome(err)
}

// outcome is an error as part of an answer. Only a refusal is an answer.
func (t *talk) outcome(err error) string {
	var refused *client.SQLError
	switch {
	case err == nil:
		return done
	case errors.As(err, &refused):
		if strings.HasPrefix(refused.Text, "[SQLCODE") {
			return brief(refused.Text)
		}
		return brief(refused.Error())
	}
	t.err = err
	return ""
}

// see gives the rows of a query as text, or its refusal.
func (t *talk) see(sql string, args ...any) string {
	var rows []string
	refusal := t.each(func(row []wire.Item, columns []wire.Column) {
		var values []string
		for i, it := range row {
			values = append(values, showAs(columns[i].Type, it, t.Charset()))
		}
		rows = append(rows, strings.Join(values, ", "))
	}, sql, args...)
	switch {
	case refusal != "":
		return refusal
	case len(rows) == 0:
		return "no row"
	}
	return strings.Join(rows, "; ")
}

// items gives the first row of a query, which must have one.
func (t *talk) items(sql string, args ...any) []wire.Item {
	var first []wire.Item
	refusal := t.each(func(row []wire.Item, _ []wire.Column) {
		if first != nil {
			return
		}
		for _, it := range row {
			it.Data = append([]byte{}, it.Data...)
			first = append(first, it)
		}
	}, sql, args...)
	if t.err == nil && (refusal != "" || first == nil) {
		t.err = fmt.Errorf("%s: no row %s", sql, refusal)
	}
	return first
}

// each calls fn for each row. A refusal is returned as text.
func (t *talk) each(fn func([]wire.Item, []wire.Column), sql string, args ...any) (refusal string) {
	if t.err != nil {
		return ""
	}
	rows, err := t.Query(t.ctx, sql, args...)
	if err != nil {
		return t.outcome(err)
	}
	defer rows.Close()
	for {
		row, err := rows.Next(t.ctx)
		if err == io.EOF {
			return ""
		}
		if err != nil {
			return t.outcome(err)
		}
		fn(row, rows.Columns())
	}
}
