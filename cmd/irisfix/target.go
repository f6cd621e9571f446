package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// targetFlags say which database is meant.
type targetFlags struct {
	text, namespace string
	passwordStdin   bool
}

func (t *targetFlags) add(cmd *cobra.Command, name, usage string) {
	f := cmd.Flags()
	f.StringVar(&t.text, name, "", usage+" (default IRISFIX_TARGET, else InterSystems IRIS)")
	f.StringVar(&t.namespace, "namespace", "", "namespace, instead of the one in the URL (InterSystems IRIS)")
	f.BoolVar(&t.passwordStdin, "password-stdin", false, "read the password from standard input (InterSystems IRIS)")
}

// place reads the flags of a target, of which flag has the TARGET.
func (a *app) place(flag string, t targetFlags) (settings.Target, error) {
	p, err := a.around.Target(flag, t.text)
	if err != nil {
		return p, err
	}
	if p.Kind != settings.IRIS && (t.namespace != "" || t.passwordStdin) {
		return p, usageError("only InterSystems IRIS has namespaces and passwords")
	}
	if t.namespace != "" {
		p.Given = append([]discover.Given{{From: settings.NamespaceFlag, URL: discover.URL{Namespace: t.namespace}}}, p.Given...)
	}
	if t.passwordStdin {
		secret, err := a.password(true)
		if err != nil {
			return p, err
		}
		p.Given = append([]discover.Given{{From: "--password-stdin", URL: discover.URL{Password: discover.Secret(secret)}}}, p.Given...)
	}
	return p, nil
}

// source opens a database for taking tables out of it.
func (a *app) source(ctx context.Context, p settings.Target) (loader.Source, io.Closer, error) {
	switch p.Kind {
	case settings.SQLite:
		s, err := sqlite.OpenSource(ctx, p.Path)
		return s, s, err
	case settings.IRIS:
		cfg, err := a.around.IRIS(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		s, err := iris.OpenSource(ctx, cfg)
		return s, s, err
	}
	return nil, nil, usageError("tables cannot be taken from " + p.Text + "; for a whole database file use --database FILE")
}

// target opens a database for loading tables into it.
func (a *app) target(ctx context.Context, p settings.Target) (loader.Target, io.Closer, error) {
	switch p.Kind {
	case settings.SQLite:
		t, err := sqlite.OpenTarget(ctx, p.Path)
		return t, t, err
	case settings.IRIS:
		cfg, err := a.around.IRIS(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		t, err := iris.OpenTarget(ctx, cfg)
		if err != nil {
			return nil, nil, err
		}
		for _, x := range t.Cleaned() {
			a.warn(x.Subject, x.Message)
		}
		return t, t, nil
	}
	return nil, nil, usageError(p.Text + " takes database fixtures only; load tables with --to sqlite:PATH or --to iris://USER@HOST/NAMESPACE")
}
