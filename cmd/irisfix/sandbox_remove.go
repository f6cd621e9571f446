package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/settings"
)

func (a *app) newSandboxRemove() *cobra.Command {
	var to string
	cmd := a.new("remove NAME...", "Remove databases of tests that were kept on a server",
		`Removes what a test framework left on InterSystems IRIS because it was to be kept: the namespace
of that name, or the schemas that begin with it, with everything in them. Nothing else is touched.
A SQLite database that was kept is a file; remove that.`,
		`  irisfix sandbox remove IFXQ2WB7ZK4M --to iris://_SYSTEM@localhost:1972/USER`,
		func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("missing argument NAME")
			}
			return nil
		}, func(cmd *cobra.Command, args []string) error {
			return a.removeSandboxes(cmd.Context(), args, to)
		})
	cmd.Flags().StringVar(&to, "to", "", "the server, as of sandbox (default: the IRIS that the environment names, or that runs on this machine)")
	return cmd
}

// removeSandboxes removes one after the other, also those after one that cannot be: some may be gone since an earlier run.
func (a *app) removeSandboxes(ctx context.Context, names []string, to string) error {
	s, err := a.sandboxes(ctx, cmp.Or(to, settings.IRIS), nil)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		err := s.maker.Remove(ctx, name)
		errs = append(errs, err)
		if err == nil && !a.json {
			a.data("removed %s from %s", name, s.maker.Target())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return a.result(struct {
		schema
		Removed []string `json:"removed"`
	}{schema1, names}, func() {})
}
