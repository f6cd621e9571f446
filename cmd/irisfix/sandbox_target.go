package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/sandbox"
)

// sandboxes opens the workspace and finds the database system.
func (a *app) sandboxes(ctx context.Context, to string, flags []string) (*sandboxes, error) {
	w, err := a.workspace()
	if err != nil {
		return nil, err
	}
	s := &sandboxes{app: a, flags: flags, open: map[string]*sandbox.Sandbox{}}
	o, err := s.options(ctx, to)
	if err != nil {
		return nil, err
	}
	s.maker = sandbox.NewMaker(w, o)
	return s, nil
}

// options finds out on what sandboxes are to be made.
func (s *sandboxes) options(ctx context.Context, to string) (sandbox.Options, error) {
	o := sandbox.Options{
		Rows: s.meter.rows,
		Warn: func(w loader.Warning) { s.warn(w.Subject, w.Message) },
		Wait: func(what string) { s.meter.note("waiting for %s", what) },
	}
	t, err := s.around.TestTarget("--to", to)
	if err != nil || t.Kind == settings.SQLite {
		s.to = "sqlite:test.db"
		return o, err
	}
	found, err := s.around.Server(ctx, t)
	if err != nil {
		return o, err
	}
	config, err := s.around.IRIS(ctx, t)
	if err != nil {
		return o, err
	}
	o.Server, s.tls, s.ca = &config, found.TLS.Text, absolute(found.CA.Text)
	s.to, err = found.URL()
	return o, err
}

// flagsForAdvice are the flags that another command needs to meet the same error.
func flagsForAdvice(cmd *cobra.Command) (flags []string) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch {
		case slices.Contains([]string{"to", "json", "progress", "quiet"}, f.Name):
		case f.Value.Type() == "bool":
			flags = append(flags, "--"+f.Name)
		default:
			flags = append(flags, "--"+f.Name, f.Value.String())
		}
	})
	return flags
}
