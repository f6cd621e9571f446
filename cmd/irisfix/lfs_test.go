package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/irisfix/irisfix/lfs"
)

// pointer FILE...: puts files into Git LFS, as its clean filter does, in the repository of the directory above all.
func pointer(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		data, err := os.ReadFile(ts.MkAbs(name))
		ts.Check(err)
		d := digest.FromBytes(data)
		hex := d.Encoded()
		object := filepath.Join(ts.Getenv("WORK"), ".git", "lfs", "objects", hex[:2], hex[2:4], hex)
		ts.Check(os.MkdirAll(filepath.Dir(object), 0o755))
		ts.Check(os.WriteFile(object, data, 0o644))
		text := fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid %s\nsize %d\n", d, len(data))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

// What is to be typed after an import, for names that a shell, git or git-lfs would take for something else.
// interop/test_lfs.py runs such commands.
func TestCommandsAfterAnImport(t *testing.T) {
	top := t.TempDir()
	if err := os.WriteFile(filepath.Join(top, ".gitignore"), []byte("*.log"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ got, want string }{
		{gitPaths([]string{"fixtures/orders", "it's"}, "rm", "-r"), `git rm -r fixtures/orders 'it'\''s'`},
		{gitPaths([]string{"a*", "b"}, "add"), `git --literal-pathspecs add 'a*' b`},
		{gitPaths([]string{"-x"}, "add"), `git add -- -x`},
		{gitPaths([]string{"b", ":x"}, "add"), `git --literal-pathspecs add b :x`},
		{ignoring(t.TempDir(), []string{"/a/", `/b\*`}), `printf '%s\n' /a/ '/b\*' >> .gitignore`},
		{ignoring(top, []string{"/a/"}), `printf '\n%s' /a/ >> .gitignore`},
		{untrack(lfs.Pattern{File: ".gitattributes", Pattern: "*.dat"}), `git lfs untrack '*.dat'`},
		{untrack(lfs.Pattern{File: "a b/.gitattributes", Pattern: `odd[[:space:]]\#1`}), `(cd 'a b' && git lfs untrack 'odd #1')`},
		{untrack(lfs.Pattern{File: ".gitattributes", Pattern: "a#b"}), ""},
		{untrack(lfs.Pattern{File: ".gitattributes", Pattern: `a\*b`}), ""},
		{untrack(lfs.Pattern{File: ".gitattributes", Pattern: "-a"}), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("got  %s\nwant %s", tt.got, tt.want)
		}
	}
}

// In a sparse work tree git rm refuses files that are not there.
func TestASparseWorkTreeIsFilledFirst(t *testing.T) {
	done := &lfs.Imported{Plan: &lfs.Plan{Repository: &lfs.Repository{Top: t.TempDir()}}}
	leaving := lfs.Leaving{Remove: []string{"orders"}, Ignore: []string{"/orders/"}, Sparse: true}
	got := new(app).lfsCommands(done, leaving, lfs.ImportOptions{Prefix: "ghcr.io/acme"})
	if len(got) < 3 || got[1] != "git sparse-checkout disable" || got[2] != "git rm -r --cached --quiet orders" {
		t.Errorf("%q", got)
	}
	for _, c := range new(app).lfsCommands(done, lfs.Leaving{Sparse: true}, lfs.ImportOptions{}) {
		if strings.Contains(c, "sparse") {
			t.Errorf("nothing leaves, and still: %s", c)
		}
	}
}
