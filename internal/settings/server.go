package settings

import (
	"context"
	"errors"
	"os"
	"slices"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/discover"
)

// Server finds the InterSystems IRIS that a target means, or that is meant where no target is named. A setting that makes
// no sense is a [discover.SettingError], several servers of which none was named a [discover.AmbiguousError].
func (e *Environment) Server(ctx context.Context, t Target) (*discover.Server, error) {
	return discover.Find(ctx, t.Given, e.get, e.runOnce)
}

// IRIS is how the server that a target means is reached.
func (e *Environment) IRIS(ctx context.Context, t Target) (client.Config, error) {
	s, err := e.Server(ctx, t)
	if err != nil {
		return client.Config{}, err
	}
	var ca []byte
	if s.CA.Text != "" {
		if ca, err = os.ReadFile(s.CA.Text); err != nil {
			return client.Config{}, err
		}
	}
	cfg, err := s.Config(ca)
	if errors.Is(err, discover.ErrNoCertificate) {
		return cfg, &UsageError{s.CA.Text + " holds no certificate"}
	}
	return cfg, err
}

// NamespaceFlag is what names a namespace beside a target.
const NamespaceFlag = "--namespace"

// Home is a server, and a namespace of it that is made or dropped from another one: from the one that the target names
// beside [NamespaceFlag], else from USER, which every server has.
func (e *Environment) Home(ctx context.Context, t Target) (home client.Config, name string, err error) {
	cfg, err := e.IRIS(ctx, t)
	if err != nil {
		return cfg, "", err
	}
	name = cfg.Namespace
	others := slices.DeleteFunc(slices.Clone(t.Given), func(g discover.Given) bool { return g.From == NamespaceFlag })
	if len(others) < len(t.Given) {
		t.Given = others
		home, err = e.IRIS(ctx, t)
		return home, name, err
	}
	cfg.Namespace = discover.DefaultNamespace
	return cfg, name, nil
}
