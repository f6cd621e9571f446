package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/phrase"
)

// Completion of words that the shell cannot know: names from the lock file, tables from a manifest. It asks no network
// and says nothing when something is wrong.

// quietly prepares for completion, during which begin is not called.
func (a *app) quietly() {
	a.meter = silent{}
	if a.concurrency < 1 {
		a.concurrency = 1
	}
	a.offline = true
}

func (a *app) completePins(cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return a.pinNames(word), cobra.ShellCompDirectiveNoFileComp
	}
}

func (a *app) completeFixtures(cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		names := a.pinNames(word)
		found, _ := filepath.Glob(filepath.Join(defaultFixtures, "*", "manifest.json"))
		for _, path := range found {
			if dir := filepath.ToSlash(filepath.Dir(path)); strings.HasPrefix(dir, word) {
				names = append(names, dir)
			}
		}
		return names, cobra.ShellCompDirectiveDefault
	}
}

func (a *app) pinNames(word string) []string {
	a.quietly()
	w, err := a.workspace()
	if err != nil {
		return nil
	}
	pins, err := w.Pins()
	if err != nil {
		return nil
	}
	var names []string
	for _, p := range pins {
		if strings.HasPrefix(p.Name, word) {
			names = append(names, p.Name+"\t"+p.Reference.WithDigest("").String())
		}
	}
	return names
}

func (a *app) completeTables(cmd *cobra.Command) {
	err := cmd.RegisterFlagCompletionFunc("table", func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		arg, _ := cmd.Flags().GetString("fixture")
		if len(args) > 0 {
			arg = args[0]
		}
		a.quietly()
		w, err := a.workspace()
		if err != nil || arg == "" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		f, err := w.Look(cmd.Context(), arg)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer f.Close()
		var names []string
		for _, t := range f.Manifest.Tables {
			if strings.HasPrefix(t.Name, word) {
				names = append(names, t.Name+"\t"+phrase.Count(t.RowCount, "row"))
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag exists
	}
}
