package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/parallel"
)

func templateOf(kind string, of ...string) Template {
	t := Template{Kind: kind}
	for _, content := range of {
		t.Of = append(t.Of, digest.FromString(content))
	}
	return t
}

// instance makes an instance of a template that would be filled with the content, and returns what it holds.
func instance(t *testing.T, c *Cache, of Template, content string) (Origin, string) {
	t.Helper()
	target := filepath.Join(t.TempDir(), "instance")
	origin, err := c.Instantiate(t.Context(), of, target, func() {}, func(context.Context) error { return os.WriteFile(target, []byte(content), 0o600) })
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, []byte("written by a test"), 0o600); err != nil { // into the same file
		t.Error(err)
	}
	return origin, string(data)
}

func TestATemplateIsFilledOnceAndCopied(t *testing.T) {
	c := openCache(t)
	of := templateOf("kind 1", "a", "b")
	if origin, got := instance(t, c, of, "first"); origin != Kept || got != "first" {
		t.Errorf("the first: %v, %q", origin, got)
	}
	again, err := Open(c.Dir(), nil) // another process, to which the stamps are new
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Cache{c, again, again} {
		if origin, got := instance(t, c, of, "never"); origin != Copied || got != "first" {
			t.Errorf("the next: %v, %q", origin, got)
		}
	}
	for name, other := range map[string]Template{
		"order": templateOf("kind 1", "b", "a"), "kind": templateOf("kind 2", "a", "b"), "part": templateOf("kind 1", "a"),
	} {
		if origin, got := instance(t, c, other, name); origin != Kept || got != name {
			t.Errorf("of another %s: %v, %q", name, origin, got)
		}
	}
	info, err := os.Lstat(c.path(templatesDir, of.name()))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o444 {
		t.Errorf("what is kept: %v, %v", info, err)
	}
}

// What is kept and is not what was written down is as good as nothing, and is replaced.
func TestWhatIsDamagedIsFilledAnew(t *testing.T) {
	of := templateOf("kind", "a")
	write := func(content string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte(content), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	instead := func(make func(path string) error) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), make(path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, damage := range map[string]func(t *testing.T, path string){
		"other bytes": write("FIRST"),
		"cut":         write("fir"),
		"longer":      write("first and more"),
		"gone":        instead(func(string) error { return nil }),
		"a symlink":   instead(func(path string) error { return os.Symlink(path+templateSuffix, path) }),
		"no record":   func(t *testing.T, path string) { write("")(t, path+templateSuffix) },
		"record of none": func(t *testing.T, path string) {
			write(`{"kind":"kind","of":[],"size":5,"sha256":""}`)(t, path+templateSuffix)
		},
		"endless record": func(t *testing.T, path string) { write(strings.Repeat(" ", maxTemplateFile+1))(t, path+templateSuffix) },
	} {
		t.Run(name, func(t *testing.T) {
			c := openCache(t)
			instance(t, c, of, "first")
			damage(t, c.path(templatesDir, of.name()))
			if origin, got := instance(t, c, of, "second"); origin != Kept || got != "second" {
				t.Errorf("%v, %q", origin, got)
			}
			if origin, got := instance(t, c, of, "third"); origin != Copied || got != "second" {
				t.Errorf("afterwards: %v, %q", origin, got)
			}
		})
	}
}

func TestATemplateThatCannotBeFilledIsNotKept(t *testing.T) {
	c, of, broken := openCache(t), templateOf("kind", "a"), errors.New("broken")
	target := filepath.Join(t.TempDir(), "instance")
	_, err := c.Instantiate(t.Context(), of, target, func() {}, func(context.Context) error {
		return errors.Join(os.WriteFile(target, []byte("half"), 0o600), broken)
	})
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	if origin, got := instance(t, c, of, "whole"); origin != Kept || got != "whole" {
		t.Errorf("%v, %q", origin, got)
	}
}

// A cache that cannot be keeps nothing, and stops nobody.
func TestWithoutACacheNothingIsKept(t *testing.T) {
	t.Chdir(t.TempDir())
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file} {
		c, err := Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if origin, got := instance(t, c, templateOf("kind", "a"), "content"); origin != Filled || got != "content" {
				t.Errorf("in %q: %v, %q", dir, origin, got)
			}
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("in the working directory: %v, %v", left, err)
	}
}

// Of many that want a template at once, each with a cache of its own as processes have, one fills it.
func TestManyWantOneTemplate(t *testing.T) {
	dir, of := t.TempDir(), templateOf("kind", "a")
	var filled, waited atomic.Int64
	err := parallel.ForEach(t.Context(), 16, 16, func(ctx context.Context, i int) error {
		c, err := Open(dir, nil)
		if err != nil {
			return err
		}
		target := filepath.Join(t.TempDir(), "instance")
		_, err = c.Instantiate(ctx, of, target, func() { waited.Add(1) }, func(context.Context) error {
			filled.Add(1)
			time.Sleep(3 * lockPatience) // until the others have lost their patience
			return os.WriteFile(target, []byte("content"), 0o600)
		})
		if data, e := os.ReadFile(target); string(data) != "content" {
			return errors.Join(err, e, errors.New(string(data)))
		}
		return err
	})
	if err != nil || filled.Load() != 1 || waited.Load() == 0 {
		t.Errorf("filled %d times, waited %d times: %v", filled.Load(), waited.Load(), err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, locksDir)); err != nil || len(left) > 0 {
		t.Errorf("locks that are left: %v, %v", left, err)
	}
}

// Within a process the others wait without a word: no other process is waited for.
func TestManyInOneProcessWantOneTemplate(t *testing.T) {
	c, of := openCache(t), templateOf("kind", "a")
	var filled, waited atomic.Int64
	err := parallel.ForEach(t.Context(), 16, 16, func(ctx context.Context, i int) error {
		target := filepath.Join(t.TempDir(), "instance")
		_, err := c.Instantiate(ctx, of, target, func() { waited.Add(1) }, func(context.Context) error {
			filled.Add(1)
			time.Sleep(3 * lockPatience)
			return os.WriteFile(target, []byte("content"), 0o600)
		})
		return err
	})
	if err != nil || filled.Load() != 1 || waited.Load() > 0 {
		t.Errorf("filled %d times, waited %d times: %v", filled.Load(), waited.Load(), err)
	}
}

// Who waits for a template can be stopped.
func TestWaitingForATemplateEndsWithTheContext(t *testing.T) {
	c, of := openCache(t), templateOf("kind", "a")
	instance(t, c, templateOf("kind", "b"), "") // makes the directories
	l, err := c.flock(t.Context(), of.name(), func() {})
	if err != nil || l == nil {
		t.Skip("no locks here")
	}
	defer l.Unlock()
	ctx, stop := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	_, err = c.Instantiate(ctx, of, filepath.Join(t.TempDir(), "x"), func() { stop(enough) }, func(context.Context) error { return nil })
	if !errors.Is(err, enough) {
		t.Error(err)
	}
}

func TestTemplatesArePruned(t *testing.T) {
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		options PruneOptions
		of      func(remembered, pinned, unknown digest.Digest) []digest.Digest
		age     time.Duration
		stays   bool
	}{
		"of a remembered bundle":       {of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{r} }, age: 30 * day, stays: true},
		"of a pinned bundle":           {of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{p} }, age: 30 * day, stays: true},
		"of both":                      {of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{r, p} }, age: 30 * day, stays: true},
		"of one that nobody knows":     {of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{r, u} }, age: 2 * time.Hour},
		"of that, but just used":       {of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{u} }, age: time.Minute, stays: true},
		"not used for long":            {options: PruneOptions{MaxAge: 7 * day}, of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{p} }, age: 8 * day},
		"used":                         {options: PruneOptions{MaxAge: 7 * day}, of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{p} }, age: 6 * day, stays: true},
		"without room":                 {options: PruneOptions{MaxSize: 1}, of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{p} }, age: 2 * time.Hour},
		"with room":                    {options: PruneOptions{MaxSize: 1 << 20}, of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{p} }, age: 2 * time.Hour, stays: true},
		"without room, but just used":  {options: PruneOptions{MaxSize: 1}, of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{p} }, age: time.Minute, stays: true},
		"whose bundle is forgotten so": {options: PruneOptions{MaxAge: time.Nanosecond}, of: func(r, p, u digest.Digest) []digest.Digest { return []digest.Digest{r} }, age: 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			c := openCache(t)
			remembered, pinned := bundled(t, c, "a.example/remembered:1", "x").Digest, bundled(t, c, "", "y").Digest
			of := Template{Kind: "kind", Of: tt.of(remembered, pinned, digest.FromString("unknown"))}
			instance(t, c, of, "content")
			aged(t, c, of.name(), tt.age)
			o := tt.options
			o.Keep = func(d digest.Digest) bool { return d == pinned }
			for _, dry := range []bool{true, false} {
				o.DryRun = dry
				r := prune(t, c, o)
				if stays := r.Templates == 0; stays != tt.stays {
					t.Errorf("dry %v: %d removed", dry, r.Templates)
				}
			}
			left, err := os.ReadDir(c.path(templatesDir))
			if err != nil || tt.stays != (len(left) == 2) || !tt.stays && len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}

func aged(t *testing.T, c *Cache, name string, age time.Duration) {
	t.Helper()
	when := time.Now().Add(-age)
	for _, file := range []string{name, name + templateSuffix} {
		if err := os.Chtimes(c.path(templatesDir, file), when, when); err != nil {
			t.Fatal(err)
		}
	}
}

// A use is remembered, so that what is used stays.
func TestUseKeepsATemplate(t *testing.T) {
	c, of := openCache(t), templateOf("kind", "a")
	instance(t, c, of, "content")
	aged(t, c, of.name(), 2*time.Hour)
	if origin, _ := instance(t, c, of, ""); origin != Copied {
		t.Fatal(origin)
	}
	if r := prune(t, c, PruneOptions{}); r.Templates > 0 {
		t.Error("it was removed")
	}
}

// What a killed process left of a template goes when it is certain that nobody works on it.
func TestLeftoversOfTemplatesArePruned(t *testing.T) {
	c := openCache(t)
	instance(t, c, templateOf("kind", "a"), "content")
	for name, age := range map[string]time.Duration{".irisfix-1.tmp": 2 * time.Hour, ".irisfix-2.tmp": time.Minute, strings.Repeat("a", 64): 2 * time.Hour} {
		path, when := c.path(templatesDir, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, when, when)); err != nil {
			t.Fatal(err)
		}
	}
	if r := prune(t, c, PruneOptions{}); r.Templates != 2 || r.Bytes != 8 {
		t.Errorf("%d removed, %d bytes", r.Templates, r.Bytes)
	}
	if left, err := os.ReadDir(c.path(templatesDir)); err != nil || len(left) != 3 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestVerifyRemovesDamagedTemplates(t *testing.T) {
	c, good, bad := openCache(t), templateOf("kind", "good"), templateOf("kind", "bad")
	instance(t, c, good, "good")
	instance(t, c, bad, "bad")
	path := c.path(templatesDir, bad.name())
	if err := errors.Join(os.Chmod(path, 0o644), os.WriteFile(path, []byte("dab"), 0o644)); err != nil {
		t.Fatal(err)
	}
	r, err := c.Verify(t.Context(), nil)
	if err != nil || r.Checked != 2 || r.Templates != 1 || len(r.Damaged) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if u, err := c.Usage(t.Context()); err != nil || u.Templates != 1 {
		t.Errorf("%+v, %v", u, err)
	}
}

// Whatever stands in a record: what is taken for one is of the template that it has the name of.
func FuzzTemplateRecord(f *testing.F) {
	f.Add(templateOf("kind", "a").name(), []byte(`{"kind":"kind","of":["`+digest.FromString("a").String()+`"],"size":1,"sha256":"00"}`))
	f.Add("x", []byte(`{"kind":"","of":null,"size":-1}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		is, err := parseTemplate(name, data)
		if err == nil && (Template{is.Kind, is.Of}).name() != name {
			t.Errorf("%+v", is)
		}
	})
}
