package lfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
)

// shop is a clone with versions of a fixture, files of none, a rename, a deletion and a branch.
func shop(t *testing.T) *clone {
	c := newClone(t)
	c.fixture("fixtures/orders", "orders", "1.0.0", "small", large("one"))
	c.lfs("assets/logo.png", "logo")
	c.lfs("assets/gone.png", large("gone"))
	c.commit()
	c.git("branch", "side")
	c.fixture("fixtures/orders", "orders", "1.1.0", "small", large("two"))
	c.fixture("fixtures/Whole", "Whole", "1.0.0+x.1", "whole")
	c.git("mv", "assets/logo.png", "assets/renamed.png")
	c.git("rm", "-q", "assets/gone.png")
	c.commit()
	c.git("checkout", "-q", "side")
	c.lfs("assets/side.png", "side")
	c.commit()
	c.git("checkout", "-q", "main")
	return c
}

// packed is the digest of a directory, its files being as git-lfs checks them out.
func (c *clone) packed(f Fixture) digest.Digest {
	c.t.Helper()
	dir := c.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), f.Raw, 0o644); err != nil {
		c.t.Fatal(err)
	}
	for _, o := range f.Files {
		data, err := os.ReadFile(c.object(o.Digest))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(o.Path)), data, 0o644)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	opened, err := bundle.OpenDir(dir, bundle.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	defer opened.Close()
	d, err := opened.Identify(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

// holds checks that an archive has every object, and that an image manifest names it.
func holds(t *testing.T, a Archive, c *clone, objects []Object) {
	t.Helper()
	named, err := a.Named(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		r, err := a.Client.Through(a.At).Fetch(t.Context(), o.descriptor())
		if err != nil {
			t.Errorf("%s: %v", o.Path, err)
			continue
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || digest.FromBytes(got) != o.Digest || !named[o.Digest] {
			t.Errorf("%s: %d bytes, named: %v, %v", o.Path, len(got), named[o.Digest], err)
		}
	}
}

func TestEverythingMovesWithTheDigestsItHas(t *testing.T) {
	c, w := shop(t), newWorld(t)
	p := c.plan()
	before := c.git("status", "--porcelain")
	done, err := p.Import(t.Context(), w.options())
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Fixtures) != 2 || done.Objects != 7 || len(done.Sets) != 1 || len(done.Missing) != 0 {
		t.Errorf("%d fixtures, %d objects, sets %v", len(done.Fixtures), done.Objects, done.Sets)
	}
	want := map[string]string{}
	for _, f := range p.Fixtures {
		want[f.Manifest.FixtureID] = c.packed(f).String()
	}
	for name, version := range map[string]string{"orders": "orders:1.1.0", "Whole": "whole:1.0.0_x.1"} {
		want[name] = w.Host() + "/acme/fixtures/" + version + "@" + want[name]
	}
	if !maps.Equal(w.pins, want) {
		t.Errorf("pins %v, want %v", w.pins, want)
	}
	// small, two, whole, their manifests, a block map; logo, one, gone, side, the empty config: and what the fixtures
	// brought was taken from them.
	if sent, mounted := w.uploads(); sent != 11 || mounted != 3 {
		t.Errorf("%d blobs sent, %d mounted", sent, mounted)
	}
	holds(t, w.archive(t), c, p.History)
	if after := c.git("status", "--porcelain"); after != before {
		t.Errorf("the work tree has changed: %s", after)
	}

	// Again: nothing is left to do.
	again, err := c.plan().Import(t.Context(), w.options())
	if err != nil {
		t.Fatal(err)
	}
	if sent, mounted := w.uploads(); sent != 0 || mounted != 0 || len(again.Sets) != 0 || again.Objects != 7 || again.Stored.Reused != Bytes(p.History) {
		t.Errorf("again: %d blobs sent, %d mounted, %+v", sent, mounted, again.Stored)
	}
}

// One registry gets the same image manifests as the other, whatever the order of commits that led there.
func TestArchivesAreDeterministic(t *testing.T) {
	c, one, two := shop(t), newWorld(t), newWorld(t)
	a, err := c.plan().Import(t.Context(), one.options())
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.plan().Import(t.Context(), two.options())
	if err != nil {
		t.Fatal(err)
	}
	if a.Sets[0].Digest != b.Sets[0].Digest || a.Sets[0].Tag != b.Sets[0].Tag || a.Sets[0].Tag != "objects-"+a.Sets[0].Digest.Encoded()[:32] {
		t.Errorf("%v and %v", a.Sets, b.Sets)
	}
}

func TestAnImportThatWasCutGoesOn(t *testing.T) {
	c, w := shop(t), newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.Play(func(r *http.Request, _ int) faultproxy.Fault { // the archive has begun
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/lfs/manifests/") {
			cancel()
			return faultproxy.Status(http.StatusServiceUnavailable)
		}
		return nil
	})
	if _, err := c.plan().Import(ctx, w.options()); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if len(w.pins) != 0 {
		t.Errorf("pinned: %v", w.pins)
	}
	w.Play(nil)
	if _, err := c.plan().Import(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	if sent, mounted := w.uploads(); sent > 1 || mounted != 0 { // the empty config may be sent again
		t.Errorf("%d blobs sent again, %d mounted", sent, mounted)
	}
	holds(t, w.archive(t), c, c.plan().History)
}

func TestWrongBytesArePinnedNowhere(t *testing.T) {
	for name, data := range map[string]string{"a small file of a fixture": "small", "a large one": large("two"), "a file of no fixture": "logo", "an old version": large("one")} {
		t.Run(name, func(t *testing.T) {
			c, w := shop(t), newWorld(t)
			path := c.object(digest.FromString(data))
			if err := os.WriteFile(path, []byte("!"+data[1:]), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := c.plan().Import(t.Context(), w.options())
			var damaged *DamagedError
			if !errors.As(err, &damaged) || damaged.File != path || damaged.Got != digest.FromString("!"+data[1:]) || damaged.Digest != digest.FromString(data) {
				t.Errorf("got %v", err)
			}
			if len(w.pins) != 0 {
				t.Errorf("pinned: %v", w.pins)
			}
		})
	}
}

// The registry has the file already, so it is read for its block map alone: a wrong one is noticed there too.
func TestWrongBytesAreNoticedWhereNothingIsSent(t *testing.T) {
	c, w := shop(t), newWorld(t)
	if _, err := c.plan().Import(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	clear(w.pins)
	data := large("two")
	if err := os.WriteFile(c.object(digest.FromString(data)), []byte("!"+data[1:]), 0o644); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if _, err := c.plan().Import(t.Context(), w.options()); !errors.As(err, &damaged) || len(w.pins) != 0 {
		t.Errorf("got %v, pinned %v", err, w.pins)
	}
}

func TestObjectsThatAreNotHere(t *testing.T) {
	c, w := shop(t), newWorld(t)
	remove := func(data string) {
		t.Helper()
		if err := os.Remove(c.object(digest.FromString(data))); err != nil {
			t.Fatal(err)
		}
	}
	remove("side")
	var absent *AbsentError
	if _, err := c.plan().Import(t.Context(), w.options()); !errors.As(err, &absent) || len(absent.Objects) != 1 || absent.Objects[0].Path != "assets/side.png" {
		t.Errorf("got %v", err)
	}
	if n := len(w.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	o := w.options()
	o.AllowMissing = true
	done, err := c.plan().Import(t.Context(), o)
	if err != nil || len(done.Missing) != 1 || done.Objects != 6 {
		t.Errorf("%+v, %v", done, err)
	}
	remove("small") // of a fixture of HEAD: nothing helps
	if _, err := c.plan().Import(t.Context(), o); !errors.As(err, &absent) || absent.Objects[0].Path != "fixtures/orders/t0.dat" {
		t.Errorf("got %v", err)
	}
}

func TestHEADAlone(t *testing.T) {
	c, w := shop(t), newWorld(t)
	o := w.options()
	o.HeadOnly = true
	if err := os.Remove(c.object(digest.FromString("logo"))); err != nil { // of no fixture
		t.Fatal(err)
	}
	p, err := c.open().Plan(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	done, err := p.Import(t.Context(), o)
	if err != nil || len(done.Fixtures) != 2 || done.Archive.Client != nil || len(done.Missing) != 0 || len(w.pins) != 2 {
		t.Errorf("%+v, %v", done, err)
	}
	if named, err := w.archive(t).Named(t.Context()); err != nil || len(named) != 0 {
		t.Errorf("an archive: %v, %v", named, err)
	}
}

func TestImportsThatCannotBe(t *testing.T) {
	w := newWorld(t)
	fails := func(c *clone, o ImportOptions, target any) {
		t.Helper()
		if _, err := c.plan().Import(t.Context(), o); !errors.As(err, target) {
			t.Errorf("got %v, want a %T", err, target)
		}
		if len(w.Requests()) != 0 || len(w.pins) != 0 {
			t.Errorf("asked %v, pinned %v", w.Requests(), w.pins)
		}
	}
	c := newClone(t)
	c.write("README", "no LFS here")
	c.commit()
	fails(c, w.options(), new(*NothingError))
	c.fixture("a", "orders", "1.0.0", "one")
	c.fixture("b", "Orders", "1.0.0", "two")
	c.commit()
	fails(c, w.options(), new(*TwinsError))
	o := w.options()
	o.Prefix = "Acme"
	fails(c, o, new(*registry.ReferenceError))
	c.fixture("b", "orders", "1.0.0", "one") // a copy is no twin
	c.commit()
	c.write(".git/shallow", c.git("rev-parse", "HEAD")+"\n")
	fails(c, w.options(), new(*ShallowError))
	if err := os.Remove(filepath.Join(c.dir, ".git", "shallow")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.plan().Import(t.Context(), w.options()); err != nil || len(w.pins) != 1 {
		t.Errorf("a copy: %v, %v", err, w.pins)
	}
	clear(w.pins)
	c.fixture("a", "orders", "1.0.0", "other")
	c.git("rm", "-q", "-r", "b")
	c.commit()
	var clobber *registry.ClobberError // a tag that is there is not moved
	if _, err := c.plan().Import(t.Context(), w.options()); !errors.As(err, &clobber) || len(w.pins) != 0 {
		t.Errorf("got %v", err)
	}
	c.fixture("a", "orders", "1.1.0", "other")
	c.fixture("old", "orders", "1.0.0", "one")
	c.commit()
	if _, err := c.plan().Import(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	equal(t, "two versions at HEAD are pinned as", slices.Sorted(maps.Keys(w.pins)), "orders-1.0.0", "orders-1.1.0")
}

func TestAForecastSaysWhatAnImportThenSends(t *testing.T) {
	c, w := shop(t), newWorld(t)
	for range 2 {
		p := c.plan()
		f, err := p.Forecast(t.Context(), w.options())
		if err != nil {
			t.Fatal(err)
		}
		if sent, _ := w.uploads(); sent != 0 || len(w.pins) != 0 {
			t.Errorf("%d blobs sent, pinned %v", sent, w.pins)
		}
		done, err := p.Import(t.Context(), w.options())
		if err != nil {
			t.Fatal(err)
		}
		clear(w.pins)
		if f.Objects != done.Objects || f.Fixtures[0].Reference.Tag != done.Fixtures[0].Reference.Tag {
			t.Errorf("%+v, then %+v", f, done)
		}
		// What is no object, image manifests and the like, is not foreseen.
		if more := done.Stored.Sent - f.Stored.Sent; more < 0 || more > 2000 {
			t.Errorf("archive: foreseen %d, sent %d", f.Stored.Sent, done.Stored.Sent)
		}
		for i := range f.Fixtures {
			if more := done.Fixtures[i].Sent - f.Fixtures[i].Sent; more < 0 || more > 20_000 {
				t.Errorf("%s: foreseen %d, sent %d", f.Fixtures[i].Dir, f.Fixtures[i].Sent, done.Fixtures[i].Sent)
			}
		}
		w.uploads()
	}
}

func TestManyObjectsAreNamedBySeveralImageManifests(t *testing.T) {
	c, w := newClone(t), newWorld(t)
	for i := range perSet + 1 {
		c.lfs(fmt.Sprintf("assets/%d.png", i), fmt.Sprint("asset ", i))
	}
	c.commit()
	done, err := c.plan().Import(t.Context(), w.options())
	if err != nil || len(done.Sets) != 2 || done.Objects != perSet+1 {
		t.Fatalf("%v, %v", done, err)
	}
	a := w.archive(t)
	if named, err := a.Named(t.Context()); err != nil || len(named) != perSet+1 {
		t.Errorf("%d named, %v", len(named), err)
	}
	_, data, err := a.Client.Manifest(t.Context(), done.Sets[1])
	if err != nil {
		t.Fatal(err)
	}
	last := slices.MaxFunc(c.plan().History, func(a, b Object) int { return strings.Compare(string(a.Digest), string(b.Digest)) })
	want := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.irisfix.lfs.v1",` +
		`"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"e30="},` +
		`"layers":[{"mediaType":"application/vnd.irisfix.lfs.object.v1","digest":"` + last.Digest.String() + `","size":` + fmt.Sprint(last.Size) + `}]}`
	if string(data) != want { // the format: docs/format.md
		t.Errorf("got  %s\nwant %s", data, want)
	}
}

// What else is in the repository of an archive names nothing.
func TestOtherArtifactsNameNoObjects(t *testing.T) {
	set := newSet([]Object{{digest.FromString("x"), 1, "x"}})
	if got := objectsIn(set.data); len(got) != 1 {
		t.Errorf("%v", got)
	}
	for name, edit := range map[string][2]string{
		"another type": {ArtifactType, "application/vnd.example"}, "another layer": {MediaObject, "application/vnd.example"},
		"another hash": {"sha256:" + digest.FromString("x").Encoded(), "sha512:" + strings.Repeat("a", 128)}, "no digest": {"sha256:" + digest.FromString("x").Encoded(), "../x"},
		"not JSON": {"{", ""},
	} {
		if got := objectsIn([]byte(strings.Replace(string(set.data), edit[0], edit[1], 1))); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, err := set.Fetch(t.Context(), ocispec.Descriptor{Digest: digest.FromString("x")}); err == nil {
		t.Error("an object comes from its image manifest")
	}
}
