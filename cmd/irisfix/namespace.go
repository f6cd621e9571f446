package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/discover"
)

// irisConfig is how the server that a target means is reached.
func (a *app) irisConfig(ctx context.Context, p place) (client.Config, error) {
	s, err := a.server(ctx, p)
	if err != nil {
		return client.Config{}, err
	}
	return serverConfig(s)
}

func serverConfig(s *discover.Server) (client.Config, error) {
	var ca []byte
	if s.CA.Text != "" {
		var err error
		if ca, err = os.ReadFile(s.CA.Text); err != nil {
			return client.Config{}, err
		}
	}
	cfg, err := s.Config(ca)
	if errors.Is(err, discover.ErrNoCertificate) {
		return cfg, &usageError{s.CA.Text + " holds no certificate"}
	}
	return cfg, err
}

// home is a server and a namespace of it that is made or dropped from another one: from the one that the target names
// beside --namespace, else from USER, which every server has.
func (a *app) home(ctx context.Context, p place) (home client.Config, name string, err error) {
	cfg, err := a.irisConfig(ctx, p)
	if err != nil {
		return cfg, "", err
	}
	name = cfg.Namespace
	others := slices.DeleteFunc(slices.Clone(p.given), func(g discover.Given) bool { return g.From == "--namespace" })
	if len(others) < len(p.given) {
		p.given = others
		home, err = a.irisConfig(ctx, p)
		return home, name, err
	}
	cfg.Namespace = discover.DefaultNamespace
	return cfg, name, nil
}

func (a *app) createNamespace(ctx context.Context, p place) error {
	home, name, err := a.home(ctx, p)
	if err != nil {
		return err
	}
	made, err := iris.CreateNamespace(ctx, home, name)
	if made {
		a.meter.note("created the namespace %s", name)
	}
	return err
}

func (a *app) checkNamespace(ctx context.Context, p place) error {
	home, name, err := a.home(ctx, p)
	if err != nil {
		return err
	}
	return iris.CheckNamespace(ctx, home, name)
}

// dropWait is how long other sessions may take to leave a namespace.
const dropWait = 30 * time.Second

func (a *app) dropNamespace(ctx context.Context, p place) error {
	home, name, err := a.home(ctx, p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, dropWait)
	defer cancel()
	return iris.DropNamespace(ctx, home, name)
}
