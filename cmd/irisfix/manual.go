package main

import (
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/manual"
	"github.com/irisfix/irisfix/internal/phrase"
)

func newManual(a *app) *cobra.Command {
	markdown := false
	cmd := a.new("manual DIR", "Write the manual of all commands: man pages, or Markdown",
		`Writes a page for each command into a directory, which is made if it is not there: man pages for
man(1), or Markdown. Files of the same names are written over. The same version writes the same
bytes; the man pages have a date if SOURCE_DATE_EPOCH gives one.`,
		`  irisfix manual share/man/man1
  irisfix manual --markdown commands`,
		exactly("DIR"), func(cmd *cobra.Command, args []string) error {
			if markdown {
				return a.writeManual(args[0], manual.Markdown(cmd.Root()))
			}
			var date time.Time
			if a.env("SOURCE_DATE_EPOCH") != "" {
				var err error
				if date, err = a.now(); err != nil {
					return err
				}
			}
			return a.writeManual(args[0], manual.Man(cmd.Root(), version(), date))
		})
	cmd.Flags().BoolVar(&markdown, "markdown", false, "write Markdown")
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return cmd
}

func (a *app) writeManual(dir string, pages []manual.Page) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	object := struct {
		schema
		Path  string   `json:"path"`
		Files []string `json:"files"`
	}{schema1, dir, []string{}}
	for _, p := range pages {
		if err := atomicfile.WriteFile(filepath.Join(dir, p.Name), p.Data, 0o644); err != nil {
			return err
		}
		object.Files = append(object.Files, p.Name)
	}
	return a.result(object, func() { a.data("wrote %s into %s", phrase.Count(int64(len(pages)), "page"), dir) })
}
