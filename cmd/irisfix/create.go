package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/loader"
)

type createOptions struct {
	name, output, schema, database string
	from                           targetFlags
	description, version           string
	tables, queries, features      []string
	all, force                     bool
}

func newCreate(a *app) *cobra.Command {
	var o createOptions
	cmd := a.new("create --name NAME --output DIR [--tables A,B | --schema S | --all-tables | --database FILE]",
		"Take tables out of a database and make them a fixture",
		`Takes tables out of a database and writes them as a fixture directory: manifest.json and a
.DAT file for each table. The same rows give the same bytes on every machine.

Without --tables, --schema and --query all tables are taken; with --all-tables and --query all
of them, those of the queries as these say. With --database the fixture is one whole database
file, such as IRIS.DAT. With --force an existing fixture is brought up to
date: what the flags do not say is kept, and if nothing changed every file stays as it is.`,
		`  irisfix create --name orders --output fixtures/orders --from sqlite:app.db
  irisfix create --name orders --output fixtures/orders --from sqlite:app.db --tables customers,orders --force
  irisfix create --name few --output fixtures/few --from sqlite:app.db --query "orders=SELECT * FROM orders WHERE id < 100"
  irisfix create --name whole --output fixtures/whole --database IRIS.DAT`,
		exactly(), func(cmd *cobra.Command, _ []string) error { return a.create(cmd, o) })
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "name of the fixture (required)")
	f.StringVarP(&o.output, "output", "o", "", "directory of the fixture (required)")
	f.StringSliceVar(&o.tables, "tables", nil, "tables to be taken, separated by commas")
	f.StringVar(&o.schema, "schema", "", "take the tables whose name begins with this and a dot")
	f.BoolVar(&o.all, "all-tables", false, "take all tables (the default)")
	f.StringVar(&o.database, "database", "", "take a whole database file")
	o.from.add(cmd, "from", "the database: iris://USER@HOST/NAMESPACE or sqlite:PATH")
	f.StringArrayVar(&o.queries, "query", nil, "TABLE=SQL: take the result of a query as a table; may be repeated")
	f.StringVar(&o.description, "description", "", "what the fixture is")
	f.StringVar(&o.version, "version", "", "semantic version (default 1.0.0)")
	f.StringArrayVar(&o.features, "feature", nil, "KEY=VALUE: free metadata; source, revision and licenses become annotations")
	f.BoolVar(&o.force, "force", false, "bring an existing fixture up to date, write over what is in the way")
	return cmd
}

func (a *app) create(cmd *cobra.Command, o createOptions) error {
	options, err := a.createOptions(cmd, o)
	if err != nil {
		return err
	}
	w, err := a.workspace()
	if err != nil {
		return err
	}
	options.Bundle = w.Bundle(o.output)
	var r *loader.CreateResult
	if o.database != "" {
		read := int64(0)
		options.Progress = func(file string, n int64) {
			a.meter.hashed(file, n-read)
			read = n
		}
		if d, err := lookInto(o.database); err == nil { // if not, copying it will fail
			a.warnOfDatabase(d, d.beside()...)
		}
		r, err = loader.CreateDatabase(cmd.Context(), o.database, options)
	} else {
		r, err = a.createTables(cmd.Context(), o.from, options)
	}
	if err != nil {
		return err
	}
	for _, x := range r.Warnings {
		a.warn(x.Subject, x.Message)
	}
	f, err := bundle.OpenDir(o.output, w.Bundle(o.output))
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := bundle.Pack(cmd.Context(), f)
	if err != nil {
		return err
	}
	return a.printCreated(o.output, r, b)
}

func (a *app) createTables(ctx context.Context, from targetFlags, o loader.CreateOptions) (r *loader.CreateResult, err error) {
	p, err := a.place("--from", from)
	if err != nil {
		return nil, err
	}
	src, closer, err := a.source(ctx, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	o.Progress = func(table string, n int64) { a.meter.rows(table, n, -1) }
	return loader.Create(ctx, src, o)
}

// createOptions checks the flags.
func (a *app) createOptions(cmd *cobra.Command, o createOptions) (c loader.CreateOptions, err error) {
	kinds := 0
	for _, given := range []bool{len(o.tables) > 0, o.schema != "", o.all, o.database != ""} {
		if given {
			kinds++
		}
	}
	switch {
	case o.name == "" || o.output == "":
		return c, usageError("--name and --output are required")
	case !bundle.ValidName(o.name):
		return c, notAName(o.name)
	case kinds > 1:
		return c, usageError("--tables, --schema, --all-tables and --database exclude each other")
	case o.database != "" && (len(o.queries) > 0 || o.from != targetFlags{}):
		return c, usageError("--database takes a file as it is, without --from and --query")
	case cmd.Flags().Changed("version") && !bundle.ValidVersion(o.version):
		return c, usageError(strconv.Quote(o.version) + " is not a semantic version such as 1.0.0")
	}
	c = loader.CreateOptions{Output: o.output, Name: o.name, Force: o.force, Tables: o.tables, Schema: o.schema, All: o.all}
	if cmd.Flags().Changed("version") {
		c.Version = &o.version
	}
	if cmd.Flags().Changed("description") {
		c.Description = &o.description
	}
	for _, q := range o.queries {
		table, sql, ok := strings.Cut(q, "=")
		if !ok || table == "" || strings.TrimSpace(sql) == "" {
			return c, usageError("--query wants TABLE=SQL, not " + strconv.Quote(q))
		}
		if bundle.ReservedTable(table) {
			return c, usageError(strconv.Quote(table) + " is a reserved name: irisfix.* is for the record of loads, sqlite_* for SQLite")
		}
		c.Queries = append(c.Queries, loader.Selection{Table: table, Query: sql})
	}
	for _, x := range o.features {
		key, value, ok := strings.Cut(x, "=")
		if !ok || key == "" {
			return c, usageError("--feature wants KEY=VALUE, not " + strconv.Quote(x))
		}
		c.Features = append(c.Features, loader.Feature{Key: key, Value: value})
	}
	c.Now, err = a.now()
	return c, err
}

// now is the time that goes into a manifest: SOURCE_DATE_EPOCH if it is set, https://reproducible-builds.org/specs/source-date-epoch/.
func (a *app) now() (time.Time, error) {
	v := a.env("SOURCE_DATE_EPOCH")
	if v == "" {
		return time.Now(), nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || n > 253402300799 {
		return time.Time{}, usageError("SOURCE_DATE_EPOCH is not a number of seconds: " + v)
	}
	return time.Unix(n, 0), nil
}

// fileJSON is a table in the result of create.
type fileJSON struct {
	Name     string `json:"name"`
	Rows     int64  `json:"rows"`
	File     string `json:"file,omitempty"`
	Checksum string `json:"checksum,omitempty"`
}

func (a *app) printCreated(dir string, r *loader.CreateResult, b *bundle.Bundle) error {
	object := struct {
		schema
		FixtureID string     `json:"fixture_id"`
		Path      string     `json:"path"`
		Digest    string     `json:"digest"`
		Changed   bool       `json:"changed"`
		Tables    []fileJSON `json:"tables"`
	}{schema1, r.Manifest.FixtureID, dir, b.Descriptor.Digest.String(), !r.Unchanged, []fileJSON{}}
	for _, t := range r.Manifest.Tables {
		object.Tables = append(object.Tables, fileJSON{t.Name, t.RowCount, t.File, t.Checksum.String()})
	}
	return a.result(object, func() {
		what := "created"
		switch {
		case r.Unchanged:
			what = "unchanged"
		case r.Updated:
			what = "updated"
		}
		a.data("%s %s (%s %s)", what, dir, r.Manifest.FixtureID, r.Manifest.Version)
		a.printFiles(r.Manifest, b)
		a.data("digest %s", object.Digest)
	})
}

// printFiles lists the files of a bundle.
func (a *app) printFiles(m *bundle.Manifest, b *bundle.Bundle) {
	sizes := map[string]int64{}
	sum := int64(0)
	for _, l := range b.Image.Layers {
		if l.MediaType == bundle.MediaDAT {
			sizes[l.Digest.String()] = l.Size
			sum += l.Size
		}
	}
	t := newTable("", "TABLE", ">ROWS", ">SIZE", "FILE")
	for _, f := range m.Files() {
		name, rows := f.Table, phrase.Number(f.Rows)
		if m.Kind() == bundle.Database {
			name, rows = "(whole database)", ""
		}
		t.row(name, rows, phrase.Bytes(sizes[f.Digest.String()]), f.Path)
	}
	t.print(a.out)
	if len(m.Files()) > 1 {
		a.data("%s, %s, %s", phrase.Count(int64(len(m.Files())), "table"), phrase.Count(m.Rows(), "row"), phrase.Bytes(sum))
	}
}
