package main

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/lfs"
)

// lfsCommands are what a user types to end a move: the fixtures leave git, their directories are ignored, the pins are
// committed, and Git LFS gets what older commits need from the registry.
func (a *app) lfsCommands(done *lfs.Imported, l lfs.Leaving, o lfs.ImportOptions) (commands []string) {
	top := done.Plan.Repository.Top
	if here, err := os.Getwd(); err != nil || here != top {
		commands = append(commands, "cd "+phrase.ShellWord(phrase.Path(top)))
	}
	var changed []string
	if len(l.Remove) > 0 {
		if l.Sparse {
			commands = append(commands, "git sparse-checkout disable")
		}
		commands = append(commands, gitPaths(l.Remove, "rm", "-r", "--cached", "--quiet"), ignoring(top, l.Ignore))
		changed = append(changed, ".gitignore")
	}
	for _, p := range l.Idle {
		if run := untrack(p); run != "" {
			commands = append(commands, run)
			changed = append(changed, p.File)
		}
	}
	if lock, err := filepath.Rel(top, a.lockFile); err == nil && filepath.IsLocal(lock) && len(done.Fixtures) > 0 {
		changed = append(changed, filepath.ToSlash(lock))
	}
	if len(changed) > 0 {
		commands = append(commands, gitPaths(unique(changed), "add"), "git commit -m "+phrase.ShellWord("Keep fixtures in "+o.Prefix))
	}
	if done.Archive.Client != nil {
		commands = append(commands, "irisfix "+strings.Join(append(a.lfsFlags(), "lfs", "agent", "--install", phrase.ShellWord(done.Archive.At.Name())), " "))
	}
	return commands
}

// unique leaves out what was there before.
func unique(list []string) (out []string) {
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// gitPaths is a command of git with paths, which git would take for patterns if they look like some.
func gitPaths(paths []string, command ...string) string {
	words := []string{"git"}
	if strings.ContainsAny(strings.Join(paths, ""), `*?[\`) || slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(p, ":") }) {
		words = append(words, "--literal-pathspecs")
	}
	words = append(words, command...)
	if slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(p, "-") }) {
		words = append(words, "--")
	}
	for _, p := range paths {
		words = append(words, phrase.ShellWord(p))
	}
	return strings.Join(words, " ")
}

// ignoring adds lines to the .gitignore, on lines of their own.
func ignoring(top string, lines []string) string {
	format := `%s\n`
	if data, err := os.ReadFile(filepath.Join(top, ".gitignore")); err == nil && len(data) > 0 && data[len(data)-1] != '\n' {
		format = `\n%s`
	}
	words := []string{"printf", phrase.ShellWord(format)}
	for _, l := range lines {
		words = append(words, phrase.ShellWord(l))
	}
	return strings.Join(words, " ") + " >> .gitignore"
}

// asWritten is how git lfs untrack looks for a pattern, and asTyped what it has to be given (git-lfs
// commands/command_untrack.go, escapeAttrPattern).
var (
	asWritten = strings.NewReplacer(`\`, "/", " ", "[[:space:]]", "#", `\#`)
	asTyped   = strings.NewReplacer("[[:space:]]", " ", `\#`, "#")
)

// untrack removes a line from a .gitattributes. It is empty for a pattern that git lfs untrack does not find, which may
// stay: it matches nothing any more.
func untrack(p lfs.Pattern) string {
	plain := asTyped.Replace(p.Pattern)
	if asWritten.Replace(plain) != p.Pattern || strings.HasPrefix(plain, "./") || strings.HasPrefix(plain, "-") {
		return ""
	}
	run := "git lfs untrack " + phrase.ShellWord(plain)
	if dir := path.Dir(p.File); dir != "." {
		return "(cd " + phrase.ShellWord(dir) + " && " + run + ")"
	}
	return run
}

// lfsFlags are those flags of this run that an agent needs too.
func (a *app) lfsFlags() (flags []string) {
	if a.plainHTTP {
		flags = append(flags, "--plain-http")
	}
	for _, f := range [][2]string{{"--ca-file", a.caFile}, {"--cache-dir", a.cacheDir}} {
		if abs, err := filepath.Abs(f[1]); err == nil && f[1] != "" {
			flags = append(flags, f[0], phrase.ShellWord(abs))
		}
	}
	return flags
}

// ownProgram is how git-lfs finds this program: by its name if a shell does so, else by its path.
func ownProgram() string {
	self, err := os.Executable()
	if err != nil {
		return "irisfix"
	}
	if found, err := exec.LookPath("irisfix"); err == nil {
		a, errA := os.Stat(found)
		b, errB := os.Stat(self)
		if errA == nil && errB == nil && os.SameFile(a, b) {
			return "irisfix"
		}
	}
	return self
}
