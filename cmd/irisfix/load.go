package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/workspace"
)

type loadOptions struct {
	to                                        targetFlags
	tables, schemas                           []string
	createNamespace                           bool
	replace, appendRows, checkQueries, dryRun bool
}

func newLoad(a *app) *cobra.Command {
	var o loadOptions
	cmd := a.new("load FIXTURE", "Load a fixture into a database, all tables or none",
		`Loads a fixture into a database in one transaction. Everything is checked before the database
is touched: every checksum, every schema, every table that is there already.

A table that is absent is created, an empty one filled. Loading the same fixture again replaces
the rows of its tables. A table that holds other rows is a conflict, unless --replace empties it
or --append adds to it.`,
		`  irisfix load fixtures/orders --to sqlite:test.db
  irisfix load orders --to sqlite:test.db --offline --frozen
  irisfix load orders --to sqlite:test.db --table customers --dry-run
  irisfix load orders --to sqlite:test.db --schema-map =test
  irisfix load whole --to dir:databases/test`,
		exactly("FIXTURE"), func(cmd *cobra.Command, args []string) error { return a.load(cmd.Context(), args[0], o) })
	f := cmd.Flags()
	o.to.add(cmd, "to", "the database: iris://USER@HOST/NAMESPACE, sqlite:PATH, or dir:PATH for a database fixture")
	f.BoolVar(&o.createNamespace, "create-namespace", false, "make the namespace, or use the one that irisfix made before (InterSystems IRIS)")
	f.StringArrayVar(&o.tables, "table", nil, "load only this table; may be repeated")
	f.StringArrayVar(&o.schemas, "schema-map", nil, "load the tables of schema OLD under schema NEW (OLD=NEW); may be repeated")
	f.BoolVar(&o.replace, "replace", false, "empty tables that hold other rows")
	f.BoolVar(&o.appendRows, "append", false, "add to tables that hold other rows")
	f.BoolVar(&o.checkQueries, "check-queries", false, "run the known queries of the fixture before the load counts")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would happen, and change nothing")
	a.fixtureArgument(cmd)
	a.completeFixtures(cmd)
	a.completeTables(cmd)
	return cmd
}

type loadedJSON struct {
	Name     string `json:"name"`
	Rows     int64  `json:"rows"`
	Action   string `json:"action"`
	Replaced int64  `json:"replaced"`
}

type loadJSON struct {
	schema
	FixtureID string       `json:"fixture_id"`
	Digest    string       `json:"digest"`
	Target    string       `json:"target"`
	Namespace string       `json:"namespace"`
	DryRun    bool         `json:"dry_run"`
	Tables    []loadedJSON `json:"tables_loaded"`
	Rows      int64        `json:"rows"`
	Queries   int          `json:"queries_checked"`
	Elapsed   float64      `json:"elapsed_seconds"`
	Next      []nextStep   `json:"next_steps,omitempty"` // of a database fixture
}

func (a *app) load(ctx context.Context, arg string, o loadOptions) error {
	if o.replace && o.appendRows {
		return usageError("--replace and --append exclude each other")
	}
	schemas, err := parseSchemas(o)
	if err != nil {
		return err
	}
	p, err := a.place("--to", o.to)
	if err != nil {
		return err
	}
	if o.createNamespace && p.Kind != settings.IRIS {
		return usageError("only InterSystems IRIS has namespaces")
	}
	if o.createNamespace && o.dryRun {
		return usageError("--create-namespace and --dry-run exclude each other: what is in a namespace is seen when it is there")
	}
	w, err := a.workspace()
	if err != nil {
		return err
	}
	f, err := w.Fixture(ctx, arg)
	if err != nil {
		return err
	}
	defer f.Close()
	a.sayRemembered(f.Location.String(), f.Digest, f.Remembered)
	if f.Manifest.Kind() == bundle.Database {
		return a.placeDatabase(ctx, f, p, o)
	}
	if o.createNamespace {
		if err := a.createNamespace(ctx, p); err != nil {
			return err
		}
	}
	t, closer, err := a.target(ctx, p)
	if err != nil {
		return err
	}
	defer closer.Close()
	r, err := loader.Load(ctx, f.Fixture, t, loader.LoadOptions{
		Tables: o.tables, Schemas: schemas, Replace: o.replace, Append: o.appendRows, CheckQueries: o.checkQueries, DryRun: o.dryRun, Now: time.Now(),
		Progress: a.meter.rows,
	})
	if err == nil {
		err = closer.Close()
	}
	if err != nil {
		return err
	}
	for _, x := range r.Warnings {
		a.warn(x.Subject, x.Message)
	}
	return a.printLoaded(f, t, r, o)
}

// parseSchemas reads --schema-map. The known queries of a fixture name its own schemas, so that they cannot be checked
// under others.
func parseSchemas(o loadOptions) (loader.SchemaMap, error) {
	m := loader.SchemaMap{}
	for _, arg := range o.schemas {
		from, to, ok := strings.Cut(arg, "=")
		if _, twice := m[from]; !ok || to == "" || twice {
			return nil, usageError("--schema-map takes OLD=NEW, each schema once: " + arg)
		}
		m[from] = to
	}
	if len(m) > 0 && o.checkQueries {
		return nil, usageError("--check-queries and --schema-map exclude each other: the known queries name the schemas of the fixture")
	}
	return m, nil
}

// sayRemembered tells that a tag was not looked up now, unless at, when it was, is zero.
func (a *app) sayRemembered(what string, d digest.Digest, at time.Time) {
	if !at.IsZero() {
		a.meter.note("offline: %s is taken for %s, as it was on %s", what, d, at.Format(time.DateOnly))
	}
}

func (a *app) printLoaded(f *workspace.Found, t loader.Target, r *loader.LoadResult, o loadOptions) error {
	where, namespace := t.Place()
	object := loadJSON{schema1, r.FixtureID, r.Digest.String(), where, namespace, o.dryRun, []loadedJSON{}, r.Rows, r.Queries, seconds(a.elapsed()), nil}
	for _, x := range r.Tables {
		replaced := x.Existing
		if x.Action == loader.AppendRows {
			replaced = 0
		}
		object.Tables = append(object.Tables, loadedJSON{x.Name, x.Rows, string(x.Action), replaced})
	}
	return a.result(object, func() {
		what := "loaded"
		if o.dryRun {
			what = "would load"
		}
		a.data("%s %s %s into %s", what, r.FixtureID, f.Manifest.Version, where)
		t := newTable("  ", "TABLE", ">ROWS", "")
		for _, x := range r.Tables {
			t.row(x.Name, phrase.Number(x.Rows), actionText(x, o.dryRun))
		}
		t.print(a.out)
		sum := phrase.Count(r.Rows, "row") + " in " + phrase.Count(int64(len(r.Tables)), "table")
		if !o.dryRun {
			sum += fmt.Sprintf(", %.2f s", a.elapsed().Seconds())
		}
		a.data("%s", sum)
	})
}

// actionText says what happened, or would happen, to a table.
func actionText(t *loader.TablePlan, dry bool) string {
	words := map[loader.Action][2]string{
		loader.CreateTable: {"created", "create"}, loader.RecreateTable: {"made anew", "make anew"}, loader.FillTable: {"filled", "fill"},
		loader.ReloadTable: {"reloaded", "reload"}, loader.ReplaceTable: {"replaced", "replace"}, loader.AppendRows: {"appended", "append"},
	}[t.Action]
	text := words[0]
	if dry {
		text = words[1]
	}
	switch {
	case t.Action == loader.AppendRows:
		return text + fmt.Sprintf(" to %s", phrase.Count(t.Existing, "row"))
	case t.Own > 0:
		return text + fmt.Sprintf(", with %s not of the fixture", phrase.Count(t.Own, "row"))
	case t.Action == loader.ReplaceTable:
		return text + fmt.Sprintf(", with %s there before", phrase.Count(t.Existing, "row"))
	}
	return text
}

// placeDatabase puts the file of a database fixture where it can be mounted.
func (a *app) placeDatabase(ctx context.Context, f *workspace.Found, p settings.Target, o loadOptions) error {
	if p.Kind != settings.Directory {
		return usageError(f.Location.String() + " is a database fixture, one whole database file: place it with --to dir:PATH, where an IRIS instance can mount it")
	}
	if len(o.tables) > 0 || len(o.schemas) > 0 || o.appendRows || o.checkQueries {
		return usageError("--table, --schema-map, --append and --check-queries are for table fixtures")
	}
	id, err := f.Identify(ctx)
	if err != nil {
		return err
	}
	file, err := inFixture(ctx, f.Fixture)
	if err != nil {
		return err
	}
	a.warnOfDatabase(file)
	var path string
	if o.dryRun {
		path, err = loader.DatabasePath(f.Fixture, p.Path, o.replace)
	} else {
		path, err = loader.PlaceDatabase(ctx, f.Fixture, p.Path, o.replace)
	}
	if err != nil {
		return err
	}
	var next []nextStep
	if !o.dryRun {
		if next, err = nextSteps(f.Manifest, path, file); err != nil {
			return err
		}
	}
	object := loadJSON{schema1, f.Manifest.FixtureID, id.String(), p.Text, "", o.dryRun, []loadedJSON{}, 0, 0, seconds(a.elapsed()), next}
	return a.result(object, func() {
		if o.dryRun {
			a.data("would place %s %s: %s", f.Manifest.FixtureID, f.Manifest.Version, path)
			return
		}
		a.data("placed %s %s: %s", f.Manifest.FixtureID, f.Manifest.Version, path)
		a.printNext(next)
	})
}
