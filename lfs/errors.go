package lfs

import (
	"fmt"

	"github.com/opencontainers/go-digest"
)

// NotRepositoryError reports a directory in which git finds no repository, or no work tree with a commit.
type NotRepositoryError struct{ Dir, Reason string }

func (e *NotRepositoryError) Error() string { return e.Dir + ": " + e.Reason }

// GitError reports a git that failed.
type GitError struct {
	Command string // without its arguments, such as "git ls-tree"
	Says    string // what git said, or why it could not be run
	Err     error  // exec.ErrNotFound where there is no git; may be nil
}

func (e *GitError) Error() string { return e.Command + ": " + e.Says }
func (e *GitError) Unwrap() error { return e.Err }

// AbsentError reports objects that are not on this machine.
type AbsentError struct {
	Objects []Object
	Fetch   error // why git-lfs could not fetch them, if it was asked
}

func (e *AbsentError) Error() string {
	return fmt.Sprintf("%d objects of Git LFS are not on this machine", len(e.Objects))
}

// DamagedError reports an object in the store of Git LFS whose bytes are not those of its name.
type DamagedError struct {
	Object
	File string // where it lies
	Got  digest.Digest
	Err  error
}

func (e *DamagedError) Error() string { return e.File + ": " + e.Err.Error() }
func (e *DamagedError) Unwrap() error { return e.Err }

// ShallowError reports a clone whose history is cut off.
type ShallowError struct{ Top string }

func (e *ShallowError) Error() string { return e.Top + ": a shallow clone" }

// TwinsError reports two fixtures that would have to go to one place.
type TwinsError struct {
	Dirs      [2]string
	Reference string
}

func (e *TwinsError) Error() string {
	return fmt.Sprintf("%s and %s: both would be %s", e.Dirs[0], e.Dirs[1], e.Reference)
}

// NothingError reports a repository without anything to move.
type NothingError struct{ Top string }

func (e *NothingError) Error() string { return e.Top + ": nothing at HEAD or before is in Git LFS" }
