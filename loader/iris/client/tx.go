package client

import (
	"context"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Begin starts a transaction. Until Commit or Rollback everything belongs to it. The server takes a second START
// TRANSACTION for nothing (vendor documentation, RSQL_starttransaction).
func (c *Conn) Begin(ctx context.Context) error {
	if _, err := c.Exec(ctx, "START TRANSACTION"); err != nil {
		return err
	}
	c.transaction = true
	return nil
}

// Commit makes the transaction durable. After an [*SQLError] it has to be rolled back. A [*LostError] with Sent leaves
// the outcome unknown.
func (c *Conn) Commit(ctx context.Context) error { return c.end(ctx, wire.TC) }

// Rollback undoes the transaction. If the connection is lost the server does it by itself.
func (c *Conn) Rollback(ctx context.Context) error { return c.end(ctx, wire.TR) }

func (c *Conn) end(ctx context.Context, code wire.Code) error {
	if _, _, err := c.roundTrip(ctx, request{code: code, sql: code.String()}); err != nil {
		return err
	}
	c.transaction = false
	return nil
}

// InTransaction reports whether Begin was called and neither Commit nor Rollback succeeded. Statements of transactions
// that are executed as SQL are not noticed.
func (c *Conn) InTransaction() bool { return c.transaction && c.lost == nil }
