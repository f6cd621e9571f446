//go:build !windows

package bundle

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestLinksAndDevicesAreRefused(t *testing.T) {
	outside := t.TempDir()
	put(t, outside, "A.dat", []byte("data"))
	replace := map[string]func(path string) error{
		"a link to a file outside":  func(p string) error { return os.Symlink(filepath.Join(outside, "A.dat"), p) },
		"a link that leads nowhere": func(p string) error { return os.Symlink("nowhere", p) },
		"a FIFO":                    func(p string) error { return syscall.Mkfifo(p, 0o644) },
		"a directory":               func(p string) error { return os.Mkdir(p, 0o755) },
	}
	for name, make := range replace {
		t.Run(name, func(t *testing.T) {
			dir := newFixture(t, "f", []string{"A"}, map[string][]byte{"A": []byte("data")})
			path := filepath.Join(dir, "A.dat")
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := make(path); err != nil {
				t.Fatal(err)
			}
			want := dir + ": A.dat: a symbolic link"
			if !strings.HasPrefix(name, "a link") {
				want = dir + ": A.dat: not a regular file"
			}
			if err := openTest(t, dir).Verify(t.Context()); errText(err) != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	t.Run("a link on the way", func(t *testing.T) {
		dir := newFixture(t, "f", []string{"A"}, map[string][]byte{"A": []byte("data")}, func(m *Manifest) { m.Tables[0].File = "sub/A.dat" })
		if err := os.Symlink(outside, filepath.Join(dir, "sub")); err != nil {
			t.Fatal(err)
		}
		if err := openTest(t, dir).Verify(t.Context()); errText(err) != dir+": sub/A.dat: a symbolic link" {
			t.Errorf("got %v", err)
		}
	})
}

// A manifest that is a FIFO is in the way, and is not waited for.
func TestAFIFOInPlaceOfTheManifestIsNotOpened(t *testing.T) {
	from, to := version(t, "f", "A=1"), t.TempDir()
	path := filepath.Join(to, manifestName)
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := place(t, from, to, Replace{Known: known}); errText(err) != path+": not a manifest that irisfix wrote" {
		t.Errorf("got %v", err)
	}
	if _, err := place(t, from, to, Replace{Force: true}); err != nil {
		t.Fatal(err)
	}
	if err := openTest(t, to).Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestADirectoryThatIsMadeObeysTheUmask(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	to := filepath.Join(t.TempDir(), "out")
	if _, err := place(t, version(t, "f", "A=1"), to, Replace{}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
