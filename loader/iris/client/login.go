package client

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// shakeHands agrees on the version and learns the charset.
func (c *Conn) shakeHands(ctx context.Context) error {
	x, err := c.start(ctx, request{code: wire.HS, body: wire.Handshake{Version: wire.Version}.Append(nil)})
	if err != nil {
		return err
	}
	defer x.done()
	status, body, err := x.reply(&c.reply)
	switch {
	case err != nil:
		return err
	case status != wire.StatusOK:
		return refusal(status, body, wire.Unicode)
	}
	if c.hello, err = wire.ParseHandshakeReply(body); err != nil {
		return c.broken(ctx, wire.HS, err)
	}
	if v := c.hello.Version; v < wire.MinVersion || v > wire.Version {
		return c.broken(ctx, wire.HS, fmt.Errorf("version %d of the protocol, %d to %d are known", v, wire.MinVersion, wire.Version))
	}
	if c.chars, err = c.hello.Charset(); err != nil {
		return c.broken(ctx, wire.HS, err)
	}
	return nil
}

// logIn names the user. Every status but 0 refuses the login.
func (c *Conn) logIn(ctx context.Context, cfg Config) error {
	body, err := wire.Connect{
		Namespace: cfg.Namespace, User: cfg.User, Password: cfg.Password,
		OSUser: cfg.Application, Host: host(c.raw.LocalAddr()), Application: cfg.Application,
		MachineInfo: make([]byte, 12), ServerAddress: host(c.raw.RemoteAddr()),
		Autocommit: wire.AutocommitOn, Isolation: wire.ReadUncommitted,
	}.Append(nil, c.chars)
	if err != nil {
		return err
	}
	x, err := c.start(ctx, request{code: wire.CN, body: body})
	if err != nil {
		return err
	}
	defer x.done()
	status, body, err := x.reply(&c.reply)
	switch {
	case err != nil:
		return err
	case status != wire.StatusOK:
		return refusal(status, body, c.chars)
	}
	if c.login, err = wire.ParseConnectReply(body, c.chars); err != nil {
		return c.broken(ctx, wire.CN, err)
	}
	if f := c.login.Features; f&(wire.FeatureFastSelect|wire.FeatureFastInsert) != 0 {
		return c.broken(ctx, wire.CN, fmt.Errorf("features %d granted, none was asked for", f))
	}
	return nil
}

// refusal takes the server's words from the reply itself.
func refusal(status uint16, body []byte, chars *wire.Charset) error {
	e := &LoginError{Code: -int(status)}
	if text, err := wire.ParseErrorText(body, chars); err == nil {
		e.Text = text.Text
	}
	return e
}

func host(a net.Addr) string {
	name, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return name
}

// Reason is why a login was refused, as far as it can be told.
type Reason int

const (
	Refused         Reason = iota // not known
	WrongPassword                 // wrong password, or no such user
	AccessDenied                  // wrong password, or a user or service that may not connect: servers do not say which
	PasswordExpired               // the password must be changed first
	LicenceExceeded               // no unit of the licence, or no connection that it allows, is free
	NoNamespace                   // no such namespace, or its database is not there
)

// LoginError is the server's refusal of a login.
type LoginError struct {
	Code int    // SQLCODE, negative
	Text string // the server's words
}

func (e *LoginError) Error() string { return "login refused: " + sqlcode(e.Code, e.Text) }

// words that a server uses, in lower case, before the codes, which say less: -400 and -417 stand for many things. Codes:
// vendor documentation, "SQL Error Messages", RERR_sql; -853 is what drivers show for a password that must be changed.
var reasons = []struct {
	reason Reason
	code   int
	words  string
}{
	{LicenceExceeded, -98, "license limit exceeded"},
	{PasswordExpired, -853, "change password"},
	{PasswordExpired, -853, "password change"},
	{NoNamespace, -410, "<namespace>"},
	{NoNamespace, -410, "<directory>"},
	{WrongPassword, -402, "invalid username or password"},
	{AccessDenied, -417, "access denied"},
}

// Reason tells why, by the server's words or else by the code.
func (e *LoginError) Reason() Reason {
	text := strings.ToLower(e.Text)
	for _, r := range reasons {
		if strings.Contains(text, r.words) {
			return r.reason
		}
	}
	for _, r := range reasons {
		if e.Code == r.code {
			return r.reason
		}
	}
	return Refused
}
