package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/lfs"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/lockfile"
	"github.com/irisfix/irisfix/workspace"
)

func (a *app) newLFSImport() *cobra.Command {
	var o lfs.ImportOptions
	var dry bool
	cmd := a.new("import REPOSITORY-PREFIX [DIR]", "Move a work tree's fixtures from Git LFS to a registry",
		`Pushes each fixture at HEAD that is in Git LFS to REPOSITORY-PREFIX/FIXTURE_ID:VERSION and pins it in
irisfix.lock. The digests stay as they are, so nothing is hashed beforehand and each file is read
once, while it is sent. Every other object that any commit needs goes to REPOSITORY-PREFIX/lfs, from
where irisfix lfs agent serves old commits; --head-only leaves them where they are.

Objects that are not on this machine are fetched by git-lfs first. What the registry has is not sent
again, so an import that was interrupted goes on. irisfix.lock is the only file that is changed: the
git commands that end the move are printed.`,
		`  irisfix lfs import ghcr.io/acme/fixtures --dry-run
  irisfix lfs import ghcr.io/acme/fixtures
  irisfix lfs import registry.example.com/fixtures . --head-only`,
		between("REPOSITORY-PREFIX", 2), func(cmd *cobra.Command, args []string) error {
			o.Prefix = args[0]
			if dry {
				return a.lfsForecast(cmd.Context(), workTree(args[1:]), o)
			}
			return a.lfsImport(cmd.Context(), workTree(args[1:]), o)
		})
	cmd.Flags().BoolVar(&o.HeadOnly, "head-only", false, "only the fixtures of HEAD; old commits stay with Git LFS")
	cmd.Flags().BoolVar(&o.AllowMissing, "allow-missing", false, "leave out objects of no fixture that cannot be had any more")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be sent; fetch, send and pin nothing")
	return cmd
}

// between wants an argument of this name and at most so many in all.
func between(name string, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return exactly(name)(cmd, args)
		}
		return upTo(most)(cmd, args)
	}
}

// lfsWorkspace opens the workspace with the lock file of the work tree.
func (a *app) lfsWorkspace(r *lfs.Repository, dir string) (*workspace.Workspace, error) {
	if a.lockFile == "" {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		path, err := lockfile.Find(dir)
		if inside, e := filepath.Rel(r.Top, path); err != nil || e != nil || !filepath.IsLocal(inside) {
			path = filepath.Join(r.Top, lockfile.Name)
		}
		a.lockFile = path
	}
	return a.workspace()
}

// lfsReady plans an import, after git-lfs has fetched what is missing, and prepares its options.
func (a *app) lfsReady(ctx context.Context, dir string, o *lfs.ImportOptions) (*lfs.Plan, *workspace.Workspace, error) {
	r, err := lfs.Open(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	w, err := a.lfsWorkspace(r, dir)
	if err != nil {
		return nil, nil, err
	}
	if _, err := w.Pins(); err != nil { // a lock file that cannot be read is told before anything is sent
		return nil, nil, err
	}
	o.Client, o.Bundle, o.Expect = w.Client(), w.Bundle(r.Objects), a.meter.expect
	p, err := r.Plan(ctx, o.HeadOnly)
	return p, w, err
}

func (a *app) lfsImport(ctx context.Context, dir string, o lfs.ImportOptions) error {
	if a.frozen {
		return &workspace.FrozenError{Name: o.Prefix}
	}
	p, w, err := a.lfsReady(ctx, dir, &o)
	if err != nil {
		return err
	}
	if err := p.Check(o); err != nil {
		return err
	}
	fetched := error(nil)
	if absent := p.Repository.Absent(p.Wanted(o.HeadOnly)); len(absent) > 0 && !a.offline {
		a.meter.note("%s not on this machine; git lfs fetches them", phrase.Count(int64(len(absent)), "object"))
		fetched = p.Repository.FetchObjects(ctx, o.HeadOnly)
		if p, err = p.Repository.Plan(ctx, o.HeadOnly); err != nil {
			return err
		}
	}
	a.warnOdd(p)
	pins := map[string]workspace.Pinned{}
	o.Pin = func(ctx context.Context, name string, to registry.Reference) error {
		pinned, err := w.PinTo(ctx, name, to)
		if err == nil {
			pinned.Changed = pinned.Changed || pins[name].Changed // by the same fixture in another directory
			pins[name] = *pinned
		}
		return err
	}
	done, err := p.Import(ctx, o)
	if absent, ok := errors.AsType[*lfs.AbsentError](err); ok {
		absent.Fetch = fetched
	}
	if err != nil {
		return err
	}
	leaving, err := p.Leave(ctx)
	if err != nil {
		return err
	}
	commands := a.lfsCommands(done, leaving, o)
	object := lfsImported(done, pins, commands, w.Client().Requests())
	return a.result(object, func() { a.printLFSImported(object) })
}

// lfsForecast tells what an import would send.
func (a *app) lfsForecast(ctx context.Context, dir string, o lfs.ImportOptions) error {
	p, w, err := a.lfsReady(ctx, dir, &o)
	if err != nil {
		return err
	}
	a.warnOdd(p)
	f, err := p.Forecast(ctx, o)
	if err != nil {
		return err
	}
	object := lfsImported(f, nil, nil, w.Client().Requests())
	object.DryRun = true
	return a.result(object, func() {
		for _, x := range object.Fixtures {
			a.data("would push %s to %s", x.Path, x.Reference)
			a.data("  %s to send, %s there already", phrase.Bytes(x.Sent), phrase.Bytes(x.Reused))
		}
		if object.Archive != nil {
			a.data("would keep %s in %s", phrase.Count(int64(object.Archive.Objects), "object"), object.Archive.Repository)
			a.data("  %s to send, %s there already", phrase.Bytes(object.Archive.Sent), phrase.Bytes(object.Archive.Reused))
		}
		if absent := p.Repository.Absent(p.Wanted(o.HeadOnly)); len(absent) > 0 {
			a.data("git lfs would fetch %s first, %s", phrase.Count(int64(len(absent)), "object"), phrase.Bytes(lfs.Bytes(absent)))
		}
	})
}

func (a *app) printLFSImported(o lfsImportObject) {
	for _, x := range o.Fixtures {
		if x.unchanged {
			a.data("unchanged %s at %s", x.Path, x.Reference)
		} else {
			a.data("pushed %s to %s", x.Path, x.Reference)
		}
		a.data("  %s sent, %s there already", phrase.Bytes(x.Sent), phrase.Bytes(x.Reused))
	}
	if o.Archive != nil {
		a.data("%s in %s", phrase.Count(int64(o.Archive.Objects), "object"), o.Archive.Repository)
		a.data("  %s sent, %s there already", phrase.Bytes(o.Archive.Sent), phrase.Bytes(o.Archive.Reused))
	}
	for _, m := range o.Missing {
		a.data("left out: %s of %s, which is not to be had", m.Digest, m.Path)
	}
	said := map[string]bool{}
	for _, x := range o.Fixtures {
		if x.Changed && !said[x.Name] {
			said[x.Name] = true
			a.data("pinned %s", x.Name)
		}
	}
	a.data("")
	a.data("What is left to do:")
	for _, c := range o.Commands {
		a.data("  %s", c)
	}
}
