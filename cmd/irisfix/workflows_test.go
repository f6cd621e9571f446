package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What our action and our workflows take from others they name by commit, with the version beside it: a tag can be moved.
func TestActionsOfOthersArePinned(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	uses := regexp.MustCompile(`^\s*(?:- )?uses: (.*)$`)
	pinned := regexp.MustCompile(`^(\./|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)`)
	count := 0
	for _, file := range append(files, filepath.Join(root, "action.yml")) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if m := uses.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
				count++
				if !pinned.MatchString(m[1]) {
					t.Errorf("%s: %s", filepath.Base(file), m[1])
				}
			}
		}
	}
	if count < 20 {
		t.Errorf("only %d lines with uses were found", count)
	}
}
