package explain

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/lockfile"
	"github.com/irisfix/irisfix/workspace"
)

// Words for what is wrong with a fixture, a lock file, or the name of one.

func sayMismatch(err error, in Invocation) Explanation {
	var file *bundle.MismatchError
	var missing *bundle.MissingFileError
	var changed *bundle.ChangedError
	var damaged *cache.DamagedError
	var blob *registry.MismatchError
	dir := in.Arg(0, "DIR")
	again := []Step{
		{"If it was edited on purpose, write its checksum into the manifest", "irisfix validate " + dir + " --recalc"},
		{"If not, take it from git or from the registry again", "irisfix pull FIXTURE --output " + dir + " --force"},
	}
	switch {
	case errors.As(err, &file):
		x := Explanation{Subject: in.subject(file.Path), Fix: again, Detail: map[string]any{
			"path": file.Path, "expected": file.Want.String(), "actual": file.Got.String(), "size": file.Size}}
		x.What = []string{"expected " + file.Want.String() + ", as the manifest says", "found    " + file.Got.String() + ", " + phrase.Bytes(file.Size)}
		if lfsPointer(filepath.Join(in.First(), file.Path)) {
			x.What = append(x.What, "the file is a pointer of Git LFS, not the data")
			x.Fix = []Step{{"Fetch what it points to", "git lfs pull"}}
		}
		return x
	case errors.As(err, &missing):
		return Explanation{Subject: in.subject(missing.Path), What: []string{"the manifest lists the file, and it is not there"}, Fix: []Step{
			{"Take it from git or from the registry again", again[1].Run}, {"Or make the fixture anew", "irisfix create --name NAME --output " + dir + " --from sqlite:FILE --force"}},
			Detail: map[string]any{"path": missing.Path}}
	case errors.As(err, &changed):
		return Explanation{Subject: in.subject(changed.Path), What: []string{"the file was written to while irisfix was reading it, or after it had been verified"}, Fix: []Step{
			{"Let nothing write to the file, and try again", in.line()}}, Detail: map[string]any{"path": changed.Path}}
	case errors.As(err, &damaged):
		d := damaged.Descriptor.Digest.String()
		x := Explanation{Subject: d, What: []string{"the copy in the cache has other bytes than it was stored with"},
			Fix: []Step{{"Fetch it again", "irisfix pull"}}, Detail: map[string]any{"digest": d, "quarantine": damaged.Quarantine}}
		if damaged.Quarantine != "" {
			x.What = append(x.What, "it was put aside: "+damaged.Quarantine)
		}
		return x
	case errors.As(err, &blob):
		return Explanation{Subject: in.subject(phrase.Blob(blob.Descriptor)), What: []string{
			"expected " + digestText(blob.Descriptor.Digest.String(), blob.Descriptor.Size), cameInstead(blob)}, Fix: []Step{
			{"Try again; if it stays, the registry or a proxy before it alters or cuts content", in.line()},
			{"Push the fixture again from where it is whole", "irisfix push DIR REFERENCE"}},
			Detail: map[string]any{"expected": blob.Descriptor.Digest.String(), "actual": blob.GotDigest.String(), "size": blob.GotSize}}
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
	return d + ", " + phrase.Count(size, "byte")
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

func sayInvalid(err error, in Invocation) Explanation {
	var invalid *bundle.InvalidError
	var newer *bundle.NewerError
	var newerDAT *dat.NewerError
	var other *bundle.NotFixtureError
	var lock *lockfile.Error
	var layout *registry.LayoutError
	upgrade := []Step{{"Use a later version of irisfix; this is " + in.Version, "go install github.com/irisfix/irisfix/cmd/irisfix@latest"}}
	switch {
	case errors.As(err, &invalid):
		x := Explanation{Subject: in.subject(phrase.Path(invalid.Where)), Fix: in.toMend()}
		for _, p := range invalid.Problems {
			if p.Subject == invalid.Where {
				x.What = append(x.What, p.Reason)
			} else {
				x.What = append(x.What, p.Error())
			}
		}
		if isA[*loader.FailedError](err) {
			x.What = append(x.What, rolledBack)
		}
		return x
	case errors.As(err, &newer):
		return Explanation{Subject: in.subject(newer.Subject), What: []string{tooNew(newer.Version)}, Fix: upgrade}
	case errors.As(err, &newerDAT):
		return Explanation{Subject: in.First(), What: []string{tooNew(fmt.Sprint(newerDAT.Format))}, Fix: upgrade}
	case errors.As(err, &other):
		return Explanation{Subject: in.fixture(other.Digest.String()), What: []string{"this is no fixture: " + other.What}, Fix: []Step{
			{"Check the reference; see the tags of the repository", "irisfix list " + in.repository()}}, Detail: map[string]any{"digest": other.Digest.String()}}
	case errors.As(err, &lock):
		x := Explanation{Subject: phrase.Path(lock.Path), What: []string{lock.Reason}, Fix: []Step{
			{"Mend the line, or take the file from git again", "git checkout -- " + phrase.ShellWord(phrase.Path(lock.Path))}}, Detail: map[string]any{"line": lock.Line}}
		if lock.Newer {
			x.Fix = upgrade
		}
		if lock.Line > 0 {
			x.What = []string{fmt.Sprintf("line %d: %s", lock.Line, lock.Reason)}
		}
		return x
	case errors.As(err, &layout):
		return Explanation{Subject: layout.Dir, What: []string{layout.Reason}, Fix: []Step{{"Make the layout anew, in an empty directory", "irisfix copy REFERENCE oci-layout:DIR:TAG"}}}
	}
	x := plainly(err, in)
	x.Fix = in.toMend()
	return x
}

// tooNew says that a format came after this irisfix.
func tooNew(format string) string {
	return "it has the format " + format + ", which this irisfix does not know: upgrade irisfix"
}

// toMend is what to do about a fixture that is malformed, in a directory or in a registry.
func (in Invocation) toMend() (steps []Step) {
	if in.Command == "create" { // what is wrong is the file that --database names
		return []Step{{"Name the database file itself, such as IRIS.DAT, or take tables out of the database that it came from", "irisfix create --name NAME --output DIR --from iris://USER@HOST/NAMESPACE"}}
	}
	fixture := in.fixture("FIXTURE")
	if in.Command != "validate" {
		steps = append(steps, Step{"See everything that is wrong with it", "irisfix validate " + phrase.ShellWord(fixture)})
	}
	if _, err := registry.ParseReference(fixture); err == nil {
		return append(steps, Step{"Push the fixture again from where it is whole", "irisfix push DIR " + phrase.ShellWord(fixture)})
	}
	return append(steps, Step{"Mend it, or make the fixture anew", "irisfix create --name NAME --output " + in.Arg(0, "DIR") + " --from sqlite:FILE --force"})
}

// repository is that of the reference which names the fixture.
func (in Invocation) repository() string {
	ref, err := registry.ParseReference(in.fixture(""))
	if err != nil {
		return "REPOSITORY"
	}
	return phrase.ShellWord(ref.Registry + "/" + ref.Repository)
}

func sayNotFound(err error, in Invocation) Explanation {
	var manifest *bundle.NoManifestError
	var name *workspace.NotFoundError
	var pins *workspace.NoPinsError
	var dir *workspace.NoDirectoryError
	var loaded *loader.NotLoadedError
	var status *registry.StatusError
	var path *fs.PathError
	var layout *registry.AbsentError
	pin := Step{"Pin a fixture under that name", "irisfix pin NAME REGISTRY/REPOSITORY:TAG"}
	switch {
	case errors.As(err, &manifest):
		x := Explanation{Subject: manifest.Dir, What: []string{"there is no manifest.json in this directory"}, Fix: []Step{
			{"Name the directory that has one; see those below this one", "irisfix list " + phrase.ShellWord(manifest.Dir)},
			{"Or make a fixture", "irisfix create --name NAME --output DIR --from sqlite:FILE"}}}
		if _, err := os.Stat(manifest.Dir); err != nil {
			x.What = []string{"there is no such directory"}
			x.Fix[0] = Step{"Check the path; see the fixtures that there are", "irisfix list"}
		}
		if len(manifest.Found) > 0 {
			x.What = append(x.What, "it has: "+strings.Join(manifest.Found, ", "))
		}
		return x
	case errors.As(err, &name):
		x := Explanation{Subject: name.Argument, What: []string{"neither a name in irisfix.lock, nor a directory, nor a reference such as ghcr.io/acme/orders:1.0.0"}}
		pinned := in.Command == "pin" || in.Command == "unpin"
		if pinned {
			x.What = []string{"irisfix.lock does not pin this name"}
		}
		for _, near := range name.Nearest {
			x.Fix = append(x.Fix, Step{"Use the name that is pinned", in.with(name.Argument, near)})
		}
		switch {
		case in.Command == "unpin":
			pin = Step{"See which names are pinned", "irisfix pin --check"}
		case bundle.ValidName(name.Argument):
			pin.Run = "irisfix pin " + name.Argument + " REGISTRY/REPOSITORY:TAG"
		default:
			pin.Do = "Pin a fixture, and use its name"
		}
		x.Fix = append(x.Fix, pin)
		if in.Command != "pull" && !pinned {
			x.Fix = append(x.Fix, Step{"Or name a directory, with its path", in.with(name.Argument, "./DIR")})
		}
		return x
	case errors.As(err, &pins):
		subject, what := sayNoPins(pins)
		return Explanation{Subject: subject, What: []string{what}, Fix: []Step{pin, {"Or say what to pull", "irisfix pull REGISTRY/REPOSITORY:TAG"}}}
	case errors.As(err, &dir):
		return Explanation{Subject: dir.Dir, What: []string{"there is no such directory"}, Fix: []Step{
			{"Name the directory that holds fixtures", "irisfix list DIR"}, {"Or make a fixture", "irisfix create --name NAME --output fixtures/NAME --from sqlite:FILE"}}}
	case errors.As(err, &loaded) && in.Command == "sandbox remove":
		return Explanation{Subject: loaded.FixtureID, What: []string{loaded.Target + " has no namespace of that name, and no schemas that begin with it"},
			Fix: []Step{{"Name the server, with the namespace, that the test was told", "irisfix sandbox remove " + loaded.FixtureID + " --to iris://USER@HOST:PORT/NAMESPACE"}}}
	case errors.As(err, &loaded):
		return Explanation{Subject: loaded.FixtureID, What: []string{loaded.Target + " does not hold this fixture; there is nothing to unload"},
			Fix: []Step{{"Name the database that it was loaded into", "irisfix unload " + in.Arg(0, "FIXTURE") + " --to TARGET"}}}
	case errors.As(err, &status):
		return Explanation{Subject: about(status), What: answered(status), Fix: toFind(status), Detail: statusDetail(status)}
	case errors.As(err, &layout):
		return Explanation{Subject: registry.LayoutPrefix + layout.Dir, What: []string{layout.Reason}, Fix: []Step{{"Name a directory that is an OCI layout, and a tag in it", "oci-layout:DIR:TAG"}}}
	case errors.As(err, &path):
		return Explanation{Subject: phrase.Path(path.Path), What: []string{"there is no such file"}, Fix: []Step{{"Check the path for typing errors", ""}}, Detail: map[string]any{"path": path.Path}}
	}
	x := plainly(err, in)
	x.Fix = []Step{{"Check the name for typing errors", ""}}
	return x
}

// sayNoPins tells why nothing is pinned, and which lock file that is about.
func sayNoPins(e *workspace.NoPinsError) (subject, what string) {
	if e.LockFile == "" {
		return lockfile.Name, "there is no lock file here or above"
	} else if _, err := os.Stat(e.LockFile); err != nil {
		return phrase.Path(e.LockFile), "there is no such lock file"
	}
	return phrase.Path(e.LockFile), "the lock file pins nothing"
}

func sayTableNotFound(err error, in Invocation) Explanation {
	e, _ := errors.AsType[*loader.TableNotFoundError](err)
	if e.Table == "" {
		return Explanation{Subject: e.Where, What: []string{"there are no tables"}, Fix: []Step{{"Name another database or schema", ""}}}
	}
	if len(e.Have) == 0 {
		return Explanation{Subject: e.Table, What: []string{e.Where + " has no tables"}, Fix: []Step{{"Name another database", ""}}, Detail: map[string]any{"table": e.Table, "tables": []string{}}}
	}
	return Explanation{Subject: e.Table, What: []string{e.Where + " has no such table", "it has: " + strings.Join(shorten(e.Have, 12), ", ")},
		Fix: []Step{{"Use one of these names, in the same letter case", ""}}, Detail: map[string]any{"table": e.Table, "tables": e.Have}}
}

// shorten leaves of a long list the first, and says how many there are more.
func shorten(list []string, most int) []string {
	if len(list) <= most {
		return list
	}
	return append(append([]string{}, list[:most]...), fmt.Sprintf("and %d more", len(list)-most))
}

func sayPin(err error, in Invocation) Explanation {
	var unpinned *workspace.UnpinnedError
	var frozen *workspace.FrozenError
	var moved *workspace.MovedError
	var pins *workspace.NoPinsError
	thaw := []Step{{"Pin it where the lock file may change, and commit that", "irisfix pin NAME REGISTRY/REPOSITORY:TAG"},
		{"Or run without --frozen and IRISFIX_FROZEN", ""}}
	switch {
	case errors.As(err, &unpinned):
		return Explanation{Subject: unpinned.Argument, What: []string{"--frozen allows what irisfix.lock pins and nothing else, and this is not pinned"}, Fix: thaw}
	case errors.As(err, &pins):
		subject, what := sayNoPins(pins)
		thaw[0].Do = "Pin what is needed where the lock file may change, and commit that"
		return Explanation{Subject: subject, What: []string{what + ", and --frozen allows nothing else"}, Fix: thaw[:1]}
	case errors.As(err, &frozen):
		return Explanation{Subject: frozen.Name, What: []string{"--frozen allows no change of irisfix.lock"}, Fix: []Step{{"Run without --frozen and IRISFIX_FROZEN", in.with("--frozen", "")}}}
	case errors.As(err, &moved):
		x := Explanation{Subject: phrase.Count(int64(len(moved.Pins)), "tag") + " moved", Detail: map[string]any{}}
		for _, p := range moved.Pins {
			x.What = append(x.What, fmt.Sprintf("%s: %s stands for %s now, pinned is %s", p.Name, tagOf(p.Reference), orNothing(p.Digest.String()), p.Previous))
			x.Fix = append(x.Fix, Step{"To take the new content of " + p.Name, "irisfix pin " + phrase.ShellWord(p.Name)})
			x.Detail[p.Name] = map[string]string{"pinned": p.Previous.String(), "now": p.Digest.String()}
		}
		x.Fix = append(x.Fix, Step{"To keep the pinned content, do nothing: loads and pulls use the digest", ""})
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
