package sandbox

import (
	"context"
	"errors"

	"github.com/irisfix/irisfix/loader/iris/client"
)

// server makes namespaces of InterSystems IRIS.
type server struct {
	*Maker
	home client.Config
}

func newServer(m *Maker, home client.Config) *server { return &server{m, home} }

func (v *server) target() string { return v.home.String() }

func (v *server) make(context.Context, *Sandbox) error { return errors.ErrUnsupported }

func (v *server) remove(context.Context, *Sandbox) error { return nil }

func (v *server) keep(*Sandbox) error { return nil }

// entry is what is written down of a sandbox on a server.
type entry struct{}
