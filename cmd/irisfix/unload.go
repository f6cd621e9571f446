package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/workspace"
)

func newUnload(a *app) *cobra.Command {
	var to targetFlags
	var dropNamespace bool
	cmd := a.new("unload FIXTURE", "Take a fixture out of a database again",
		`Takes out of a database what load put in: tables that irisfix created are dropped, other tables
of the fixture emptied, appended rows deleted by their keys. Nothing else is touched. Rows that
--replace removed do not come back. --drop-namespace drops a namespace that --create-namespace
made, and nothing but such a one.`,
		`  irisfix unload orders --to sqlite:test.db
  irisfix unload whole --to dir:databases/test`,
		exactly("FIXTURE"), func(cmd *cobra.Command, args []string) error {
			return a.unload(cmd.Context(), args[0], to, dropNamespace)
		})
	to.add(cmd, "to", "the database: iris://USER@HOST/NAMESPACE, sqlite:PATH or dir:PATH")
	cmd.Flags().BoolVar(&dropNamespace, "drop-namespace", false, "drop the namespace too, if irisfix made it (InterSystems IRIS)")
	a.completeFixtures(cmd)
	return cmd
}

type unloadedJSON struct {
	Name    string `json:"name"`
	Rows    int64  `json:"rows"`
	Dropped bool   `json:"dropped"`
}

func (a *app) unload(ctx context.Context, arg string, to targetFlags, dropNamespace bool) error {
	p, err := a.place("--to", to)
	if err != nil {
		return err
	}
	if dropNamespace && p.Kind != settings.IRIS {
		return usageError("only InterSystems IRIS has namespaces")
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
	var done []unloadedJSON
	where := p.Text
	if f.Manifest.Kind() == bundle.Database {
		done, err = unplace(ctx, f, p, arg)
	} else {
		done, where, err = a.unloadTables(ctx, f, p, dropNamespace)
	}
	if err != nil {
		return err
	}
	object := struct {
		schema
		FixtureID string         `json:"fixture_id"`
		Tables    []unloadedJSON `json:"tables"`
	}{schema1, f.Manifest.FixtureID, done}
	return a.result(object, func() {
		a.data("unloaded %s from %s", f.Manifest.FixtureID, where)
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
			t.row(x.Name, phrase.Number(x.Rows), what)
		}
		t.print(a.out)
		if dropNamespace {
			a.data("its namespace was dropped")
		}
	})
}

// unplace removes the file of a database fixture.
func unplace(ctx context.Context, f *workspace.Found, p settings.Target, arg string) ([]unloadedJSON, error) {
	if p.Kind != settings.Directory {
		return nil, usageError(arg + " is a database fixture: name the place with --to dir:PATH")
	}
	path, err := loader.UnplaceDatabase(ctx, f.Fixture, p.Path)
	return []unloadedJSON{{path, 0, true}}, err
}

// unloadTables also drops the namespace if it was asked to, whether or not it holds the fixture: the tables of a load
// that failed are not in it.
func (a *app) unloadTables(ctx context.Context, f *workspace.Found, p settings.Target, dropNamespace bool) (done []unloadedJSON, where string, err error) {
	if dropNamespace { // before anything is taken out of it
		if err := a.checkNamespace(ctx, p); err != nil {
			return nil, "", err
		}
	}
	t, closer, err := a.target(ctx, p)
	if err != nil {
		return nil, "", err
	}
	defer closer.Close()
	where, _ = t.Place()
	list, err := loader.Unload(ctx, f.Fixture, t)
	if err != nil && !(dropNamespace && isA[*loader.NotLoadedError](err)) {
		return nil, "", err
	}
	done = []unloadedJSON{}
	for _, x := range list {
		done = append(done, unloadedJSON{x.Name, x.Rows, x.Dropped})
	}
	if err := closer.Close(); err != nil || !dropNamespace {
		return done, where, err
	}
	return done, where, a.dropNamespace(ctx, p)
}
