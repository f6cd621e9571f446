package lfs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/internal/parallel"
)

// Repository is a work tree of git whose objects of Git LFS are on this machine, as far as they are. It may be used by
// several goroutines.
type Repository struct {
	Top  string // of the work tree, absolute
	Head string // the commit, in hex
	Store
	at place
}

// place is where git works: the arguments that say so. Of a work tree that was found they say all, since GIT_DIR and
// GIT_WORK_TREE, if they are set, may be relative to where it was looked for.
type place []string

func in(dir string) place { return place{"-C", dir} }

// Store is where the objects of Git LFS of a repository are.
type Store struct {
	Objects string // directory, absolute; it need not exist
	Temp    string // for files that are given to git-lfs; on the file system of Objects
}

// Open finds the work tree that dir is in. The error is a [*NotRepositoryError] or a [*GitError].
func Open(ctx context.Context, dir string) (*Repository, error) {
	top, err := git(ctx, in(dir), "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, notRepository(dir, err)
	}
	own, err := git(ctx, in(dir), "rev-parse", "--absolute-git-dir")
	if err != nil {
		return nil, notRepository(dir, err)
	}
	r := &Repository{Top: filepath.FromSlash(line(top))}
	r.at = append(in(r.Top), "--git-dir="+line(own), "--work-tree="+r.Top)
	head, err := git(ctx, r.at, "rev-parse", "--verify", "--quiet", "HEAD")
	if err != nil {
		return nil, notRepository(dir, &GitError{Command: "git rev-parse", Says: "there is no commit yet"})
	}
	r.Head = line(head)
	r.Store, err = OpenStore(ctx, dir)
	return r, err
}

// OpenStore finds the objects of Git LFS of the repository that dir is in, which may be bare. The error is a
// [*NotRepositoryError] or a [*GitError].
func OpenStore(ctx context.Context, dir string) (Store, error) {
	common, err := git(ctx, in(dir), "rev-parse", "--path-format=absolute", "--git-common-dir")
	if err != nil {
		return Store{}, notRepository(dir, err)
	}
	base := filepath.FromSlash(line(common))
	storage := filepath.Join(base, "lfs")
	if other, err := git(ctx, in(dir), "config", "--type=path", "--get", "lfs.storage"); err == nil && line(other) != "" {
		if storage = filepath.FromSlash(line(other)); !filepath.IsAbs(storage) {
			storage = filepath.Join(base, storage)
		}
	}
	return Store{filepath.Join(storage, "objects"), filepath.Join(storage, "tmp")}, nil
}

func notRepository(dir string, err error) error {
	var failed *GitError
	if errors.As(err, &failed) && !errors.Is(err, exec.ErrNotFound) {
		return &NotRepositoryError{dir, failed.Says}
	}
	return err
}

// shallow reports a clone without its whole history.
func (r *Repository) shallow(ctx context.Context) (bool, error) {
	out, err := git(ctx, r.at, "rev-parse", "--is-shallow-repository")
	return line(out) == "true", err
}

// sparse reports a work tree that lacks files on purpose.
func (r *Repository) sparse(ctx context.Context) bool {
	out, err := git(ctx, r.at, "config", "--type=bool", "--get", "core.sparseCheckout")
	return err == nil && line(out) == "true"
}

// Configure sets settings of git in the repository that dir is in, which may be bare and have no commit yet. The error is
// that of [OpenStore].
func Configure(ctx context.Context, dir string, settings [][2]string) error {
	if _, err := OpenStore(ctx, dir); err != nil {
		return err
	}
	for _, s := range settings {
		if _, err := git(ctx, in(dir), "config", "--local", s[0], s[1]); err != nil {
			return err
		}
	}
	return nil
}

// FetchObjects lets git-lfs fetch the objects of all refs, or of HEAD alone, whatever lfs.fetchexclude says. The error is
// a [*GitError].
func (r *Repository) FetchObjects(ctx context.Context, headOnly bool) error {
	args := []string{"lfs", "fetch", "--all"}
	if headOnly {
		args = []string{"lfs", "fetch", "--include=", "--exclude="} // which --all refuses, and does not need
	}
	_, err := git(ctx, r.at, args...)
	return err
}

func line(out []byte) string { return strings.TrimRight(string(out), "\r\n") }

// git runs git and returns what it printed.
func git(ctx context.Context, at place, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := gitPipe(ctx, at, nil, func(r io.Reader) error { _, err := out.ReadFrom(r); return err }, args...)
	return out.Bytes(), err
}

// gitPipe runs git with what feed writes, which may be nil, as its input, and gives its output to read.
func gitPipe(ctx context.Context, at place, feed func(io.Writer) error, read func(io.Reader) error, args ...string) error {
	fail := func(says string, err error) error { return &GitError{"git " + args[0], says, err} }
	cmd := exec.CommandContext(ctx, "git", slices.Concat(at, place{"--no-optional-locks", "--literal-pathspecs"}, args)...)
	var says bytes.Buffer
	cmd.Stderr = &says
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var in io.WriteCloser
	if feed != nil {
		if in, err = cmd.StdinPipe(); err != nil {
			return err
		}
	}
	if err := cmd.Start(); err != nil {
		return fail(err.Error(), err)
	}
	g, _ := parallel.NewGroup(ctx)
	if feed != nil {
		g.Go(func() error {
			defer in.Close()
			w := bufio.NewWriterSize(in, 64<<10)
			_ = feed(w) // a git that does not listen says why when it ends
			_ = w.Flush()
			return nil
		})
	}
	readErr := read(bufio.NewReaderSize(out, 64<<10))
	if readErr != nil {
		_ = cmd.Process.Kill() // or it would wait for us
	}
	_ = g.Wait()
	err = cmd.Wait()
	switch cause := context.Cause(ctx); {
	case cause != nil:
		return cause
	case readErr != nil:
		return readErr
	case err != nil:
		text := strings.TrimSpace(says.String())
		if text == "" {
			text = err.Error()
		}
		return fail(lastLine(text), nil)
	}
	return nil
}

// lastLine is where programs say what was fatal.
func lastLine(text string) string {
	lines := strings.Split(text, "\n")
	return strings.TrimPrefix(fmt.Sprintf("%.500s", lines[len(lines)-1]), "fatal: ")
}
