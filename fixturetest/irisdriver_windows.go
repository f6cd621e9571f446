package fixturetest

import (
	"database/sql"

	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// hasDriver refuses every server: go-irisnative 0.2.0 cannot be compiled for Windows, since its user_posix.go declares again
// what user_windows.go does.
func hasDriver(client.Config) error {
	return &settings.UsageError{Reason: "go-irisnative cannot be compiled for Windows; use fixturetest.Open and another driver"}
}

func openIRIS(c client.Config) (*sql.DB, error) { return nil, hasDriver(c) }
