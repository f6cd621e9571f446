package sandbox_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/irisdat/irisdattest"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/sandbox"
	"github.com/irisfix/irisfix/workspace"
)

// names are the files in a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range list {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	m, heard := maker(t, open(t, ""), nil)
	dir := filepath.Join(t.TempDir(), "made", "if", "absent")
	r := sandbox.Request{Fixtures: []string{shop}, Dir: dir}
	first := mustOpen(t, m, r)
	if first.Template != sandbox.Made || heard.rows.Load() == 0 {
		t.Errorf("the first: %q, %d rows", first.Template, heard.rows.Load())
	}
	was := sqliteValue(t, first.Path, `SELECT count(*) FROM orders`)
	if want := sqliteValue(t, first.Path, `SELECT row_count FROM "IrisFix.Loads" WHERE table_name = 'orders'`); was != want || was == "0" {
		t.Errorf("%s rows, want %s", was, want)
	}
	sqliteValue(t, first.Path, `DELETE FROM orders`)
	second := mustOpen(t, m, r)
	if second.Template != sandbox.Reused || second.Path == first.Path || second.Target != "sqlite:"+second.Path || !filepath.IsAbs(second.Path) {
		t.Errorf("the second: %+v", second)
	}
	if is := sqliteValue(t, second.Path, `SELECT count(*) FROM orders`); is != was {
		t.Errorf("what one test deletes another has: %s rows, %s before", is, was)
	}
	if f := second.Fixtures[0]; f.Name != "shop" || f.Manifest.FixtureID != "shop" || f.Digest == "" || f.Argument != shop {
		t.Errorf("%+v", f)
	}
	mustClose(t, first)
	mustClose(t, first)
	if left := names(t, dir); left != second.Name+".db" {
		t.Errorf("left: %s", left)
	}
	if err := m.Close(t.Context()); err != nil || names(t, dir) != "" {
		t.Errorf("after the maker was closed: %s, %v", names(t, dir), err)
	}
}

// What SQLite keeps beside a database goes with it, and a template has nothing beside it.
func TestNothingStaysBesideADatabase(t *testing.T) {
	cache, dir := t.TempDir(), t.TempDir()
	m, _ := maker(t, open(t, cache), nil)
	for range 2 {
		s := mustOpen(t, m, sandbox.Request{Fixtures: []string{shop}, Dir: dir})
		if left := names(t, dir); left != s.Name+".db" {
			t.Errorf("beside a new one: %s", left)
		}
		c, err := sqlite3.Open(s.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Exec("PRAGMA journal_mode = WAL; DELETE FROM orders"); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s) // while it is open
		if left := names(t, dir); left != "" {
			t.Errorf("left: %s", left)
		}
	}
	for name := range strings.FieldsSeq(names(t, filepath.Join(cache, "templates"))) {
		if len(name) != 64 && filepath.Ext(name) != ".json" {
			t.Errorf("among the templates: %s", name)
		}
	}
}

func TestAKeptDatabaseStays(t *testing.T) {
	dir := t.TempDir()
	m, _ := maker(t, open(t, ""), nil)
	atOnce := mustOpen(t, m, sandbox.Request{Fixtures: []string{shop}, Dir: dir, Keep: true})
	later := mustOpen(t, m, sandbox.Request{Fixtures: []string{shop}, Dir: dir})
	if !atOnce.Kept() || later.Kept() || later.Keep() != nil || !later.Kept() {
		t.Error("it does not say so")
	}
	mustClose(t, atOnce)
	if err := m.Close(t.Context()); err != nil || len(strings.Fields(names(t, dir))) != 2 {
		t.Errorf("%s, %v", names(t, dir), err)
	}
}

func TestSeveralFixturesInOneDatabase(t *testing.T) {
	m, _ := maker(t, open(t, ""), nil)
	for range 2 {
		s := mustOpen(t, m, sandbox.Request{Fixtures: []string{shop, types}, Dir: t.TempDir()})
		if n := sqliteValue(t, s.Path, `SELECT count(DISTINCT fixture_id) FROM "IrisFix.Loads"`); n != "2" {
			t.Errorf("%s fixtures", n)
		}
	}
}

// What goes wrong leaves nothing, and names what it is about.
func TestWhatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	m, _ := maker(t, open(t, ""), nil)
	other := filepath.Join(t.TempDir(), "other")
	if err := errors.Join(os.CopyFS(other, os.DirFS(shop)), renameFixture(other)); err != nil {
		t.Fatal(err)
	}
	database := whole(t)
	for name, tt := range map[string]struct {
		fixtures []string
		about    string // which fixture; empty: none
		is       func(error) bool
	}{
		"no fixture":                 {nil, "", isA[*workspace.ArgumentError]},
		"unknown":                    {[]string{shop, "unknown"}, "unknown", isA[*workspace.NotFoundError]},
		"a database":                 {[]string{database}, database, isA[*workspace.ArgumentError]},
		"another with the same rows": {[]string{shop, other}, other, isA[*loader.ConflictError]},
	} {
		_, err := m.Open(t.Context(), sandbox.Request{Fixtures: tt.fixtures, Dir: dir})
		one := &sandbox.FixtureError{}
		if errors.As(err, &one); !tt.is(err) || one.Argument != tt.about {
			t.Errorf("%s: %v", name, err)
		}
		var conflict *loader.ConflictError
		if errors.As(err, &conflict) && !strings.HasPrefix(conflict.Target, "sqlite:"+dir) {
			t.Errorf("a target that nobody knows: %s", conflict.Target)
		}
	}
	if left := names(t, dir); left != "" {
		t.Errorf("left: %s", left)
	}
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// whole makes a fixture of a database file.
func whole(t *testing.T) string {
	t.Helper()
	file, dir := filepath.Join(t.TempDir(), "IRIS.DAT"), filepath.Join(t.TempDir(), "whole")
	if err := os.WriteFile(file, irisdattest.File(irisdattest.Shape{}), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := loader.CreateDatabase(t.Context(), file, loader.CreateOptions{Output: dir, Name: "whole", Now: time.Unix(1767225600, 0)}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// renameFixture gives a copy of a fixture another id.
func renameFixture(dir string) error {
	path := filepath.Join(dir, "manifest.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.Replace(string(data), `"fixture_id": "shop"`, `"fixture_id": "other"`, 1)), 0o644)
}

// Of many tests that begin at once, each with a maker of its own as processes have, one loads.
func TestOneTemplateForAll(t *testing.T) {
	cache := t.TempDir()
	made := make([]sandbox.Template, 12)
	err := parallel.ForEach(t.Context(), len(made), len(made), func(ctx context.Context, i int) error {
		m, _ := maker(t, open(t, cache), nil)
		s, err := m.Open(ctx, sandbox.Request{Fixtures: []string{shop}, Dir: t.TempDir()})
		if err == nil {
			made[i] = s.Template
			err = s.Close(ctx)
		}
		return err
	})
	loaded := 0
	for _, x := range made {
		if x != sandbox.Reused {
			loaded++
		}
	}
	if err != nil || loaded != 1 {
		t.Errorf("loaded %d times: %v, %v", loaded, made, err)
	}
}

// One run of tests sees one version, and a template makes the files of the fixture needless.
func TestATagIsLookedUpOnce(t *testing.T) {
	cache, at := t.TempDir(), host(t)+"/acme/shop:1"
	w := open(t, cache)
	push(t, w, shop, at)
	m, _ := maker(t, w, nil)
	s := mustOpen(t, m, sandbox.Request{Fixtures: []string{at}, Dir: t.TempDir()})
	requests := w.Client().Requests()
	push(t, open(t, ""), types, at)
	again := mustOpen(t, m, sandbox.Request{Fixtures: []string{at}, Dir: t.TempDir()})
	if again.Fixtures[0].Digest != s.Fixtures[0].Digest || w.Client().Requests() != requests {
		t.Errorf("%s after %s, %d requests", again.Fixtures[0].Digest, s.Fixtures[0].Digest, w.Client().Requests()-requests)
	}
	next, _ := maker(t, open(t, cache), nil)
	if s := mustOpen(t, next, sandbox.Request{Fixtures: []string{at}, Dir: t.TempDir()}); s.Fixtures[0].Manifest.FixtureID != "types" {
		t.Errorf("the next run sees %s", s.Fixtures[0].Manifest.FixtureID)
	}
}

func TestOfflineTheTemplateIsEnough(t *testing.T) {
	cache, at := t.TempDir(), host(t)+"/acme/shop:1"
	w := open(t, cache)
	push(t, w, shop, at)
	m, _ := maker(t, w, nil)
	s := mustOpen(t, m, sandbox.Request{Fixtures: []string{at}, Dir: t.TempDir()})
	for _, l := range s.Fixtures[0].Layers() {
		if err := os.Remove(filepath.Join(cache, "blobs", "sha256", l.Digest.Encoded())); err != nil {
			t.Fatal(err)
		}
	}
	offline, heard := maker(t, open(t, cache, func(o *workspace.Options) { o.Registry.Offline = true }), nil)
	if s := mustOpen(t, offline, sandbox.Request{Fixtures: []string{at}, Dir: t.TempDir()}); s.Template != sandbox.Reused {
		t.Error(s.Template)
	}
	if !heard.has("offline: taken for " + s.Fixtures[0].Digest.String()) {
		t.Errorf("said: %q", heard.lines)
	}
	_, err := offline.Fetch(t.Context(), []string{at})
	if !errors.Is(err, registry.ErrOffline) {
		t.Errorf("fetching all of it: %v", err)
	}
}

// A directory that is changed is another fixture.
func TestAChangedDirectoryIsLoadedAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "fixture")
	if err := os.CopyFS(dir, os.DirFS(shop)); err != nil {
		t.Fatal(err)
	}
	m, _ := maker(t, open(t, ""), nil)
	before := mustOpen(t, m, sandbox.Request{Fixtures: []string{dir}, Dir: t.TempDir()})
	if err := renameFixture(dir); err != nil {
		t.Fatal(err)
	}
	after := mustOpen(t, m, sandbox.Request{Fixtures: []string{dir}, Dir: t.TempDir()})
	if after.Template != sandbox.Made || after.Fixtures[0].Name != "other" || after.Fixtures[0].Digest == before.Fixtures[0].Digest {
		t.Errorf("%+v", after.Fixtures[0])
	}
}

func TestFetchAndPlace(t *testing.T) {
	at := host(t) + "/acme/shop:1"
	push(t, open(t, ""), shop, at)
	m, _ := maker(t, open(t, ""), nil)
	list, err := m.Fetch(t.Context(), []string{at, shop})
	if err != nil || len(list) != 2 || list[0].Fetched == 0 || list[1].Fetched > 0 || list[0].Digest != list[1].Digest || list[1].Reference() != "" {
		t.Errorf("%+v, %v", list, err)
	}
	dir := filepath.Join(t.TempDir(), "shop")
	if path, err := m.Place(t.Context(), at, dir); err != nil || path != dir {
		t.Errorf("%s, %v", path, err)
	}
	placed, err := m.Fetch(t.Context(), []string{dir})
	if err != nil || placed[0].Digest != list[0].Digest {
		t.Errorf("%+v, %v", placed, err)
	}
	if path, err := m.Place(t.Context(), dir, filepath.Join(t.TempDir(), "x")); err != nil || path != dir {
		t.Errorf("of a directory: %s, %v", path, err)
	}
	if _, err := m.Fetch(t.Context(), []string{at, "unknown"}); !isA[*sandbox.FixtureError](err) {
		t.Error(err)
	}
}
