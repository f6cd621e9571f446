package iristest

import (
	"strings"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// getRowID is the procedure that the DB-API driver calls for the id of the last row that was inserted.
const getRowID = "%SYSTEM.SQL_GetROWID"

// noSuchProcedure is the SQLCODE for a procedure that does not exist.
const noSuchProcedure = 428

// returnsValue says that a procedure has a return value and no result set.
const returnsValue = 2

// prepareCall takes SP. There is one procedure.
func (c *conversation) prepareCall(body []byte) error {
	r := wire.NewReader(body)
	name, err := r.Text(c.charset)
	if err != nil {
		return err
	}
	if r.More() {
		return wire.ErrTrailing
	}
	if !strings.EqualFold(name, getRowID) {
		return fail(noSuchProcedure, "procedure '%s'", name)
	}
	if old, ok := c.statements[c.head.Statement]; ok {
		old.close()
	}
	c.statements[c.head.Statement] = &statement{sql: name}
	out := wire.AppendInt(nil, returnsValue)
	out = wire.AppendInt(out, 1)
	for _, v := range []int64{engine.TypeBigInt, 19, 0, wire.Nullable} {
		out = wire.AppendInt(out, v)
	}
	out = wire.AppendNull(out) // the value has no name
	out = wire.AppendInt(out, 0)
	return c.reply(wire.StatusOK, wire.AppendInt(out, 1))
}

// call takes SU.
func (c *conversation) call(body []byte) error {
	st, err := c.known()
	if err != nil {
		return err
	}
	if st.Statement != nil {
		return fail(codeSequence, "SU without a procedure")
	}
	r := wire.NewReader(body)
	for _, want := range []int64{0, 0, 0, 1, 0} { // not scrollable, no timeout, all rows, one set of no values
		if v, err := r.Int(); err != nil || v != want {
			return fail(codeFatal, "SU with %d in place of %d: %v", v, want, err)
		}
	}
	if r.More() {
		return wire.ErrTrailing
	}
	out, err := c.appendValue(nil, engine.Column{Type: engine.TypeBigInt}, c.session.LastIdentity())
	if err != nil {
		return err
	}
	return c.reply(wire.StatusOK, out)
}
