package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/workspace"
)

func newInfo(a *app) *cobra.Command {
	cmd := a.new("info FIXTURE", "Show what is in a fixture",
		`Shows the manifest of a fixture: tables, rows, sizes, queries, metadata, and its digest. Of a
fixture in a registry only the manifest is fetched.`,
		`  irisfix info fixtures/orders
  irisfix info orders
  irisfix info ghcr.io/acme/fixtures/orders:1.0.0 --json`,
		exactly("FIXTURE"), func(cmd *cobra.Command, args []string) error { return a.info(cmd.Context(), args[0]) })
	a.fixtureArgument(cmd)
	a.completeFixtures(cmd)
	return cmd
}

func (a *app) info(ctx context.Context, arg string) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	f, err := w.Look(ctx, arg)
	if err != nil {
		return err
	}
	defer f.Close()
	a.sayRemembered(f.Location.String(), f.Digest, f.Remembered)
	sizes, sum := map[string]int64{}, int64(0)
	var database databaseFile
	if f.Location.Dir != "" {
		b, err := bundle.Pack(ctx, f.Fixture)
		if err != nil {
			return err
		}
		f.Digest = b.Descriptor.Digest
		for _, l := range b.Image.Layers {
			sizes[l.Digest.String()] = l.Size
		}
		sum = workspace.Size(b)
		if f.Manifest.Kind() == bundle.Database {
			if database, err = inFixture(ctx, f.Fixture); err != nil {
				return err
			}
		}
	}
	for _, l := range f.Layers() {
		sizes[l.Digest.String()] = l.Size
		sum += l.Size
	}
	object := struct {
		schema
		Manifest  json.RawMessage `json:"manifest"`
		Digest    string          `json:"digest"`
		Reference string          `json:"reference"`
		Bytes     int64           `json:"bytes"`
		Database  *databaseJSON   `json:"database,omitempty"`
	}{schema1, f.Raw, f.Digest.String(), f.Reference(), sum, database.json()}
	return a.result(object, func() { a.printInfo(f, database, sizes, sum) })
}

func (a *app) printInfo(f *workspace.Found, database databaseFile, sizes map[string]int64, sum int64) {
	m := f.Manifest
	a.data("%s %s", m.FixtureID, m.Version)
	if m.Description != "" {
		a.data("%s", m.Description)
	}
	for _, line := range [][2]string{
		{"location", f.Location.String()}, {"digest", f.Digest.String()}, {"created", m.CreatedAt}, {"source", strings.TrimSpace(m.IRISVersion + " " + m.Namespace)},
	} {
		if line[1] != "" {
			a.data("  %-9s %s", line[0], line[1])
		}
	}
	if database.label != nil {
		a.data("  %-9s %s", "database", database.describe())
	}
	for _, line := range featureLines(m) {
		a.data("  %-9s %s", "feature", line)
	}
	a.data("")
	t := newTable("  ", "TABLE", ">ROWS", ">SIZE", "FILE", "CHECKSUM")
	for _, file := range m.Files() {
		name, rows := file.Table, phrase.Number(file.Rows)
		if m.Kind() == bundle.Database {
			name, rows = "(whole database)", ""
		}
		t.row(name, rows, phrase.Bytes(sizes[file.Digest.String()]), file.Path, phrase.ShortDigest(file.Digest.String()))
	}
	t.print(a.out)
	if m.Kind() == bundle.Database {
		for _, x := range m.Tables {
			a.data("    %s, %s", x.Name, phrase.Count(x.RowCount, "row"))
		}
	}
	a.data("  %s, %s", contentText(m), phrase.Bytes(sum))
	for _, q := range m.KnownQueries {
		a.data("  query %s: %s", q.Name, q.SQL)
	}
}

// contentText tells how much a fixture is, as far as its manifest says.
func contentText(m *bundle.Manifest) string {
	text := phrase.Count(int64(len(m.Tables)), "table") + ", " + phrase.Count(m.Rows(), "row")
	switch {
	case m.Kind() != bundle.Database:
		return text
	case len(m.Tables) == 0:
		return "a whole database"
	}
	return "a whole database with " + text
}

// featureLines are the free metadata, in the order of their keys.
func featureLines(m *bundle.Manifest) (lines []string) {
	var features map[string]json.RawMessage
	if json.Unmarshal(m.Features, &features) != nil {
		return nil
	}
	for key, value := range features {
		var text string
		if json.Unmarshal(value, &text) != nil {
			var b bytes.Buffer
			if json.Compact(&b, value) == nil {
				text = b.String()
			}
		}
		lines = append(lines, key+" = "+text)
	}
	slices.Sort(lines)
	return lines
}
