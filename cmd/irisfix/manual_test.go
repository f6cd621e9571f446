package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/internal/manual"
)

// TestManualIsCurrent compares docs/commands with what the program says of itself now.
func TestManualIsCurrent(t *testing.T) {
	written, committed := t.TempDir(), filepath.Join("..", "..", "docs", "commands")
	c := &console{out: new(bytes.Buffer), err: new(bytes.Buffer), env: func(string) string { return "" }}
	if code := run([]string{"manual", "--markdown", written}, c); code != 0 {
		t.Fatalf("exit code %d: %s", code, c.err)
	}
	want, got := filesIn(t, written), filesIn(t, committed)
	for name, page := range want {
		if got[name] != page {
			t.Errorf("docs/commands/%s is not what the program says now: make docs-commands", name)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("docs/commands/%s belongs to no command: make docs-commands", name)
	}
}

// TestManualTellsOfEveryFlag looks for what --help shows in the pages of both kinds.
func TestManualTellsOfEveryFlag(t *testing.T) {
	root := newRoot(newApp(&console{env: os.Getenv}, nil))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	markdown, man := manual.Markdown(root), manual.Man(root, "devel", time.Time{})
	all := commands(root)
	if len(markdown) != len(all) || len(man) != len(all) {
		t.Fatalf("%d pages in Markdown and %d man pages for %d commands", len(markdown), len(man), len(all))
	}
	count := 0
	for i, cmd := range all {
		for word := range strings.FieldsSeq(cmd.LocalFlags().FlagUsages()) {
			name, ok := strings.CutPrefix(word, "--")
			if !ok || name == "help" || cmd.LocalFlags().Lookup(name) == nil {
				continue
			}
			count++
			if !strings.Contains(string(markdown[i].Data), "`--"+name) || !strings.Contains(string(man[i].Data), `\fB\-\-`+strings.ReplaceAll(name, "-", `\-`)+`\fR`) {
				t.Errorf("%s or %s does not tell of --%s", markdown[i].Name, man[i].Name, name)
			}
		}
	}
	if count < 60 {
		t.Errorf("only %d flags were looked for", count)
	}
}

// filesIn reads the files of a directory.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}
