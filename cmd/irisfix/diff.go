package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/workspace"
)

func newDiff(a *app) *cobra.Command {
	var sample int
	cmd := a.new("diff FIXTURE FIXTURE", "Compare two fixtures table by table, row by row",
		`Compares two fixtures: tables added and removed, changes of the schema, rows added, removed and
changed with the columns that differ, and a few of them as a sample. Either may be a directory,
a pinned name or a reference. Differences are no failure: the exit code is 0.`,
		`  irisfix diff orders fixtures/orders
  irisfix diff ghcr.io/acme/fixtures/orders:1.0.0 ghcr.io/acme/fixtures/orders:1.1.0 --sample 20`,
		exactly("FIXTURE", "FIXTURE"), func(cmd *cobra.Command, args []string) error { return a.diff(cmd.Context(), args, sample) })
	cmd.Flags().IntVar(&sample, "sample", 5, "rows shown of each table")
	a.completeFixtures(cmd)
	return cmd
}

type cellJSON struct {
	Column string  `json:"column"`
	Before *string `json:"before"`
	After  *string `json:"after"`
}

type rowJSON struct {
	Change string     `json:"change"`
	Key    []cellJSON `json:"key"`
	Cells  []cellJSON `json:"cells"`
}

type columnJSON struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

type differenceJSON struct {
	Table   string       `json:"table"`
	Kind    string       `json:"kind"`
	Added   int64        `json:"added"`
	Removed int64        `json:"removed"`
	Changed int64        `json:"changed"`
	Columns []columnJSON `json:"columns,omitempty"`
	Schema  []string     `json:"schema_changes,omitempty"`
	Sample  []rowJSON    `json:"sample"`
}

func (a *app) diff(ctx context.Context, args []string, sample int) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	var sides [2]*workspace.Found
	for i := range sides {
		if sides[i], err = w.Fixture(ctx, args[i]); err != nil {
			return &ofArgument{args[i], err}
		}
		defer sides[i].Close()
		a.sayRemembered(sides[i].Location.String(), sides[i].Digest, sides[i].Remembered)
		if err := sides[i].Verify(ctx); err != nil {
			return &ofArgument{args[i], err}
		}
	}
	list, err := bundle.Diff(ctx, sides[0].Fixture, sides[1].Fixture, bundle.DiffOptions{Sample: sample, Temp: os.TempDir()})
	if side, ok := errors.AsType[*bundle.SideError](err); ok {
		return &ofArgument{args[side.Side], err}
	}
	if err != nil {
		return err
	}
	object := struct {
		schema
		Equal       bool             `json:"equal"`
		Differences []differenceJSON `json:"differences"`
	}{schema1, len(list) == 0, []differenceJSON{}}
	for _, d := range list {
		object.Differences = append(object.Differences, differenceOf(d))
	}
	return a.result(object, func() {
		if len(list) == 0 {
			a.data("no difference in the tables of %s and %s", args[0], args[1])
		}
		for _, d := range list {
			a.printDifference(d)
		}
	})
}

func differenceOf(d bundle.Difference) differenceJSON {
	j := differenceJSON{Table: d.Table, Kind: d.Kind, Added: d.Added, Removed: d.Removed, Changed: d.Changed, Schema: d.Schema, Sample: []rowJSON{}}
	for _, c := range d.Columns {
		j.Columns = append(j.Columns, columnJSON{c.Name, c.Rows})
	}
	for _, r := range d.Sample {
		j.Sample = append(j.Sample, rowJSON{r.Change, cellsOf(r.Key), cellsOf(r.Cells)})
	}
	return j
}

func cellsOf(cells []bundle.Cell) []cellJSON {
	list := make([]cellJSON, len(cells))
	for i, c := range cells {
		list[i] = cellJSON(c)
	}
	return list
}

func (a *app) printDifference(d bundle.Difference) {
	switch d.Kind {
	case bundle.TableAdded:
		a.data("+ %s: new table, %s", d.Table, phrase.Count(d.Added, "row"))
	case bundle.TableRemoved:
		a.data("- %s: table is gone, %s", d.Table, phrase.Count(d.Removed, "row"))
	case bundle.FileChanged:
		a.data("~ %s: the database file differs", d.Table)
	case bundle.SchemaChanged:
		a.data("~ %s: schema", d.Table)
		for _, line := range d.Schema {
			a.data("    %s", line)
		}
	default:
		a.data("~ %s: %s added, %s removed, %s changed", d.Table, phrase.Count(d.Added, "row"), phrase.Number(d.Removed), phrase.Number(d.Changed))
		for _, c := range d.Columns {
			a.data("    column %s: %s", c.Name, phrase.Count(c.Rows, "row"))
		}
		for _, r := range d.Sample {
			a.data("    %s %s", map[string]string{"added": "+", "removed": "-", "changed": "~"}[r.Change], rowText(r))
		}
	}
}

// rowText is a row of a sample in one line.
func rowText(r bundle.RowChange) string {
	var parts []string
	for _, c := range r.Key {
		parts = append(parts, c.Column+"="+cellText(c.Before, c.After))
	}
	for _, c := range r.Cells {
		if r.Change == "changed" {
			parts = append(parts, c.Column+": "+cellText(c.Before, nil)+" → "+cellText(c.After, nil))
		} else {
			parts = append(parts, c.Column+"="+cellText(c.Before, c.After))
		}
	}
	return strings.Join(parts, "  ")
}

// cellText is the first of two values that there is, shortened.
func cellText(v, or *string) string {
	const most = 60
	if v == nil {
		v = or
	}
	if v == nil {
		return "NULL"
	}
	text := []rune(phrase.OneLine(*v))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
