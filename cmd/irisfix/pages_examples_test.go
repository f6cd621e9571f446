package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page about CI shows the files of examples/ci, all of them and as they are; interop/test_ci.py runs these.
func TestPageShowsExamplesOfCI(t *testing.T) {
	examples := os.DirFS(filepath.Join(root, "examples", "ci"))
	shown := map[string]string{}
	for _, p := range pages(t) {
		if p.name == "docs/howto/ci.md" {
			for _, block := range fence.FindAllStringSubmatch(p.text, -1) {
				shown[block[1]] = block[4]
			}
		}
	}
	count := 0
	err := fs.WalkDir(examples, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		count++
		data, err := fs.ReadFile(examples, path)
		if err == nil && shown[path] != strings.ReplaceAll(string(data), "\r\n", "\n") {
			t.Errorf("docs/howto/ci.md shows other than examples/ci/%s", path)
		}
		return err
	})
	delete(shown, "")
	if err != nil || count != len(shown) {
		t.Errorf("%d examples, %d on the page, %v", count, len(shown), err)
	}
}
