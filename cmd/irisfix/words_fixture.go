package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/lockfile"
	"github.com/irisfix/irisfix/workspace"
)

// Words for what is wrong with a fixture, a lock file, or the name of one.

func sayMismatch(err error, in invocation) explanation {
	var file *bundle.MismatchError
	var missing *bundle.MissingFileError
	var changed *bundle.ChangedError
	var damaged *cache.DamagedError
	var blob *registry.MismatchError
	dir := in.arg(0, "DIR")
	again := []step{
		{"If it was edited on purpose, write its checksum into the manifest", "irisfix validate " + dir + " --recalc"},
		{"If not, take it from git or from the registry again", "irisfix pull FIXTURE --output " + dir + " --force"},
	}
	switch {
	case errors.As(err, &file):
		x := explanation{subject: in.subject(file.Path), fix: again, detail: map[string]any{
			"path": file.Path, "expected": file.Want.String(), "actual": file.Got.String(), "size": file.Size}}
		x.what = []string{"expected " + file.Want.String() + ", as the manifest says", "found    " + file.Got.String() + ", " + bytesText(file.Size)}
		if lfsPointer(filepath.Join(in.first(), file.Path)) {
			x.what = append(x.what, "the file is a pointer of Git LFS, not the data")
			x.fix = []step{{"Fetch what it points to", "git lfs pull"}}
		}
		return x
	case errors.As(err, &missing):
		return explanation{subject: in.subject(missing.Path), what: []string{"the manifest lists the file, and it is not there"}, fix: []step{
			{"Take it from git or from the registry again", again[1].run}, {"Or make the fixture anew", "irisfix create --name NAME --output " + dir + " --from sqlite:FILE --force"}},
			detail: map[string]any{"path": missing.Path}}
	case errors.As(err, &changed):
		return explanation{subject: in.subject(changed.Path), what: []string{"the file was written to while irisfix was reading it, or after it had been verified"}, fix: []step{
			{"Let nothing write to the file, and try again", in.line()}}, detail: map[string]any{"path": changed.Path}}
	case errors.As(err, &damaged):
		d := damaged.Descriptor.Digest.String()
		x := explanation{subject: d, what: []string{"the copy in the cache has other bytes than it was stored with"},
			fix: []step{{"Fetch it again", "irisfix pull"}}, detail: map[string]any{"digest": d, "quarantine": damaged.Quarantine}}
		if damaged.Quarantine != "" {
			x.what = append(x.what, "it was put aside: "+damaged.Quarantine)
		}
		return x
	case errors.As(err, &blob):
		return explanation{subject: in.subject(blobName(blob.Descriptor)), what: []string{
			"expected " + digestText(blob.Descriptor.Digest.String(), blob.Descriptor.Size), cameInstead(blob)}, fix: []step{
			{"Try again; if it stays, the registry or a proxy before it alters or cuts content", in.line()},
			{"Push the fixture again from where it is whole", "irisfix push DIR REFERENCE"}},
			detail: map[string]any{"expected": blob.Descriptor.Digest.String(), "actual": blob.GotDigest.String(), "size": blob.GotSize}}
	}
	return plainly(err, in)
}

func cameInstead(e *registry.MismatchError) string {
	if e.GotDigest == "" {
		return "more came; it was thrown away"
	}
	return "came     " + digestText(e.GotDigest.String(), e.GotSize) + "; it was thrown away"
}

// digestText is a digest and a size, which is negative if it is not known.
func digestText(d string, size int64) string {
	if size < 0 {
		return d
	}
	return d + ", " + countText(size, "byte")
}

// lfsPointer recognises what Git LFS leaves in place of a file that was not fetched,
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
func lfsPointer(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1024 {
		return false
	}
	data, err := os.ReadFile(path)
	return err == nil && strings.HasPrefix(string(data), "version https://git-lfs.github.com/spec/")
}

func sayInvalid(err error, in invocation) explanation {
	var invalid *bundle.InvalidError
	var newer *bundle.NewerError
	var newerDAT *dat.NewerError
	var other *bundle.NotFixtureError
	var lock *lockfile.Error
	var layout *registry.LayoutError
	upgrade := []step{{"Use a later version of irisfix; this is " + version(), "go install github.com/irisfix/irisfix/cmd/irisfix@latest"}}
	switch {
	case errors.As(err, &invalid):
		x := explanation{subject: in.subject(shown(invalid.Where)), fix: in.toMend()}
		for _, p := range invalid.Problems {
			if p.Subject == invalid.Where {
				x.what = append(x.what, p.Reason)
			} else {
				x.what = append(x.what, p.Error())
			}
		}
		if isA[*loader.FailedError](err) {
			x.what = append(x.what, rolledBack)
		}
		return x
	case errors.As(err, &newer):
		return explanation{subject: in.subject(newer.Subject), what: []string{"it has the format " + newer.Version + ", which this irisfix does not know"}, fix: upgrade}
	case errors.As(err, &newerDAT):
		return explanation{subject: in.first(), what: []string{fmt.Sprintf("it has the format %d, which this irisfix does not know", newerDAT.Format)}, fix: upgrade}
	case errors.As(err, &other):
		return explanation{subject: in.fixture(other.Digest.String()), what: []string{"this is no fixture: " + other.What}, fix: []step{
			{"Check the reference; see the tags of the repository", "irisfix list " + in.repository()}}, detail: map[string]any{"digest": other.Digest.String()}}
	case errors.As(err, &lock):
		x := explanation{subject: shown(lock.Path), what: []string{lock.Reason}, fix: []step{
			{"Mend the line, or take the file from git again", "git checkout -- " + shellWord(shown(lock.Path))}}, detail: map[string]any{"line": lock.Line}}
		if lock.Newer {
			x.fix = upgrade
		}
		if lock.Line > 0 {
			x.what = []string{fmt.Sprintf("line %d: %s", lock.Line, lock.Reason)}
		}
		return x
	case errors.As(err, &layout):
		return explanation{subject: layout.Dir, what: []string{layout.Reason}, fix: []step{{"Make the layout anew, in an empty directory", "irisfix copy REFERENCE oci-layout:DIR:TAG"}}}
	}
	x := plainly(err, in)
	x.fix = in.toMend()
	return x
}

// toMend is what to do about a fixture that is malformed, in a directory or in a registry.
func (in invocation) toMend() (steps []step) {
	fixture := in.fixture("FIXTURE")
	if in.command != "validate" {
		steps = append(steps, step{"See everything that is wrong with it", "irisfix validate " + shellWord(fixture)})
	}
	if _, err := registry.ParseReference(fixture); err == nil {
		return append(steps, step{"Push the fixture again from where it is whole", "irisfix push DIR " + shellWord(fixture)})
	}
	return append(steps, step{"Mend it, or make the fixture anew", "irisfix create --name NAME --output " + in.arg(0, "DIR") + " --from sqlite:FILE --force"})
}

// repository is that of the reference which names the fixture.
func (in invocation) repository() string {
	ref, err := registry.ParseReference(in.fixture(""))
	if err != nil {
		return "REPOSITORY"
	}
	return shellWord(ref.Registry + "/" + ref.Repository)
}

func sayNotFound(err error, in invocation) explanation {
	var manifest *bundle.NoManifestError
	var name *workspace.NotFoundError
	var pins *workspace.NoPinsError
	var dir *workspace.NoDirectoryError
	var loaded *loader.NotLoadedError
	var status *registry.StatusError
	var path *fs.PathError
	var layout *registry.AbsentError
	pin := step{"Pin a fixture under that name", "irisfix pin NAME REGISTRY/REPOSITORY:TAG"}
	switch {
	case errors.As(err, &manifest):
		x := explanation{subject: manifest.Dir, what: []string{"there is no manifest.json in this directory"}, fix: []step{
			{"Name the directory that has one; see those below this one", "irisfix list " + shellWord(manifest.Dir)},
			{"Or make a fixture", "irisfix create --name NAME --output DIR --from sqlite:FILE"}}}
		if _, err := os.Stat(manifest.Dir); err != nil {
			x.what = []string{"there is no such directory"}
			x.fix[0] = step{"Check the path; see the fixtures that there are", "irisfix list"}
		}
		if len(manifest.Found) > 0 {
			x.what = append(x.what, "it has: "+strings.Join(manifest.Found, ", "))
		}
		return x
	case errors.As(err, &name):
		x := explanation{subject: name.Argument, what: []string{"neither a name in irisfix.lock, nor a directory, nor a reference such as ghcr.io/acme/orders:1.0.0"}}
		pinned := in.command == "pin" || in.command == "unpin"
		if pinned {
			x.what = []string{"irisfix.lock does not pin this name"}
		}
		for _, near := range name.Nearest {
			x.fix = append(x.fix, step{"Use the name that is pinned", in.with(name.Argument, near)})
		}
		pin.run = "irisfix pin " + shellWord(name.Argument) + " REGISTRY/REPOSITORY:TAG"
		x.fix = append(x.fix, pin)
		if in.command != "pull" && !pinned {
			x.fix = append(x.fix, step{"Or name a directory, with its path", in.with(name.Argument, "./DIR")})
		}
		return x
	case errors.As(err, &pins):
		what, subject := "the lock file pins nothing", shown(pins.LockFile)
		if subject == "" {
			subject, what = lockfile.Name, "there is no lock file here or above"
		} else if _, err := os.Stat(pins.LockFile); err != nil {
			what = "there is no such lock file"
		}
		return explanation{subject: subject, what: []string{what}, fix: []step{pin, {"Or say what to pull", "irisfix pull REGISTRY/REPOSITORY:TAG"}}}
	case errors.As(err, &dir):
		return explanation{subject: dir.Dir, what: []string{"there is no such directory"}, fix: []step{
			{"Name the directory that holds fixtures", "irisfix list DIR"}, {"Or make a fixture", "irisfix create --name NAME --output fixtures/NAME --from sqlite:FILE"}}}
	case errors.As(err, &loaded):
		return explanation{subject: loaded.FixtureID, what: []string{loaded.Target + " does not hold this fixture; there is nothing to unload"},
			fix: []step{{"Name the database that it was loaded into", "irisfix unload " + in.arg(0, "FIXTURE") + " --to TARGET"}}}
	case errors.As(err, &status):
		return explanation{subject: about(status), what: answered(status), fix: toFind(status), detail: statusDetail(status)}
	case errors.As(err, &layout):
		return explanation{subject: registry.LayoutPrefix + layout.Dir, what: []string{layout.Reason}, fix: []step{{"Name a directory that is an OCI layout, and a tag in it", "oci-layout:DIR:TAG"}}}
	case errors.As(err, &path):
		return explanation{subject: shown(path.Path), what: []string{"there is no such file"}, fix: []step{{"Check the path for typing errors", ""}}, detail: map[string]any{"path": path.Path}}
	}
	x := plainly(err, in)
	x.fix = []step{{"Check the name for typing errors", ""}}
	return x
}

func sayTableNotFound(err error, in invocation) explanation {
	e, _ := as[*loader.TableNotFoundError](err)
	if e.Table == "" {
		return explanation{subject: e.Where, what: []string{"there are no tables"}, fix: []step{{"Name another database or schema", ""}}}
	}
	if len(e.Have) == 0 {
		return explanation{subject: e.Table, what: []string{e.Where + " has no tables"}, fix: []step{{"Name another database", ""}}, detail: map[string]any{"table": e.Table, "tables": []string{}}}
	}
	return explanation{subject: e.Table, what: []string{e.Where + " has no such table", "it has: " + strings.Join(shorten(e.Have, 12), ", ")},
		fix: []step{{"Use one of these names, in the same letter case", ""}}, detail: map[string]any{"table": e.Table, "tables": e.Have}}
}

// shorten leaves of a long list the first, and says how many there are more.
func shorten(list []string, most int) []string {
	if len(list) <= most {
		return list
	}
	return append(append([]string{}, list[:most]...), fmt.Sprintf("and %d more", len(list)-most))
}

func sayPin(err error, in invocation) explanation {
	var unpinned *workspace.UnpinnedError
	var frozen *workspace.FrozenError
	var moved *workspace.MovedError
	switch {
	case errors.As(err, &unpinned):
		return explanation{subject: unpinned.Argument, what: []string{"--frozen allows what irisfix.lock pins and nothing else, and this is not pinned"}, fix: []step{
			{"Pin it where the lock file may change, and commit that", "irisfix pin NAME REGISTRY/REPOSITORY:TAG"},
			{"Or run without --frozen and IRISFIX_FROZEN", ""}}}
	case errors.As(err, &frozen):
		return explanation{subject: frozen.Name, what: []string{"--frozen allows no change of irisfix.lock"}, fix: []step{{"Run without --frozen and IRISFIX_FROZEN", in.with("--frozen", "")}}}
	case errors.As(err, &moved):
		x := explanation{subject: countText(int64(len(moved.Pins)), "tag") + " moved", detail: map[string]any{}}
		for _, p := range moved.Pins {
			x.what = append(x.what, fmt.Sprintf("%s: %s stands for %s now, pinned is %s", p.Name, tagOf(p.Reference), orNothing(p.Digest.String()), p.Previous))
			x.fix = append(x.fix, step{"To take the new content of " + p.Name, "irisfix pin " + shellWord(p.Name)})
			x.detail[p.Name] = map[string]string{"pinned": p.Previous.String(), "now": p.Digest.String()}
		}
		x.fix = append(x.fix, step{"To keep the pinned content, do nothing: loads and pulls use the digest", ""})
		return x
	}
	return plainly(err, in)
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// tagOf is a pinned reference without its digest.
func tagOf(reference string) string {
	tag, _, _ := strings.Cut(reference, "@")
	return tag
}
