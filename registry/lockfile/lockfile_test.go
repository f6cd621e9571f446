package lockfile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/irisfix/irisfix/registry/lockfile"
)

var (
	hexA = strings.Repeat("a", 64)
	hexB = strings.Repeat("b", 64)
)

func TestCanonicalBytes(t *testing.T) {
	var f lockfile.File
	if got, want := string(f.Encode()), "{\n  \"version\": 1,\n  \"fixtures\": {}\n}\n"; got != want {
		t.Errorf("empty: got %q", got)
	}
	if err := errors.Join(
		f.Set("rag", "ghcr.io/acme/fixtures/rag:1.2.0@sha256:"+hexB),
		f.Set("orders", "ghcr.io/acme/fixtures/orders:2@sha256:"+hexA),
		f.Set("Z", "[::1]:5000/z@sha256:"+hexA),
		f.Set("gone", "localhost/z@sha256:"+hexA),
	); err != nil {
		t.Fatal(err)
	}
	if !f.Remove("gone") || f.Remove("gone") {
		t.Error("Remove does not tell")
	}
	want := `{
  "version": 1,
  "fixtures": {
    "Z": "[::1]:5000/z@sha256:` + hexA + `",
    "orders": "ghcr.io/acme/fixtures/orders:2@sha256:` + hexA + `",
    "rag": "ghcr.io/acme/fixtures/rag:1.2.0@sha256:` + hexB + `"
  }
}
`
	if got := string(f.Encode()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	again, err := lockfile.Parse([]byte(want))
	if err != nil || string(again.Encode()) != want {
		t.Errorf("read back: %v", err)
	}
	if ref, ok := again.Reference("rag"); !ok || !strings.HasPrefix(ref, "ghcr.io/acme/fixtures/rag:1.2.0@") {
		t.Errorf("%q %v", ref, ok)
	}
	if names := again.Names(); !slices.Equal(names, []string{"Z", "orders", "rag"}) {
		t.Errorf("%v", names)
	}
}

func TestMalformedFilesSayWhereAndWhy(t *testing.T) {
	entry := func(name, ref string) string {
		return "{\n  \"version\": 1,\n  \"fixtures\": {\n    \"ok\": \"a.b/c@sha256:" + hexA + "\",\n    \"" + name + "\": " + ref + "\n  }\n}\n"
	}
	notPinned := " is not a reference that ends in @sha256: and 64 hex digits"
	tests := []struct{ name, data, want string }{
		{"empty", "", "line 1: empty"},
		{"not JSON", "version: 1", "line 1: invalid character 'v' looking for beginning of value"},
		{"truncated", "{\n  \"version\": 1,\n", "line 2: ends too early"},
		{"an array", "[]", "line 1: not an object"},
		{"no version", "{\n\"fixtures\":{}\n}", `line 3: "version" is missing`},
		{"no fixtures", `{"version":1}`, `line 1: "fixtures" is missing`},
		{"newer", "{\n\"version\": 2,\"fixtures\":{}}", "line 2: version 2 is newer than 1"},
		{"version 0", `{"version":0,"fixtures":{}}`, `line 1: "version" is not a positive integer`},
		{"version as text", `{"version":"1","fixtures":{}}`, `line 1: "version" is not a positive integer`},
		{"version 1.0", `{"version":1.0,"fixtures":{}}`, `line 1: "version" is not a positive integer`},
		{"unknown key", "{\"version\":1,\n\"fixture\":{}}", `line 2: unknown key "fixture"`},
		{"fixtures as array", `{"version":1,"fixtures":[]}`, `line 1: "fixtures" is not an object`},
		{"fixtures null", `{"version":1,"fixtures":null}`, `line 1: "fixtures" is not an object`},
		{"duplicate name", entry("ok", `"a.b/c@sha256:`+hexB+`"`), `line 5: duplicate key "ok"`},
		{"reference as object", entry("x", `{}`), `line 5: "x": the reference is not a string`},
		{"no digest", entry("x", `"a.b/c:1"`), `line 5: x: "a.b/c:1"` + notPinned},
		{"short digest", entry("x", `"a.b/c:1@sha256:aa"`), `line 5: x: "a.b/c:1@sha256:aa"` + notPinned},
		{"upper-case digest", entry("x", `"a.b/c@sha256:`+strings.ToUpper(hexA)+`"`), `line 5: x: "a.b/c@sha256:` + strings.ToUpper(hexA) + `"` + notPinned},
		{"another algorithm", entry("x", `"a.b/c@sha512:`+hexA+`"`), `line 5: x: "a.b/c@sha512:` + hexA + `"` + notPinned},
		{"only a digest", entry("x", `"@sha256:`+hexA+`"`), `line 5: x: "@sha256:` + hexA + `"` + notPinned},
		{"space", entry("x", `"a.b/c d@sha256:`+hexA+`"`), `line 5: x: "a.b/c d@sha256:` + hexA + `"` + notPinned},
		{"newline after", entry("x", `"a.b/c@sha256:`+hexA+`\n"`), `line 5: x: "a.b/c@sha256:` + hexA + `\n"` + notPinned},
		{"bad name", entry("../x", `"a.b/c@sha256:`+hexA+`"`), `line 5: "../x" is not a name: letters, digits, dot, dash, underscore, at most 128`},
		{"too large", strings.Repeat(" ", lockfile.MaxSize+1), "larger than 4194304 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), lockfile.Name)
			if err := os.WriteFile(path, []byte(tt.data), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := lockfile.Load(path)
			var e *lockfile.Error
			if !errors.As(err, &e) || err.Error() != path+": "+tt.want {
				t.Errorf("got  %v\nwant %s: %s", err, path, tt.want)
			}
			err = lockfile.Update(t.Context(), path, func(*lockfile.File) error { return nil })
			if got, _ := os.ReadFile(path); err == nil || string(got) != tt.data {
				t.Errorf("Update touched it: %v", err)
			}
		})
	}
}

func TestFindStopsAtTheGitRoot(t *testing.T) {
	root := t.TempDir()
	outer, repo := filepath.Join(root, lockfile.Name), filepath.Join(root, "repo")
	deep := filepath.Join(repo, "a", "b")
	if err := errors.Join(os.MkdirAll(deep, 0o755), os.WriteFile(outer, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if got, err := lockfile.Find(deep); got != outer || err != nil {
		t.Errorf("without git: %q %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(repo, ".git"), []byte("gitdir: elsewhere"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := lockfile.Find(deep)
	if want := deep + ": no irisfix.lock there or above: file does not exist"; !errors.Is(err, fs.ErrNotExist) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	inner := filepath.Join(repo, lockfile.Name)
	if err := os.WriteFile(inner, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := lockfile.Find(deep); got != inner || err != nil {
		t.Errorf("at the root: %q %v", got, err)
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, lockfile.Name)
	const writers, pins = 8, 10
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range pins {
				err := lockfile.Update(t.Context(), path, func(f *lockfile.File) error {
					return f.Set(fmt.Sprintf("w%d-%d", w, i), "a.b/c@sha256:"+hexA)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	f, err := lockfile.Load(path)
	if err != nil || len(f.Names()) != writers*pins {
		t.Fatalf("%d of %d pins, %v", len(f.Names()), writers*pins, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func TestAnUpdateThatFailsOrChangesNothingTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, lockfile.Name)
	ugly := []byte(`{"fixtures":{"a":"a.b/c@sha256:` + hexA + `"},"version":1}`)
	if err := os.WriteFile(path, ugly, 0o644); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	err := lockfile.Update(t.Context(), path, func(f *lockfile.File) error { f.Remove("a"); return enough })
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	err = lockfile.Update(t.Context(), path, func(f *lockfile.File) error { return f.Set("a", "a.b/c@sha256:"+hexA) })
	if err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, ugly) {
		t.Errorf("now %s", got)
	}
	if err := (&lockfile.File{}).Set("a", "a.b/c:1"); err == nil {
		t.Error("Set took a reference without a digest")
	}
}

func TestUpdateWritesThroughASymbolicLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real.lock"), filepath.Join(dir, lockfile.Name)
	var empty lockfile.File
	if err := errors.Join(os.WriteFile(target, empty.Encode(), 0o644), os.Symlink(target, link)); err != nil {
		t.Skip(err) // Windows without the privilege
	}
	if err := lockfile.Update(t.Context(), link, func(f *lockfile.File) error { return f.Set("a", "a.b/c@sha256:"+hexA) }); err != nil {
		t.Fatal(err)
	}
	if f, err := lockfile.Load(target); err != nil || len(f.Names()) != 1 {
		t.Errorf("the target was not written: %v", err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
}

func TestWaitingForAnotherWriterEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), lockfile.Name)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	err := lockfile.Update(t.Context(), path, func(*lockfile.File) error {
		cancel(enough)
		return lockfile.Update(ctx, path, func(*lockfile.File) error { t.Error("two at once"); return nil })
	})
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"version":1,"fixtures":{"a":"a.b/c:1@sha256:` + hexA + `","b":"[::1]:5/c@sha256:` + hexB + `"}}`))
	f.Add([]byte(`{"version":2,"fixtures":{}}`))
	f.Add([]byte(`{"fixtures":{},"version":1}`))
	f.Add([]byte(`{"version":1,"fixtures":{"a":1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := lockfile.Parse(data)
		if err != nil {
			var e *lockfile.Error
			if !errors.As(err, &e) || e.Reason == "" {
				t.Errorf("not an Error: %v", err)
			}
			return
		}
		first := file.Encode()
		again, err := lockfile.Parse(first)
		if err != nil || !bytes.Equal(again.Encode(), first) {
			t.Errorf("%q does not come back: %v", first, err)
		}
	})
}
