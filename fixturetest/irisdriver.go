//go:build !windows

package fixturetest

import (
	"database/sql"
	"net"
	"strings"

	intersystems "github.com/caretdev/go-irisnative"

	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// hasDriver refuses a server that go-irisnative cannot speak to.
func hasDriver(c client.Config) error {
	if c.TLS == nil {
		return nil
	}
	return &settings.UsageError{Reason: c.String() + " wants TLS, of which go-irisnative knows nothing; use fixturetest.Open and a driver that does"}
}

func openIRIS(c client.Config) (*sql.DB, error) {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, err
	}
	var dsn []string
	for _, kv := range [][2]string{{"host", host}, {"port", port}, {"namespace", c.Namespace}, {"user", c.User}, {"password", c.Password}} {
		dsn = append(dsn, kv[0]+"='"+quoted.Replace(kv[1])+"'")
	}
	connector, err := intersystems.NewConnector(strings.Join(dsn, " "))
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// quoted is for values between quotes in the driver's connection strings. Its URLs would not do: they put the namespace
// into capital letters.
var quoted = strings.NewReplacer(`'`, `\'`, `\`, `\\`)
