package bundle

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
)

func known(digest.Digest) bool   { return true }
func unknown(digest.Digest) bool { return false }

// place copies the files of one fixture directory into another the way pull does.
func place(t *testing.T, from, to string, r Replace) (*Plan, error) {
	t.Helper()
	f := openTest(t, from)
	p, err := PlanPlace(t.Context(), to, f.Manifest, f.Raw, r, Options{Workers: 2})
	if err != nil || p.Unchanged() {
		return p, err
	}
	s, err := NewStage(to)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for _, w := range p.Write {
		data, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(w.Path)))
		if err != nil {
			return nil, err
		}
		path, err := s.Path(w.Path)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return nil, err
		}
	}
	return p, s.Commit(t.Context(), p)
}

// snapshot is every file below a directory with its content and time.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = info.ModTime().Format(time.RFC3339Nano) + " " + string(data)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

func names(all map[string]string) string {
	var list []string
	for name := range all {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// version makes a fixture of one id whose tables are given as name=content.
func version(t *testing.T, id string, tables ...string) string {
	files := map[string][]byte{}
	var order []string
	for _, pair := range tables {
		name, content, _ := strings.Cut(pair, "=")
		order = append(order, name)
		files[name] = []byte(content)
	}
	return newFixture(t, id, order, files)
}

func TestPlacingIntoNothingAndAgain(t *testing.T) {
	from := version(t, "f", "A=1", "B=2")
	for _, name := range []string{"absent", "deep/er", "empty"} {
		to := filepath.Join(t.TempDir(), name)
		if name == "empty" {
			if err := os.Mkdir(to, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := place(t, from, to, Replace{}); err != nil {
			t.Fatal(err)
		}
		first := snapshot(t, to)
		if got := names(first); got != "A.dat B.dat manifest.json" {
			t.Errorf("%s: %s", name, got)
		}
		p, err := place(t, from, to, Replace{Known: unknown})
		if err != nil || !p.Unchanged() {
			t.Errorf("%s again: %+v %v", name, p, err)
		}
		for file, was := range first {
			if is := snapshot(t, to)[file]; is != was {
				t.Errorf("%s: %s was touched", name, file)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(to), ".irisfix-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestAnOlderVersionIsReplaced(t *testing.T) {
	to := filepath.Join(t.TempDir(), "out")
	if _, err := place(t, version(t, "f", "A=1", "B=2", "C=3"), to, Replace{}); err != nil {
		t.Fatal(err)
	}
	put(t, to, "notes.txt", []byte("mine"))
	p, err := place(t, version(t, "f", "A=1", "B=new", "D=4"), to, Replace{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Write) != 2 || len(p.Remove) != 1 {
		t.Errorf("written %v removed %v", p.Write, p.Remove)
	}
	all := snapshot(t, to)
	if got := names(all); got != "A.dat B.dat D.dat manifest.json notes.txt" || !strings.HasSuffix(all["B.dat"], " new") {
		t.Errorf("%s", got)
	}
	if err := openTest(t, to).Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNotOursStays(t *testing.T) {
	tests := []struct {
		name  string
		known func(digest.Digest) bool
		to    func(t *testing.T, dir string)
		want  string
	}{
		{"a file of the same name", known, func(t *testing.T, dir string) { put(t, dir, "A.dat", []byte("mine")) }, "/A.dat: not written by irisfix"},
		{"a manifest that is none", known, func(t *testing.T, dir string) { put(t, dir, "manifest.json", []byte("{}")) }, "/manifest.json: not a manifest that irisfix wrote"},
		{"an older version with an edit", known, func(t *testing.T, dir string) {
			copyInto(t, version(t, "f", "A=old", "B=2"), dir)
			put(t, dir, "A.dat", []byte("edited"))
		}, "/A.dat: changed since irisfix wrote it"},
		{"an edit in a file that would go", known, func(t *testing.T, dir string) {
			copyInto(t, version(t, "f", "A=1", "B=2", "Z=9"), dir)
			put(t, dir, "Z.dat", []byte("edited"))
		}, "/Z.dat: changed since irisfix wrote it"},
		{"a version that was made here", unknown, func(t *testing.T, dir string) { copyInto(t, version(t, "f", "A=old"), dir) },
			": holds f 1.0.0, which was neither pulled nor pushed from here"},
		{"another fixture", known, func(t *testing.T, dir string) { copyInto(t, version(t, "g", "X=1"), dir) }, ": holds the fixture g"},
		{"a directory in the way", known, func(t *testing.T, dir string) { put(t, dir, "A.dat/x", []byte("mine")) }, "/A.dat: not a regular file"},
		{"a link in the way", known, func(t *testing.T, dir string) {
			if err := os.Symlink(t.TempDir(), filepath.Join(dir, "A.dat")); err != nil {
				t.Skip(err)
			}
		}, "/A.dat: a symbolic link"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to := t.TempDir()
			tt.to(t, to)
			before := snapshotNames(t, to)
			_, err := place(t, version(t, "f", "A=1", "B=2"), to, Replace{Known: tt.known})
			var occupied *OccupiedError
			if !errors.As(err, &occupied) || err.Error() != to+filepath.FromSlash(tt.want) {
				t.Errorf("got  %v\nwant %s", err, to+tt.want)
			}
			if after := snapshotNames(t, to); after != before {
				t.Errorf("was %s, is %s", before, after)
			}
			_, err = place(t, version(t, "f", "A=1", "B=2"), to, Replace{Force: true})
			if strings.HasSuffix(tt.name, "in the way") {
				if !errors.As(err, &occupied) {
					t.Errorf("forced: %v", err)
				}
				return
			}
			if err != nil {
				t.Errorf("forced: %v", err)
			}
			if err := openTest(t, to).Verify(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("a file instead of the directory", func(t *testing.T) {
		to := filepath.Join(t.TempDir(), "f")
		put(t, filepath.Dir(to), "f", []byte("mine"))
		if _, err := place(t, version(t, "f", "A=1"), to, Replace{Force: true}); errText(err) != to+": a file, not a directory" {
			t.Errorf("got %v", err)
		}
	})
}

func snapshotNames(t *testing.T, dir string) string {
	var list []string
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, _ error) error { list = append(list, path); return nil })
	return strings.Join(list, " ")
}

func copyInto(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// A process that was killed between two renames left a mixture; the next run goes on from there.
func TestAnInterruptedReplacementIsFinished(t *testing.T) {
	to := filepath.Join(t.TempDir(), "out")
	copyInto(t, version(t, "f", "A=1", "B=2"), to)
	put(t, to, "A.dat", []byte("new")) // of the version that was on its way
	if _, err := place(t, version(t, "f", "A=new", "B=new"), to, Replace{Known: known}); err != nil {
		t.Fatal(err)
	}
	if err := openTest(t, to).Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestForgottenStagesAreSwept(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "a[b]c") // which is no pattern
	long := time.Now().Add(-48 * time.Hour)
	for _, name := range []string{".irisfix-stage-1", ".irisfix-stage-2"} {
		put(t, parent, name+"/A.dat", []byte("x"))
	}
	if err := os.Chtimes(filepath.Join(parent, ".irisfix-stage-1"), long, long); err != nil {
		t.Fatal(err)
	}
	s, err := NewStage(filepath.Join(parent, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := names(snapshot(t, parent)); got != ".irisfix-stage-2/A.dat" {
		t.Errorf("left: %s", got)
	}
}
