package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/spf13/pflag"
)

// docs/reference.md names every command and every flag, and no flag that there is not.
func TestTheReferenceNamesEveryFlag(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "reference.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	ours := regexp.MustCompile("`git [^`]*`").ReplaceAll(text, nil) // git has flags too
	for _, flag := range regexp.MustCompile("--[a-z][a-z-]*").FindAllString(string(ours), -1) {
		named[flag] = true
	}
	known := map[string]bool{"--help": true}
	for _, cmd := range commands(newRoot(newApp(&console{env: os.Getenv}, nil))) {
		if !regexp.MustCompile("`[^`\n]*\\b" + cmd.Name() + "\\b").Match(text) {
			t.Errorf("no word of %s", cmd.CommandPath())
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			known["--"+f.Name] = true
			if !f.Hidden && f.Name != "help" && !named["--"+f.Name] {
				t.Errorf("no word of %s --%s", cmd.CommandPath(), f.Name)
			}
		})
	}
	for flag := range named {
		if !known[flag] {
			t.Errorf("irisfix has no flag %s", flag)
		}
	}
}
