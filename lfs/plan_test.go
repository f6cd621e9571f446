package lfs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func names(list []Object) (paths []string) {
	for _, o := range list {
		paths = append(paths, o.Path)
	}
	slices.Sort(paths)
	return paths
}

func odds(list []Odd) (lines []string) {
	for _, o := range list {
		lines = append(lines, o.Path+": "+o.Reason)
	}
	slices.Sort(lines)
	return lines
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got  %q\n want %q", what, got, want)
	}
}

func TestAPlanTellsFixturesFromOtherFiles(t *testing.T) {
	c := newClone(t)
	c.write(".gitattributes", "# a comment\n*.dat filter=lfs diff=lfs -text\n*.txt text\n\"quo ted\" filter=lfs\n[attr]x filter=lfs\n")
	c.write("sub/.gitattributes", "with[[:space:]]space filter=lfs\n")
	c.fixture("fixtures/orders", "orders", "1.0.0", "one", "two")
	c.fixture("fixtures/odd name\t\"ü", "odd", "2.0.0", "three")
	c.fixture("fixtures/stale", "stale", "1.0.0", "old")
	c.lfs("fixtures/stale/t0.dat", "new")
	c.fixture("fixtures/mixed", "mixed", "1.0.0", "in lfs", "raw")
	c.write("fixtures/mixed/t1.dat", "raw")
	c.write("fixtures/plain/manifest.json", string(manifestOf("plain", "1.0.0", "raw").Encode()))
	c.write("fixtures/plain/t0.dat", "raw")
	c.write("fixtures/broken/manifest.json", `{"fixture_id": "broken"}`)
	c.lfs("fixtures/broken/x.dat", "x")
	c.write("web/manifest.json", `{"name": "an app"}`)
	c.write("fixtures/whole/manifest.json", c.store(string(manifestOf("whole", "1.0.0", "four").Encode())))
	c.lfs("fixtures/whole/t0.dat", "four")
	gone := strings.Replace(c.store("gone"), "size 4", "size 400", 1) // as if it was not here: another size
	c.write("fixtures/unknown/manifest.json", gone)
	c.lfs("assets/logo.png", "logo")
	c.write("assets/crlf.png", strings.ReplaceAll(c.store("crlf"), "\n", "\r\n"))
	c.write("assets/bad.png", strings.Replace(pointer, hex64[:6], "../../", 1))
	if err := os.Symlink("logo.png", filepath.Join(c.dir, "assets", "link.png")); err != nil {
		t.Fatal(err)
	}
	c.commit()
	p := c.plan()
	var fixtures []string
	for _, f := range p.Fixtures {
		fixtures = append(fixtures, f.Dir+" "+f.Manifest.FixtureID+" "+strings.Join(names(f.Files), " "))
	}
	equal(t, "fixtures", fixtures, "fixtures/odd name\t\"ü odd fixtures/odd name\t\"ü/t0.dat",
		"fixtures/orders orders fixtures/orders/t0.dat fixtures/orders/t1.dat", "fixtures/whole whole fixtures/whole/t0.dat")
	equal(t, "others", names(p.Others), "assets/crlf.png", "assets/logo.png", "fixtures/broken/x.dat", "fixtures/mixed/t0.dat",
		"fixtures/stale/t0.dat", "fixtures/unknown/manifest.json")
	left := odds(p.Left)
	if len(left) != 4 || !strings.HasPrefix(left[0], "fixtures/broken: manifest.json: ") || left[1] != "fixtures/mixed: t1.dat is not in Git LFS" ||
		!strings.HasPrefix(left[2], "fixtures/stale: t0.dat: the manifest says sha256:") || left[3] != "fixtures/unknown: its manifest.json is in Git LFS, and not on this machine" {
		t.Errorf("left: %q", left)
	}
	equal(t, "odd", odds(p.Odd), `assets/bad.png: the oid "sha256:../../`+hex64[6:]+`"`, "assets/crlf.png: a carriage return")
	if want := []Pattern{{".gitattributes", "*.dat"}, {"sub/.gitattributes", "with[[:space:]]space"}}; !slices.Equal(p.Patterns, want) {
		t.Errorf("patterns: %q", p.Patterns)
	}
	if len(p.History) != 11 || len(p.Absent()) != 1 || p.Absent()[0].Path != "fixtures/unknown/manifest.json" {
		t.Errorf("%d objects in the history, absent: %v", len(p.History), names(p.Absent()))
	}
}

func TestTheHistoryIsThatOfAllRefs(t *testing.T) {
	c := newClone(t)
	c.lfs("a.dat", "first")
	c.commit()
	c.git("tag", "v1")
	c.lfs("a.dat", "second")
	c.commit()
	c.git("mv", "a.dat", "b.dat")
	c.commit()
	c.git("checkout", "-q", "-b", "side", "v1")
	c.lfs("a.dat", "third")
	c.commit()
	c.git("checkout", "-q", "main")
	c.git("rm", "-q", "b.dat")
	c.lfs("c.dat", "fourth")
	c.commit()
	c.git("checkout", "-q", "--detach")
	c.lfs("d.dat", "detached")
	c.commit()
	c.lfs("e.dat", "stashed")
	c.git("add", "-A")
	c.git("stash", "-q")
	p := c.plan()
	if len(p.History) != 6 || !slices.IsSortedFunc(p.History, func(a, b Object) int { return strings.Compare(string(a.Digest), string(b.Digest)) }) {
		t.Errorf("history: %v", p.History)
	}
	head, err := c.open().Plan(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "of HEAD alone", names(head.History), "c.dat", "d.dat")
}

func TestWhatIsNoWorkTreeWithACommitIsRefused(t *testing.T) {
	c := newClone(t)
	var none *NotRepositoryError
	if _, err := Open(t.Context(), c.dir); !errors.As(err, &none) || none.Reason != "there is no commit yet" {
		t.Errorf("got %v", err)
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	if _, err := Open(t.Context(), t.TempDir()); !errors.As(err, &none) || !strings.HasPrefix(none.Reason, "not a git repository") {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), filepath.Join(c.dir, "none")); !errors.As(err, &none) {
		t.Errorf("got %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(t.Context(), c.dir); errors.As(err, &none) || !errors.As(err, new(*GitError)) || !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestTheStoreIsWhereGitLFSHasIt(t *testing.T) {
	c := newClone(t)
	c.lfs("a.dat", "a")
	c.commit()
	if s := c.open().Store; s.Objects != filepath.Join(c.dir, ".git", "lfs", "objects") || s.Temp != filepath.Join(c.dir, ".git", "lfs", "tmp") {
		t.Errorf("%+v", s)
	}
	c.git("worktree", "add", "-q", "../tree-of-"+filepath.Base(c.dir))
	tree := &clone{t, filepath.Join(filepath.Dir(c.dir), "tree-of-"+filepath.Base(c.dir))}
	t.Cleanup(func() { os.RemoveAll(tree.dir) })
	if s := tree.open().Store; s.Objects != filepath.Join(c.dir, ".git", "lfs", "objects") {
		t.Errorf("of a second work tree: %+v", s)
	}
	c.git("config", "lfs.storage", "elsewhere")
	if s := c.open().Store; s.Objects != filepath.Join(c.dir, ".git", "elsewhere", "objects") {
		t.Errorf("%+v", s)
	}
	other := t.TempDir()
	c.git("config", "lfs.storage", other)
	if s := c.open().Store; s.Objects != filepath.Join(other, "objects") {
		t.Errorf("%+v", s)
	}
}

func TestAShallowCloneIsKnownAsSuch(t *testing.T) {
	c := newClone(t)
	c.lfs("a.dat", "a")
	c.commit()
	c.lfs("a.dat", "b")
	c.commit()
	shallow := &clone{t, filepath.Join(t.TempDir(), "shallow")}
	if out, err := exec.Command("git", "clone", "-q", "--depth", "1", "file://"+c.dir, shallow.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if p := shallow.plan(); !p.Shallow || len(p.History) != 1 {
		t.Errorf("%v, %d objects", p.Shallow, len(p.History))
	}
	if c.plan().Shallow {
		t.Error("a whole clone is called shallow")
	}
}

func TestWhatGitIsToldLeavesOtherFilesAlone(t *testing.T) {
	c := newClone(t)
	c.write(".gitattributes", "*.dat filter=lfs\n*.png filter=lfs\n/fixtures/whole/* filter=lfs\n")
	c.write("fixtures/.gitattributes", "*.DAT filter=lfs\nwhole/t0.dat filter=lfs\n")
	c.fixture("fixtures/a*b[", "a", "1.0.0", "one")
	c.fixture("fixtures/new\nline", "new", "1.0.0", "three")
	c.fixture("fixtures/whole", "whole", "1.0.0", "two")
	c.write("fixtures/whole/README", "hello")
	c.lfs("logo.png", "logo")
	c.commit()
	l, err := c.plan().Leave(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "remove", l.Remove, "fixtures/a*b[", "fixtures/new\nline", "fixtures/whole/manifest.json", "fixtures/whole/t0.dat")
	equal(t, "ignore", l.Ignore, `/fixtures/a\*b\[/`, "/fixtures/new?line/", "/fixtures/whole/manifest.json", "/fixtures/whole/t0.dat")
	want := []Pattern{{".gitattributes", "*.dat"}, {"fixtures/.gitattributes", "*.DAT"}, {"fixtures/.gitattributes", "whole/t0.dat"}}
	if !slices.Equal(l.Idle, want) { // the third pattern still matches README
		t.Errorf("idle: %q", l.Idle)
	}
	// Git means the same by it.
	c.git(append([]string{"--literal-pathspecs", "rm", "-r", "-q", "--cached"}, l.Remove...)...)
	c.write(".gitignore", strings.Join(l.Ignore, "\n")+"\n")
	if status := c.git("status", "--porcelain", "-uall", "--", "fixtures"); strings.Contains(status, "??") {
		t.Errorf("not ignored: %s", status)
	}
}

// A mirror and a repository that is only about to fetch get the agent too.
func TestSettingsNeedNoCommit(t *testing.T) {
	c := newClone(t)
	c.git("init", "-q", "--bare", "bare")
	for _, dir := range []string{c.dir, filepath.Join(c.dir, "bare")} {
		if err := Configure(t.Context(), dir, [][2]string{{"lfs.standalonetransferagent", "irisfix"}}); err != nil {
			t.Error(err)
		}
		if got := (&clone{t, dir}).git("config", "--local", "lfs.standalonetransferagent"); got != "irisfix" {
			t.Errorf("%s: %q", dir, got)
		}
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	if err := Configure(t.Context(), t.TempDir(), nil); !errors.As(err, new(*NotRepositoryError)) {
		t.Errorf("got %v", err)
	}
}

func TestASparseWorkTreeIsKnownAsSuch(t *testing.T) {
	c := newClone(t)
	c.fixture("fixtures/one", "one", "1.0.0", "a")
	c.commit()
	for _, want := range []bool{false, true} {
		l, err := c.plan().Leave(t.Context())
		if err != nil || l.Sparse != want {
			t.Errorf("%v, %v", l, err)
		}
		c.git("sparse-checkout", "set", "elsewhere")
	}
}

// Aliases and hooks of git run with such an environment.
func TestTheEnvironmentSaysWhereTheRepositoryIs(t *testing.T) {
	c := newClone(t)
	c.lfs("sub/a.dat", "a")
	c.write(".gitattributes", "*.dat filter=lfs\n")
	c.commit()
	t.Setenv("GIT_DIR", filepath.Join("..", ".git"))
	t.Setenv("GIT_WORK_TREE", "..")
	r, err := Open(t.Context(), filepath.Join(c.dir, "sub"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Plan(t.Context(), false)
	if err != nil || r.Top != c.dir || len(p.Others) != 1 || len(p.History) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	if l, err := p.Leave(t.Context()); err != nil || len(l.Idle) != 0 {
		t.Errorf("%+v, %v", l, err)
	}
}
