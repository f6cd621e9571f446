package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle/dat"
)

// release and revision are set by the linker when a release is built: its version, and the commit.
var (
	release  = ""
	revision = ""
)

// version is the release, or what the Go tool knows of the module.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// commit is that of the release, or of the checkout that was built; empty if nobody knows.
func commit() string {
	if revision != "" {
		return revision
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}

func newVersion(a *app) *cobra.Command {
	return a.new("version", "Print the version", `Prints the version of irisfix and of the .DAT format that it writes.`, `  irisfix version --json`,
		exactly(), func(*cobra.Command, []string) error {
			object := struct {
				schema
				Version string `json:"version"`
				Commit  string `json:"commit"`
				Format  int    `json:"format"`
			}{schema1, version(), commit(), dat.FormatVersion}
			return a.result(object, func() { a.data("irisfix %s, .DAT format %d", object.Version, object.Format) })
		})
}
