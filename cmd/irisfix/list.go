package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/workspace"
)

// defaultFixtures is where fixtures are looked for.
const defaultFixtures = "fixtures"

func newList(a *app) *cobra.Command {
	return a.new("list [DIR | REPOSITORY]", "List the fixtures in a directory, or the tags of a repository",
		`Lists the fixtures in a directory, ./fixtures if none is named, or the tags of a repository in a
registry with what their bundles say of themselves. "irisfix cache list" lists the cache.`,
		`  irisfix list
  irisfix list testdata/fixtures --json
  irisfix list ghcr.io/acme/fixtures/orders`,
		upTo(1), func(cmd *cobra.Command, args []string) error {
			where := defaultFixtures
			if len(args) == 1 {
				where = args[0]
			}
			return a.list(cmd.Context(), where)
		})
}

type entryJSON struct {
	Name        string `json:"name"`
	Path        string `json:"path,omitempty"`
	Reference   string `json:"reference"`
	Digest      string `json:"digest"`
	Version     string `json:"version"`
	Tables      int    `json:"tables"`
	Rows        int64  `json:"rows"`
	Bytes       int64  `json:"bytes"`
	Description string `json:"description"`
	Error       string `json:"error,omitempty"`
}

func entryOf(e workspace.Entry) entryJSON {
	j := entryJSON{e.Name, e.Path, e.Reference, e.Digest.String(), e.Version, e.Tables, e.Rows, e.Bytes, e.Description, ""}
	if e.Err != nil {
		j.Error = e.Err.Error()
	}
	return j
}

func (a *app) list(ctx context.Context, where string) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	var entries []workspace.Entry
	if isRepository(where) {
		entries, err = w.ListTags(ctx, where)
	} else {
		entries, err = w.ListDir(ctx, where)
	}
	if err != nil {
		return err
	}
	object := struct {
		schema
		Entries []entryJSON `json:"entries"`
	}{schema1, []entryJSON{}}
	for _, e := range entries {
		object.Entries = append(object.Entries, entryOf(e))
	}
	return a.result(object, func() {
		if len(entries) == 0 {
			a.meter.note("no fixtures in %s", where)
			return
		}
		t := newTable("", "NAME", "VERSION", ">TABLES", ">ROWS", ">SIZE", "DIGEST", "DESCRIPTION")
		for _, e := range entries {
			if e.Err != nil {
				x := explain.Error(e.Err, explain.Invocation{})
				t.row(e.Name, "", "", "", "", "", x.Class.Words()+": "+strings.Join(x.What, ", "))
				continue
			}
			t.row(e.Name, e.Version, phrase.Number(int64(e.Tables)), phrase.Number(e.Rows), phrase.Bytes(e.Bytes), phrase.ShortDigest(e.Digest.String()), e.Description)
		}
		t.print(a.out)
	})
}

// isRepository tells a repository from a directory: what exists as a directory is one.
func isRepository(arg string) bool {
	if _, err := os.Stat(arg); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	_, err := registry.ParseReference(arg)
	return err == nil
}
