package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/lfs"
)

func newLFS(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "lfs", Short: "Move a repository out of Git LFS, and serve its old commits",
		Long: `Takes fixtures out of Git LFS, with the digests that they have there, and keeps everything that old
commits need in the same registry. No history is rewritten.`,
		Example: `  irisfix lfs plan
  irisfix lfs import ghcr.io/acme/fixtures`,
		Args: a.oneOf("plan, import or agent"),
		RunE: func(cmd *cobra.Command, _ []string) error { return nil },
	}
	cmd.AddCommand(a.newLFSPlan(), a.newLFSImport(), a.newLFSAgent())
	return cmd
}

func (a *app) newLFSPlan() *cobra.Command {
	return a.new("plan [DIR]", "Show what would move out of Git LFS",
		`Reads HEAD and the history of a git work tree and shows what is in Git LFS: the directories that are
fixtures, files that belong to none, and what all commits of all branches and tags need. Nothing is
fetched or changed, and git-lfs is not needed.`,
		`  irisfix lfs plan
  irisfix lfs plan --json`, upTo(1), func(cmd *cobra.Command, args []string) error {
			return a.lfsPlan(cmd.Context(), workTree(args))
		})
}

// workTree is the argument that names a directory, or the working directory.
func workTree(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

func (a *app) lfsPlan(ctx context.Context, dir string) error {
	r, err := lfs.Open(ctx, dir)
	if err != nil {
		return err
	}
	p, err := r.Plan(ctx, false)
	if err != nil {
		return err
	}
	a.warnOdd(p)
	return a.result(lfsPlanJSON(p), func() { a.printLFSPlan(p) })
}

// warnOdd tells what of a plan somebody should look at.
func (a *app) warnOdd(p *lfs.Plan) {
	for _, l := range p.Left {
		a.warn(l.Path, "not taken for a fixture: "+l.Reason)
	}
	for _, o := range p.Odd {
		a.warn(o.Path, "a malformed pointer of Git LFS, in HEAD or an older commit: "+o.Reason)
	}
	if p.Shallow {
		a.warn(phrase.Path(p.Repository.Top), "a shallow clone: older commits are not counted")
	}
}

// mostFiles is how many files of no fixture are listed; the rest is counted.
const mostFiles = 20

func (a *app) printLFSPlan(p *lfs.Plan) {
	files, bytes := 0, int64(0)
	for _, f := range p.Fixtures {
		files, bytes = files+len(f.Files), bytes+lfs.Bytes(f.Files)
	}
	a.data("%s with %s in Git LFS, %s", phrase.Count(int64(len(p.Fixtures)), "fixture"), phrase.Count(int64(files), "file"), phrase.Bytes(bytes))
	if len(p.Fixtures) > 0 {
		t := newTable("  ", "DIRECTORY", "FIXTURE", "VERSION", ">FILES", ">SIZE")
		for _, f := range p.Fixtures {
			t.row(f.Dir, f.Manifest.FixtureID, f.Manifest.Version, phrase.Number(int64(len(f.Files))), phrase.Bytes(lfs.Bytes(f.Files)))
		}
		t.print(a.out)
	}
	a.data("%s of no fixture, %s", phrase.Count(int64(len(p.Others)), "file"), phrase.Bytes(lfs.Bytes(p.Others)))
	for i, o := range p.Others {
		if i == mostFiles {
			a.data("  and %s more", phrase.Number(int64(len(p.Others)-mostFiles)))
			break
		}
		a.data("  %s, %s", o.Path, phrase.Bytes(o.Size))
	}
	a.data("%s in all commits, %s", phrase.Count(int64(len(p.History)), "object"), phrase.Bytes(lfs.Bytes(p.History)))
	if absent := p.Absent(); len(absent) > 0 {
		a.data("  %s of them, %s, not on this machine", phrase.Number(int64(len(absent))), phrase.Bytes(lfs.Bytes(absent)))
	}
}
