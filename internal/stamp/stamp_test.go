package stamp_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/internal/stamp"
)

var (
	sum = strings.Repeat("ab", 32)
	old = time.Now().Add(-time.Hour)
)

// file makes a file that was last written an hour ago.
func file(t *testing.T, path, content string) fs.FileInfo {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	return stat(t, path)
}

func stat(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestAStampOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	path, kept := filepath.Join(dir, "a file"), filepath.Join(dir, "stamps")
	info := file(t, path, "x")
	s := stamp.Load(kept)
	want := stamp.Facts{SHA256: sum, BlockMap: "sha256:" + sum, Sound: true}
	s.Put(path, info, time.Now(), want)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	if got, ok := stamp.Load(kept).Lookup(path, stat(t, path)); !ok || got != want {
		t.Errorf("got %v %v", got, ok)
	}
}

func TestAChangeEndsIt(t *testing.T) {
	changes := map[string]func(t *testing.T, path string){
		"other content, same size": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("y"), 0o644); err != nil {
				t.Fatal(err)
			}
		},
		"other size, old time": func(t *testing.T, path string) { file(t, path, "longer") },
		"other file, same size and time": func(t *testing.T, path string) {
			file(t, path+".new", "y")
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		},
		"a link in its place": func(t *testing.T, path string) {
			if err := os.Rename(path, path+".old"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(path+".old", path); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a")
			s := stamp.Load("")
			s.Put(path, file(t, path, "x"), time.Now(), stamp.Facts{SHA256: sum})
			if _, ok := s.Lookup(path, stat(t, path)); !ok {
				t.Fatal("not remembered at all")
			}
			change(t, path)
			if _, ok := s.Lookup(path, stat(t, path)); ok {
				t.Error("still trusted")
			}
		})
	}
}

// A file that was written a moment ago could be written again within the same tick of the clock.
func TestAFreshFileIsNotRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := stamp.Load("")
	s.Put(path, stat(t, path), time.Now(), stamp.Facts{SHA256: sum})
	if _, ok := s.Lookup(path, stat(t, path)); ok {
		t.Error("trusted")
	}
	past := stamp.Past(time.Now())
	if err := os.Chtimes(path, past, past); err != nil {
		t.Fatal(err)
	}
	s.Put(path, stat(t, path), time.Now(), stamp.Facts{SHA256: sum})
	if _, ok := s.Lookup(path, stat(t, path)); !ok {
		t.Error("not remembered although its time was set back")
	}
}

func TestDamagedOrForeignSetsAreEmpty(t *testing.T) {
	dir := t.TempDir()
	path, kept := filepath.Join(dir, "a"), filepath.Join(dir, "stamps")
	s := stamp.Load(kept)
	s.Put(path, file(t, path, "x"), time.Now(), stamp.Facts{SHA256: sum})
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(good), "\n")
	for name, content := range map[string]string{
		"another boot": first + "x\n" + rest,
		"cut":          string(good[:len(good)-len(path)-10]),
		"binary":       "\x00\xff" + string(good),
		"empty":        "",
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(kept, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, ok := stamp.Load(kept).Lookup(path, stat(t, path)); ok {
				t.Error("trusted")
			}
		})
	}
}

func TestForget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	s := stamp.Load("")
	s.Put(path, file(t, path, "x"), time.Now(), stamp.Facts{SHA256: sum})
	s.Forget(path)
	if _, ok := s.Lookup(path, stat(t, path)); ok {
		t.Error("still known")
	}
}
