package iristest

import (
	"context"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// transaction takes the requests about transactions, all but IL without a body.
func (c *conversation) transaction(ctx context.Context, code wire.Code, body []byte) error {
	if code == isolationLevel {
		return c.isolate(body)
	}
	if err := wire.ParseEmpty(code, body); err != nil {
		return err
	}
	switch code {
	case wire.AF:
		c.setAutocommit(false)
	case wire.AN:
		c.setAutocommit(true)
	case wire.RC:
		c.isolation = wire.ReadCommitted
	case wire.RU:
		c.isolation = wire.ReadUncommitted
	case wire.RN:
		return c.startAgain(ctx)
	case wire.TC:
		return c.replyUnless(c.session.Commit(ctx))
	case wire.TR:
		return c.replyUnless(c.session.Rollback(ctx))
	}
	return nil
}

// startAgain makes the session what it was after the login.
func (c *conversation) startAgain(ctx context.Context) error {
	for id, st := range c.statements {
		st.close()
		delete(c.statements, id)
	}
	err := c.session.Rollback(ctx)
	c.setAutocommit(true)
	return err
}

func (c *conversation) replyUnless(err error) error {
	if err != nil {
		return err
	}
	return c.reply(wire.StatusOK, nil)
}

func (c *conversation) setAutocommit(on bool) {
	c.autocommit = on
	c.session.Autocommit(on)
}

// isolate takes IL. The JDBC driver sends 0 to ask and the level to set, and reads the level in force.
func (c *conversation) isolate(body []byte) error {
	r := wire.NewReader(body)
	level, err := r.Int()
	if err != nil {
		return err
	}
	if r.More() {
		return wire.ErrTrailing
	}
	switch level {
	case 0:
	case wire.ReadUncommitted, wire.ReadCommitted:
		c.isolation = int(level)
	default:
		return fail(96, "isolation level %d", level)
	}
	return c.reply(wire.StatusOK, wire.AppendInt(nil, int64(c.isolation)))
}
