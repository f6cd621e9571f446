package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var root = filepath.Join("..", "..", "testdata")

// The committed fixtures are golden files of the whole way from rows to digest, on every system this test runs on.
func TestFixturesAreWhatTheSQLMakes(t *testing.T) {
	made := t.TempDir()
	if err := run(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	want, got := tree(t, root), tree(t, made)
	for name, data := range want {
		switch {
		case got[name] == nil:
			t.Errorf("%s is not made any more; run make testdata if that is meant", name)
		case !bytes.Equal(data, got[name]):
			t.Errorf("%s comes out with other bytes; run make testdata if that is meant", name)
		}
	}
	for name := range got {
		if want[name] == nil {
			t.Errorf("%s is new; run make testdata if that is meant", name)
		}
	}
}

// tree returns what this program writes below a directory. The release of SQLite that a fixture was taken from stands in
// its manifest and changes with a dependency, and the digests of the fixtures with it.
func tree(t *testing.T, root string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(filepath.Join(root, "fixtures"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if e.Name() == "manifest.json" {
			data = withoutRelease(data)
		}
		name, relErr := filepath.Rel(root, path)
		files[filepath.ToSlash(name)] = data
		if err == nil {
			err = relErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func withoutRelease(manifest []byte) []byte {
	lines := strings.Split(string(manifest), "\n")
	for i, line := range lines {
		if strings.Contains(line, `"iris_version"`) {
			lines[i] = `  "iris_version": "SQLite",`
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

func TestFixturesPackToTheGoldenDigests(t *testing.T) {
	list, err := os.ReadFile(filepath.Join(root, "digests.txt"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(list)), "\n")
	if len(lines) != len(fixtures) {
		t.Fatalf("%d digests for %d fixtures", len(lines), len(fixtures))
	}
	for _, line := range lines {
		want, dir, _ := strings.Cut(line, " ")
		if got, err := pack(t.Context(), filepath.Join(root, filepath.FromSlash(dir))); err != nil || got != want {
			t.Errorf("%s: digest %s, want %s (%v)", dir, got, want, err)
		}
	}
}
