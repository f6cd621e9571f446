package iristest

import (
	"context"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// statement is what a statement id stands for.
type statement struct {
	*engine.Statement // nil: a procedure
	sql               string
	columns           []engine.Column // nil: no query
	params            []engine.Param
	cursor            *cursor // nil: nothing to fetch
}

func (st *statement) close() {
	st.closeCursor()
	if st.Statement != nil {
		st.Close() //nolint:errcheck // it is forgotten in any case
	}
}

func (st *statement) closeCursor() {
	if st.cursor != nil {
		st.cursor.Close() //nolint:errcheck // it is forgotten in any case
		st.cursor = nil
	}
}

// compile prepares a text under the request's statement id. Another statement of that id is forgotten.
func (c *conversation) compile(ctx context.Context, sql string, params []wire.ParamKind) (*statement, error) {
	if old, ok := c.statements[c.head.Statement]; ok {
		old.close()
		delete(c.statements, c.head.Statement)
	}
	compiled, err := c.session.PrepareWith(ctx, sql, hints(params))
	if err != nil {
		return nil, err
	}
	st := &statement{Statement: compiled, sql: sql, columns: compiled.Columns(), params: compiled.Params()}
	if len(st.params) != len(params) {
		st.close()
		return nil, fail(codeFatal, "%d parameters are described, the text has %d", len(params), len(st.params))
	}
	c.statements[c.head.Statement] = st
	return st, nil
}

// Formats of literals that a client took out of the text. Others are text of so many characters.
const (
	integerFormat = 10
	numericFormat = 11
)

// hints says which parameters are literals that the client took out of the text, and of which kind.
func hints(params []wire.ParamKind) []engine.Hint {
	out := make([]engine.Hint, len(params))
	for i, p := range params {
		switch {
		case p.Kind != 'c':
		case p.Format == integerFormat:
			out[i] = engine.IntegerLiteral
		case p.Format == numericFormat:
			out[i] = engine.NumericLiteral
		default:
			out[i] = engine.TextLiteral
		}
	}
	return out
}

// known is the statement of the request.
func (c *conversation) known() (*statement, error) {
	st, ok := c.statements[c.head.Statement]
	if !ok {
		return nil, unknownStatement
	}
	return st, nil
}

// compiled is the statement of the request, which must not be a procedure.
func (c *conversation) compiled() (*statement, error) {
	st, err := c.known()
	if err == nil && st.Statement == nil {
		err = fail(codeSequence, "%s with a procedure", c.moment.Code)
	}
	return st, err
}

// current is the statement of a request that runs it again. One whose description has changed is not known any more.
func (c *conversation) current() (*statement, error) {
	st, err := c.compiled()
	if err == nil && st.Stale() {
		st.close()
		delete(c.statements, c.head.Statement)
		err = unknownStatement
	}
	return st, err
}

func (c *conversation) prepare(ctx context.Context, body []byte) error {
	request, err := wire.ParsePrepare(body, c.charset)
	if err != nil {
		return err
	}
	st, err := c.compile(ctx, request.SQL, request.Params)
	if err != nil {
		return err
	}
	if changesNamespace(st.sql) {
		if _, err := st.Exec(ctx, nil); err != nil {
			return err
		}
	}
	return c.describe(st)
}

// changesNamespace says whether a statement takes effect when it is prepared: the DB-API drivers only ever prepare USE, and
// the JDBC driver counts messages and statements from 1 again after it.
func changesNamespace(sql string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	return strings.EqualFold(verb, "USE")
}

// textOf is the text of the statement that a request brings or names, as far as it can be read.
func (c *conversation) textOf(code wire.Code, body []byte) string {
	switch code {
	case wire.PP, wire.DQ, wire.DU:
		text, err := c.chunks(wire.NewReader(body))
		if err == nil {
			return text
		}
	case wire.PQ, wire.PU, wire.FD, wire.CC, wire.CU, wire.GG:
		if st, ok := c.statements[c.head.Statement]; ok {
			return st.sql
		}
	}
	return ""
}

// chunks reads the text of a statement: how many pieces it has, and those.
func (c *conversation) chunks(r *wire.Reader) (sql string, err error) {
	n, err := r.Int()
	if err != nil {
		return "", err
	}
	for range n {
		piece, err := r.Text(c.charset)
		if err != nil {
			return "", err
		}
		sql += piece
	}
	return sql, nil
}

// closeStatement takes CC and CU. Their bodies were never seen; none is expected.
func (c *conversation) closeStatement(code wire.Code, body []byte) error {
	if err := wire.ParseEmpty(code, body); err != nil {
		return err
	}
	st, ok := c.statements[c.head.Statement]
	switch {
	case !ok:
	case code == wire.CC:
		st.closeCursor()
	default:
		st.close()
		delete(c.statements, c.head.Statement)
	}
	return nil
}
