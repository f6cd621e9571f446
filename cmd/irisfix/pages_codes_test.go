package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/exit-codes.md tells of the classes that `irisfix help exit-codes` prints, each with its number, and of no other.
func TestThePageOfExitCodesIsComplete(t *testing.T) {
	help, err := program(t, t.TempDir(), "help", "exit-codes").Output()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "exit-codes.md"))
	if err != nil {
		t.Fatal(err)
	}
	printed, written := map[string]string{}, map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  (\d+) +(?:([a-z-]+)  )?`).FindAllStringSubmatch(string(help), -1) {
		printed[m[1]] = m[2]
	}
	for _, m := range regexp.MustCompile("(?m)^\\| ([0-9, ]+) \\| (?:`([a-z-]+)` )?\\|").FindAllStringSubmatch(string(page), -1) {
		for code := range strings.SplitSeq(m[1], ", ") {
			written[code] = m[2]
		}
	}
	if !maps.Equal(printed, written) || len(printed) < 10 {
		t.Errorf("printed %v\nwritten %v", printed, written)
	}
}
