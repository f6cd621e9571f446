package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

var updatePages = flag.Bool("update-pages", false, "write what is printed into README.md and the pages below docs/")

// root is the repository as seen from here.
var root = filepath.Join("..", "..")

// TestPages runs the commands in README.md and in the pages below docs/ as a reader would, one after the other, and
// compares what the page shows. How a page says what is run stands in CONTRIBUTING.md.
func TestPages(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the pages are for a shell")
	}
	for _, p := range pages(t) {
		if len(p.needs) > 0 && os.Getenv("IRISFIX_TEST_PAGES") != "all" || !p.runs() {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for _, tool := range p.needs {
				if _, err := exec.LookPath(tool); err != nil {
					t.Fatalf("the page needs %s: %v", tool, err)
				}
			}
			if got := p.follow(newReader(t, p)); *updatePages {
				if err := os.WriteFile(filepath.Join(root, p.name), []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != p.text {
				t.Errorf("%s:%s\nwrite it with -update-pages", p.name, firstDifference(p.text, got))
			}
		})
	}
}

// page is a Markdown file.
type page struct {
	name  string // from the root, with slashes
	text  string
	needs []string // programs besides Go and a shell
}

// fence is a block of code, with what stands in the line before it: 1 the file that it is written to, 2 its indent,
// 3 its language, 4 what is in it.
var fence = regexp.MustCompile("(?ms)(?:^<!-- file: (\\S+) -->\n)?^([ \t]*)```([^\n]*)\n(.*?)^[ \t]*```$")

var needs = regexp.MustCompile(`^<!-- needs: (.*) -->\n`)

// pages are README.md and all below docs/.
func pages(t *testing.T) []*page {
	t.Helper()
	paths := []string{filepath.Join(root, "README.md")}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var list []*page
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(root, path)
		p := &page{name: filepath.ToSlash(name), text: strings.ReplaceAll(string(text), "\r\n", "\n")}
		if m := needs.FindStringSubmatch(p.text); m != nil {
			p.needs = strings.Split(m[1], ", ")
		}
		list = append(list, p)
	}
	return list
}

// isSession tells a block that shows what a reader types and sees.
func isSession(block []string) bool {
	return block[1] == "" && block[2] == "" && block[3] == "console" && strings.HasPrefix(block[4], "$ ")
}

func (p *page) runs() bool {
	for _, block := range fence.FindAllStringSubmatch(p.text, -1) {
		if isSession(block) {
			return true
		}
	}
	return false
}

// follow does what the page says and returns the page with what was printed in place of what it shows. A block that is
// other only in what differs from run to run stays as it is.
func (p *page) follow(r *reader) string {
	return fence.ReplaceAllStringFunc(p.text, func(old string) string {
		block := fence.FindStringSubmatch(old)
		if block[1] != "" {
			r.write(block[1], block[4])
		}
		if !isSession(block) {
			return old
		}
		seen := "```console\n" + r.session(block[4]) + "```"
		if varying.ReplaceAllString(seen, "$1") == varying.ReplaceAllString(old, "$1") {
			return old
		}
		return seen
	})
}

// varying is what differs from run to run.
var varying = regexp.MustCompile(`\b\d+\.\d+ ?s\b|\(cached\)|("elapsed_seconds": )[0-9.e-]+`)

// firstDifference tells the line of a page and what is printed there instead.
func firstDifference(page, got string) string {
	shown := strings.Split(page, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(shown) || line != shown[i] {
			return fmt.Sprintf("%d shows other than what is printed:\n%s", i+1, line)
		}
	}
	return fmt.Sprintf("%d shows more than what is printed", len(shown))
}
