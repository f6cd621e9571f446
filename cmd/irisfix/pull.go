package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/workspace"
)

func newPull(a *app) *cobra.Command {
	var o workspace.PullOptions
	var summaryFile string
	cmd := a.new("pull [FIXTURE]...", "Bring fixtures into the cache, and into a directory if asked",
		`Brings fixtures from a registry into the cache: those named, or everything that is pinned. With
--output they are also copied into a directory: one fixture into the directory itself, several
each into a directory of its name. What is there already is not fetched; with a pin and a warm
cache no request is made.

Of a large file only those parts are fetched that an older version, in the cache or in that
directory, does not have. --dry-run tells how much that is.

--summary appends a table of what was fetched to a file, in Markdown, such as GitHub Actions
shows of "$GITHUB_STEP_SUMMARY".

Files that irisfix did not write, or that were changed since, are not overwritten without --force.`,
		`  irisfix pull
  irisfix pull --frozen --offline
  irisfix pull orders --output fixtures/orders
  irisfix pull ghcr.io/acme/fixtures/orders:1.0.0
  irisfix pull --dry-run`,
		upTo(1<<20), func(cmd *cobra.Command, args []string) error {
			if summaryFile != "" && o.DryRun {
				return usageError("--summary and --dry-run exclude each other: nothing is fetched that could be told")
			}
			return a.pull(cmd.Context(), args, o, summaryFile)
		})
	cmd.Flags().StringVarP(&o.Output, "output", "o", "", "directory to copy to")
	cmd.Flags().BoolVar(&o.Force, "force", false, "overwrite files that are in the way")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "only say how many bytes would be fetched")
	cmd.Flags().StringVar(&summaryFile, "summary", "", "file to append a table in Markdown to")
	a.completeFixtures(cmd)
	return cmd
}

type pulledJSON struct {
	Name      string `json:"name"`
	Version   string `json:"version"`
	Reference string `json:"reference"`
	Digest    string `json:"digest"`
	Path      string `json:"path"`
	Fetched   int64  `json:"bytes_fetched"`
	Reused    int64  `json:"bytes_reused"`
}

func (a *app) pull(ctx context.Context, args []string, o workspace.PullOptions, summaryFile string) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	list, err := w.Pull(ctx, args, o)
	if err != nil {
		return err
	}
	object := struct {
		schema
		DryRun   bool         `json:"dry_run,omitempty"`
		Fixtures []pulledJSON `json:"fixtures"`
		Requests int64        `json:"requests"`
	}{schema1, o.DryRun, []pulledJSON{}, w.Client().Requests()}
	for _, p := range list {
		object.Fixtures = append(object.Fixtures, pulledJSON{p.Name, p.Version, p.Reference, p.Digest.String(), p.Path, p.Fetched, p.Reused})
		a.sayRemembered(p.Name, p.Digest, p.Remembered)
	}
	if summaryFile != "" {
		if err := appendSummary(summaryFile, list, object.Requests); err != nil {
			return err
		}
	}
	return a.result(object, func() {
		for _, p := range list {
			a.printPulled(p, o.DryRun)
		}
		a.data("%s, %s", phrase.Count(int64(len(list)), "fixture"), phrase.Count(object.Requests, "request"))
	})
}

func (a *app) printPulled(p workspace.Pulled, dry bool) {
	what, moved := "pulled", "fetched"
	switch {
	case p.Fetched == 0:
		what = "cached"
	case dry:
		what, moved = "would pull", "to fetch"
	}
	a.data("%s %s %s", what, p.Name, p.Reference)
	if p.Path != "" && !dry {
		a.data("  in %s", p.Path)
	}
	a.data("  %s %s, %s here already", phrase.Bytes(p.Fetched), moved, phrase.Bytes(p.Reused))
}
