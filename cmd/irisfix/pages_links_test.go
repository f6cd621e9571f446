package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	linkMark    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	codeMark    = regexp.MustCompile("`[^`\n]*`")
	headingMark = regexp.MustCompile(`(?m)^#{1,6} +(.*?)\s*$`)
)

// Every link between files of this repository leads to a file, and to a heading if it says so, as GitHub shows them.
func TestLinksLeadSomewhere(t *testing.T) {
	count := 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && path != root && strings.HasPrefix(e.Name(), ".") {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".md") {
			return err
		}
		text, err := prose(path)
		for _, m := range linkMark.FindAllStringSubmatch(codeMark.ReplaceAllString(text, ""), -1) {
			count++
			if broken := leads(path, m[1]); broken != nil {
				t.Errorf("%s: %s: %v", path, m[1], broken)
			}
		}
		return err
	})
	if err != nil || count < 100 {
		t.Errorf("%d links, %v", count, err)
	}
}

// prose is a page without its blocks of code.
func prose(path string) (string, error) {
	text, err := os.ReadFile(path)
	return fence.ReplaceAllString(strings.ReplaceAll(string(text), "\r\n", "\n"), ""), err
}

// leads looks for what a link in a file leads to.
func leads(from, target string) error {
	if strings.Contains(target, ":") {
		return nil // somewhere else
	}
	file, fragment, _ := strings.Cut(target, "#")
	to := from
	if file != "" {
		to = filepath.Join(filepath.Dir(from), filepath.FromSlash(file))
	}
	if _, err := os.Stat(to); err != nil || fragment == "" {
		return err
	}
	text, err := prose(to)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	for _, m := range headingMark.FindAllStringSubmatch(text, -1) {
		anchor := anchorOf(m[1])
		if n := seen[anchor]; n > 0 {
			anchor += fmt.Sprintf("-%d", n)
		}
		seen[anchorOf(m[1])]++
		if anchor == fragment {
			return nil
		}
	}
	return fmt.Errorf("no such heading in %s", to)
}

// anchorOf is the name that GitHub gives to a heading: small letters, digits, hyphens for spaces, nothing else.
func anchorOf(heading string) string {
	heading = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
