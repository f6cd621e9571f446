package main

import (
	"context"
	"time"

	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader/iris"
)

func (a *app) createNamespace(ctx context.Context, p settings.Target) error {
	home, name, err := a.around.Home(ctx, p)
	if err != nil {
		return err
	}
	made, err := iris.CreateNamespace(ctx, home, name)
	if made {
		a.meter.note("created the namespace %s", name)
	}
	return err
}

func (a *app) checkNamespace(ctx context.Context, p settings.Target) error {
	home, name, err := a.around.Home(ctx, p)
	if err != nil {
		return err
	}
	return iris.CheckNamespace(ctx, home, name)
}

// dropWait is how long other sessions may take to leave a namespace.
const dropWait = 30 * time.Second

func (a *app) dropNamespace(ctx context.Context, p settings.Target) error {
	home, name, err := a.around.Home(ctx, p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, dropWait)
	defer cancel()
	return iris.DropNamespace(ctx, home, name)
}
