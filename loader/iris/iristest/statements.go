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
	c.moment.SQL = sql
	if old, ok := c.statements[c.head.Statement]; ok {
		old.close()
		delete(c.statements, c.head.Statement)
	}
	compiled, err := c.session.Prepare(ctx, sql)
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

// known is the statement of the request.
func (c *conversation) known() (*statement, error) {
	st, ok := c.statements[c.head.Statement]
	if !ok {
		return nil, unknownStatement
	}
	c.moment.SQL = st.sql
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

func (c *conversation) prepare(ctx context.Context, body []byte) error {
	request, err := wire.ParsePrepare(body, c.charset)
	if err != nil {
		return err
	}
	st, err := c.compile(ctx, request.SQL, request.Params)
	if err != nil {
		return err
	}
	return c.describe(st)
}

// describe sends the metadata of a statement.
func (c *conversation) describe(st *statement) error {
	out, err := wire.Metadata{Columns: c.describeColumns(st.columns), Params: describeParams(st.params),
		Cacheable: cacheable(st.sql)}.Append(nil, c.charset, c.granted)
	if err != nil {
		return err
	}
	return c.reply(wire.StatusOK, out)
}

// cacheable says whether the client may run the statement again by its id: not if it defines data.
func cacheable(sql string) bool {
	verb, _, _ := strings.Cut(strings.TrimLeft(sql, " \t\r\n("), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "WITH", "INSERT", "UPDATE", "DELETE":
		return true
	}
	return false
}

func (c *conversation) describeColumns(columns []engine.Column) (out []wire.Column) {
	for _, col := range columns {
		out = append(out, wire.Column{Name: col.Name, Label: col.Label, Table: col.Table, Schema: col.Schema,
			Type: c.wireType(col), Precision: col.Precision, Scale: col.Scale, Nullable: col.Nullable,
			Flags: describeFlags(col.Flags)})
	}
	return out
}

func describeFlags(f engine.Flags) (out wire.Flags) {
	for bit, set := range map[wire.Flags]bool{
		wire.AutoIncrement: f.AutoIncrement, wire.CaseSensitive: f.CaseSensitive, wire.Currency: f.Currency,
		wire.ReadOnly: f.ReadOnly, wire.RowVersion: f.RowVersion, wire.Unique: f.Unique, wire.Aliased: f.Aliased,
		wire.Expression: f.Expression, wire.Hidden: f.Hidden, wire.Identity: f.Identity, wire.KeyColumn: f.Key,
		wire.RowID: f.RowID,
	} {
		if set {
			out |= bit
		}
	}
	return out
}

func describeParams(params []engine.Param) (out []wire.Param) {
	for _, p := range params {
		out = append(out, wire.Param{Type: p.Type, Precision: p.Precision, Scale: p.Scale, Nullable: p.Nullable})
	}
	return out
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
