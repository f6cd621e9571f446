package explain

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/lfs"
	"github.com/irisfix/irisfix/registry"
)

// Words for what goes wrong on the way out of Git LFS. Class and number are those of the error as everywhere.

func sayLFS(err error, in Invocation) (Explanation, bool) {
	var absent *lfs.AbsentError
	var none *lfs.NotRepositoryError
	var git *lfs.GitError
	var shallow *lfs.ShallowError
	var twins *lfs.TwinsError
	var nothing *lfs.NothingError
	var damaged *lfs.DamagedError
	var message *lfs.MessageError
	var clobber *registry.ClobberError
	var reference *registry.ReferenceError
	importing := in.Command == "lfs import"
	switch {
	case errors.As(err, &absent):
		return sayAbsent(absent, in), true
	case errors.As(err, &damaged):
		return sayDamagedObject(damaged, in), true
	case errors.As(err, &none):
		what := "git finds no work tree with a commit here"
		if in.Command == "lfs agent" {
			what = "git finds no repository here"
		}
		return Explanation{Subject: phrase.Path(none.Dir), What: []string{what, "in its own words: " + none.Reason},
			Fix: []Step{{"Name the directory of a clone", inClone(in)}}, Detail: map[string]any{"path": none.Dir}}, true
	case errors.As(err, &git) && errors.Is(err, exec.ErrNotFound):
		return Explanation{Subject: "git", What: []string{"git is not installed, or not where PATH says"}, Fix: []Step{{"Install git, and try again", in.line()}}}, true
	case errors.As(err, &git):
		return Explanation{Subject: git.Command, What: []string{"git could not do it", "in its own words: " + git.Says},
			Fix: []Step{{"Mend that, and try again", in.line()}}}, true
	case errors.As(err, &shallow):
		return Explanation{Subject: phrase.Path(shallow.Top), What: []string{"this is a shallow clone: what its older commits need is not known here"}, Fix: []Step{
			{"Get the whole history", "git fetch --unshallow"}, {"Or move the fixtures of HEAD alone", in.line() + " --head-only"}}}, true
	case errors.As(err, &twins):
		return Explanation{Subject: twins.Reference, What: []string{twins.Dirs[0] + " and " + twins.Dirs[1] + " would both go there, and differ; nothing was sent"}, Fix: []Step{
			{"Give one of them another fixture_id or version in its manifest.json, and commit that", ""}}, Detail: map[string]any{"directories": twins.Dirs, "reference": twins.Reference}}, true
	case errors.As(err, &nothing):
		return Explanation{Subject: phrase.Path(nothing.Top), What: []string{"there is nothing to move out of Git LFS"}, Fix: []Step{
			{"See what irisfix finds in HEAD and in the history", strings.TrimSpace("irisfix lfs plan " + in.Arg(1, ""))}}}, true
	case importing && errors.As(err, &clobber):
		return Explanation{Subject: clobber.Reference, What: []string{"the tag stands for " + clobber.Have.String(), "at HEAD is        " + clobber.Want.String(), "nothing was pinned"}, Fix: []Step{
			{"Give the fixture another version in its manifest.json, commit that, and try again", in.line()},
			{"Or move the tag by hand", "irisfix push DIR " + phrase.ShellWord(clobber.Reference)}},
			Detail: map[string]any{"reference": clobber.Reference, "have": clobber.Have.String(), "want": clobber.Want.String()}}, true
	case strings.HasPrefix(in.Command, "lfs ") && errors.As(err, &reference):
		return Explanation{Subject: "irisfix " + in.Command, What: []string{reference.Error()}, Fix: []Step{
			{"Name a repository without tag, such as", "ghcr.io/acme/fixtures"}, {"See how it is used", "irisfix " + in.Command + " --help"}}}, true
	case errors.As(err, &message):
		return Explanation{Subject: "irisfix " + in.Command, What: []string{message.Error()}, Fix: []Step{
			{"Let git-lfs start it; set that up in a clone", "irisfix lfs agent --install " + in.Arg(0, "REPOSITORY")}}}, true
	}
	return sayAgent(err, in)
}

// inClone is the command line for another directory.
func inClone(in Invocation) string {
	switch in.Command {
	case "lfs import":
		return "irisfix lfs import " + in.Arg(0, "PREFIX") + " DIR"
	case "lfs plan":
		return "irisfix lfs plan DIR"
	}
	return "cd DIR"
}

// mostObjects is how many objects are named.
const mostObjects = 10

func sayAbsent(e *lfs.AbsentError, in Invocation) Explanation {
	x := Explanation{Subject: phrase.Count(int64(len(e.Objects)), "object") + " of Git LFS", Detail: map[string]any{}}
	list := []map[string]any{}
	for i, o := range e.Objects {
		if i < mostObjects {
			x.What = append(x.What, fmt.Sprintf("not on this machine: %s, %s", o.Path, o.Digest))
		}
		list = append(list, map[string]any{"path": o.Path, "digest": o.Digest.String(), "size": o.Size})
	}
	if more := len(e.Objects) - mostObjects; more > 0 {
		x.What = append(x.What, "and "+phrase.Number(int64(more))+" more")
	}
	if e.Fetch != nil {
		x.What = append(x.What, "git-lfs could not fetch them: "+e.Fetch.Error())
	}
	x.What = append(x.What, "nothing was sent and nothing pinned")
	x.Detail["objects"] = list
	x.Fix = []Step{{"Fetch them where the LFS server can be reached, with git-lfs installed", "git lfs fetch --all"}}
	if !slices.Contains(in.Typed, "--allow-missing") {
		x.Fix = append(x.Fix, Step{"If some of no fixture are lost for good, leave them out", in.line() + " --allow-missing"})
	}
	if !slices.Contains(in.Typed, "--head-only") {
		x.Fix = append(x.Fix, Step{"Or leave the history with Git LFS", in.line() + " --head-only"})
	}
	return x
}

func sayDamagedObject(e *lfs.DamagedError, in Invocation) Explanation {
	return Explanation{Subject: e.Path, What: []string{
		"Git LFS has other bytes for it than its oid says, in " + phrase.Path(e.File),
		"expected " + e.Digest.String(), "found    " + e.Got.String(), "nothing was pinned"},
		Fix: []Step{{"Let git-lfs put the damaged object aside", "git lfs fsck"},
			{"Then run this again, and git-lfs fetches it anew", in.line()}},
		Detail: map[string]any{"path": e.Path, "file": e.File, "expected": e.Digest.String(), "actual": e.Got.String()}}
}

// sayAgent has words for what users see through git-lfs.
func sayAgent(err error, in Invocation) (Explanation, bool) {
	if in.Command != "lfs agent" {
		return Explanation{}, false
	}
	var status *registry.StatusError
	var offline *registry.OfflineError
	var other *registry.MismatchError
	bring := Step{"Bring it there from a clone that has it", "irisfix lfs import " + strings.TrimSuffix(in.Arg(0, "PREFIX"), "/"+lfs.ArchiveName)}
	switch {
	case errors.As(err, &other):
		return Explanation{Subject: phrase.Blob(other.Descriptor), What: []string{
			"expected " + digestText(other.Descriptor.Digest.String(), other.Descriptor.Size), cameInstead(other)}, Fix: []Step{
			{"Try again; if it stays, the registry or a proxy before it alters or cuts content", in.line()},
			{"See whether the object on this machine is whole", "git lfs fsck"}},
			Detail: map[string]any{"expected": other.Descriptor.Digest.String(), "actual": other.GotDigest.String(), "size": other.GotSize}}, true
	case errors.As(err, &status) && status.Status == http.StatusNotFound:
		return Explanation{Subject: about(status), What: []string{in.Arg(0, "the archive") + " does not have the object"}, Fix: []Step{
			bring,
			{"Some registries say so of what you may not see; log in", "irisfix login " + status.Host}}, Detail: statusDetail(status)}, true
	case errors.As(err, &offline):
		return Explanation{Subject: offline.Subject, What: []string{"this run is offline, and the cache does not have the object"}, Fix: []Step{
			{"Fetch it where there is a network", in.line()}}, Detail: map[string]any{"subject": offline.Subject}}, true
	}
	return Explanation{}, false
}
