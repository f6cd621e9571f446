package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader"
)

func newUnload(a *app) *cobra.Command {
	var to, namespace string
	var dropNamespace bool
	cmd := a.new("unload FIXTURE", "Take a fixture out of a database again",
		`Takes out of a database what load put in: tables that irisfix created are dropped, other tables
of the fixture emptied, appended rows deleted by their keys. Nothing else is touched. Rows that
--replace removed do not come back.`,
		`  irisfix unload orders --to sqlite:test.db
  irisfix unload whole --to dir:databases/test`,
		exactly("FIXTURE"), func(cmd *cobra.Command, args []string) error {
			if namespace != "" || dropNamespace {
				return &usageError{"only InterSystems IRIS has namespaces"}
			}
			return a.unload(cmd.Context(), args[0], to)
		})
	cmd.Flags().StringVar(&to, "to", "", "the database: sqlite:PATH or dir:PATH (default IRISFIX_TARGET, else InterSystems IRIS)")
	cmd.Flags().StringVar(&namespace, "namespace", "", "namespace of the target (InterSystems IRIS)")
	cmd.Flags().BoolVar(&dropNamespace, "drop-namespace", false, "drop the namespace that load made (InterSystems IRIS)")
	a.completeFixtures(cmd)
	return cmd
}

type unloadedJSON struct {
	Name    string `json:"name"`
	Rows    int64  `json:"rows"`
	Dropped bool   `json:"dropped"`
}

func (a *app) unload(ctx context.Context, arg, to string) error {
	p, err := a.parseTarget("--to", to)
	if err != nil {
		return err
	}
	w, err := a.workspace()
	if err != nil {
		return err
	}
	f, err := w.Look(ctx, arg)
	if err != nil {
		return err
	}
	defer f.Close()
	done := []unloadedJSON{}
	if f.Manifest.Kind() == bundle.Database {
		if p.kind != "dir" {
			return &usageError{arg + " is a database fixture: name the place with --to dir:PATH"}
		}
		path, err := loader.UnplaceDatabase(ctx, f.Fixture, p.path)
		if err != nil {
			return err
		}
		done = append(done, unloadedJSON{path, 0, true})
	} else {
		t, closer, err := a.target(ctx, p)
		if err != nil {
			return err
		}
		defer closer.Close()
		list, err := loader.Unload(ctx, f.Fixture, t)
		if err != nil {
			return err
		}
		for _, x := range list {
			done = append(done, unloadedJSON{x.Name, x.Rows, x.Dropped})
		}
	}
	object := struct {
		schema
		FixtureID string         `json:"fixture_id"`
		Tables    []unloadedJSON `json:"tables"`
	}{schema1, f.Manifest.FixtureID, done}
	return a.result(object, func() {
		a.data("unloaded %s from %s", f.Manifest.FixtureID, p.text)
		if f.Manifest.Kind() == bundle.Database {
			a.data("  %s removed", done[0].Name)
			return
		}
		t := newTable("  ", "TABLE", ">ROWS", "")
		for _, x := range done {
			what := "deleted"
			if x.Dropped {
				what = "dropped"
			}
			t.row(x.Name, numberText(x.Rows), what)
		}
		t.print(a.out)
	})
}
