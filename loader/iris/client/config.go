package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"time"
)

const (
	// DefaultTimeout is the time for dialling and logging in, as in the vendor's Python driver.
	DefaultTimeout = 10 * time.Second
	// DefaultLimit is the largest reply: a row of 36 strings of the greatest length, 7,282,288 bytes.
	DefaultLimit = 256 << 20
)

// Config says where to connect and as whom.
type Config struct {
	Address     string // host and port of the superserver
	Namespace   string
	User        string
	Password    string
	Application string // as the server's process list shows it; "irisfix" if empty
	// TLS is the configuration of an encrypted connection, nil for none. An empty ServerName is the host of Address.
	TLS *tls.Config
	// Dial opens the socket; nil is that of a net.Dialer.
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	Timeout time.Duration // for dialling and logging in; 0 is DefaultTimeout
	Limit   int           // of a reply, in bytes, streams excepted; 0 is DefaultLimit
}

// String says where and as whom, without the password.
func (c Config) String() string {
	u := url.URL{Scheme: "iris", Host: c.Address, Path: "/" + c.Namespace}
	if c.User != "" {
		u.User = url.User(c.User)
	}
	return u.String()
}

// GoString keeps the password out of %#v too.
func (c Config) GoString() string { return c.String() }

func (c Config) withDefaults() Config {
	if c.Application == "" {
		c.Application = "irisfix"
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Limit == 0 {
		c.Limit = DefaultLimit
	}
	return c
}

// dial opens the socket, and speaks TLS on it if asked to. raw is the socket itself.
func (c Config) dial(ctx context.Context) (conn, raw net.Conn, err error) {
	if raw, err = c.Dial(ctx, "tcp", c.Address); err != nil {
		return nil, nil, err
	}
	if c.TLS == nil {
		return raw, raw, nil
	}
	cfg := c.TLS.Clone()
	if cfg.ServerName == "" {
		if cfg.ServerName, _, err = net.SplitHostPort(c.Address); err != nil {
			cfg.ServerName = c.Address
		}
	}
	secure := tls.Client(raw, cfg)
	if err = secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, nil, fmt.Errorf("tls: %w", err)
	}
	return secure, raw, nil
}
