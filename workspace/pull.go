package workspace

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/internal/stamp"
	"github.com/irisfix/irisfix/registry"
)

// ArgumentError reports an argument that the command cannot do anything with.
type ArgumentError struct{ Argument, Reason string }

func (e *ArgumentError) Error() string { return e.Argument + ": " + e.Reason }

// Pulled is a fixture that is in the cache now and, if that was asked for, in a directory.
type Pulled struct {
	Name            string // in the lock file, else the fixture's own
	Version         string // the fixture's own
	Reference       string
	Digest          digest.Digest
	Path            string // empty: cache only
	Fetched, Reused int64  // bytes
	Remembered      time.Time
}

// PullOptions say where fixtures go.
type PullOptions struct {
	Output string // directory; empty: cache only
	Force  bool   // overwrite what is in the way
	DryRun bool   // only say what would travel
	Done   func(Pulled)
}

// Pull brings fixtures into the cache and, if a directory is given, out of it again: one into the directory itself,
// several or all pinned ones each into a directory of its name. Without arguments everything pinned is pulled.
func (w *Workspace) Pull(ctx context.Context, args []string, o PullOptions) ([]Pulled, error) {
	each := len(args) != 1
	if len(args) == 0 {
		pins, err := w.somePins()
		if err != nil {
			return nil, err
		}
		for _, p := range pins {
			args = append(args, p.Name)
		}
	}
	w.Register()
	var list []Pulled
	taken := map[string]string{}
	for _, arg := range args {
		p, f, err := w.pull(ctx, arg, o, each)
		if err != nil {
			return list, err
		}
		if p.Path != "" && !o.DryRun {
			if other, twice := taken[p.Path]; twice {
				return list, &ArgumentError{arg, fmt.Sprintf("has the name %s like %s; pull them one by one", p.Name, other)}
			}
			taken[p.Path] = arg
			if err := w.Place(ctx, f, p.Path, o.Force); err != nil {
				return list, err
			}
		}
		list = append(list, p)
		if o.Done != nil {
			o.Done(p)
		}
	}
	return list, nil
}

// Register lets pruning know of the lock file, if there is one. That it cannot be written down stops nothing.
func (w *Workspace) Register() {
	if _, path, err := w.lock(); err == nil && path != "" {
		_ = w.cache.Register(path)
	}
}

// pull brings one fixture into the cache and says where it goes: into the output, or with each into a directory of its
// name there.
func (w *Workspace) pull(ctx context.Context, arg string, o PullOptions, each bool) (Pulled, *Found, error) {
	f, err := w.Look(ctx, arg)
	if err != nil {
		return Pulled{}, nil, err
	}
	if f.Location.Dir != "" {
		return Pulled{}, nil, &ArgumentError{arg, "a directory: there is nothing to pull"}
	}
	p := Pulled{Name: f.Location.Name, Version: f.Manifest.Version, Reference: f.Reference(), Digest: f.Digest, Remembered: f.Remembered}
	if p.Name == "" {
		p.Name = f.Manifest.FixtureID
	}
	if o.Output != "" {
		p.Path = w.expand(o.Output)
		if each {
			p.Path = filepath.Join(p.Path, p.Name)
		}
	}
	var r registry.FetchReport
	if f.Location.Layout.Dir != "" {
		p.Reference = f.Location.Layout.String()
		r, err = w.Fetch(ctx, f)
	} else {
		r, err = w.fetch(ctx, f, p.Path, o.DryRun)
	}
	p.Fetched, p.Reused = r.Fetched, r.Reused
	return p, f, err
}

// fetch brings the files of a bundle into the cache, or with dry only says what would travel. In output, if it is not
// empty, an older version may be.
func (w *Workspace) fetch(ctx context.Context, f *Found, output string, dry bool) (registry.FetchReport, error) {
	layers, older := f.Layers(), w.older(ctx, f, output)
	if dry {
		return w.client.Forecast(ctx, f.Location.Reference, layers, older)
	}
	w.opts.Expect(len(layers), total(layers))
	return w.client.FetchAll(ctx, f.Location.Reference, layers, older)
}

func total(blobs []ocispec.Descriptor) (n int64) {
	for _, b := range blobs {
		n += b.Size
	}
	return n
}

// Place copies a bundle that was fetched from the cache into a directory. What is there already stays untouched; what is
// in the way is a [*bundle.OccupiedError] unless force overwrites it.
func (w *Workspace) Place(ctx context.Context, f *Found, dir string, force bool) error {
	replace := bundle.Replace{Force: force, Known: func(manifest digest.Digest) bool {
		there, err := w.cache.Exists(ctx, ocispec.Descriptor{Digest: manifest, Size: -1})
		return err == nil && there
	}}
	return bundle.Replan(func() error { return w.placeOnce(ctx, f, dir, replace) })
}

func (w *Workspace) placeOnce(ctx context.Context, f *Found, dir string, replace bundle.Replace) (err error) {
	plan, err := bundle.PlanPlace(ctx, dir, f.Manifest, f.Raw, replace, w.Bundle(dir))
	if err != nil || plan.Unchanged() {
		return err
	}
	stage, err := bundle.NewStage(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	layers := map[digest.Digest]ocispec.Descriptor{}
	for _, l := range f.Layers() {
		layers[l.Digest] = l
	}
	err = parallel.ForEach(ctx, w.opts.Workers, len(plan.Write), func(ctx context.Context, i int) error {
		path, err := stage.Path(plan.Write[i].Path)
		if err != nil {
			return err
		}
		return w.cache.Place(ctx, layers[plan.Write[i].Digest], path, stamp.Past(time.Now()))
	})
	if err != nil {
		return err
	}
	return stage.Commit(ctx, plan)
}

// Pushed is what a push did.
type Pushed struct {
	registry.PushReport
	Reference string // with the digest
	Bundle    *bundle.Bundle
	Pinned    *Pinned
}

// PushOptions change how a push works.
type PushOptions struct {
	Pin       string // name to be pinned to what was pushed
	NoClobber bool   // refuse to move a tag
}

// Push packs a fixture directory and brings it to a registry.
func (w *Workspace) Push(ctx context.Context, dir, reference string, o PushOptions) (*Pushed, error) {
	ref, err := registry.ParseReference(reference)
	if err != nil {
		return nil, err
	}
	if o.Pin != "" && w.opts.Frozen {
		return nil, &FrozenError{o.Pin}
	}
	if o.Pin != "" { // a lock file that cannot be read is told before anything is sent
		if _, _, err := w.lock(); err != nil {
			return nil, err
		}
	}
	dir = w.expand(dir)
	f, err := bundle.OpenDir(dir, w.Bundle(dir))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := bundle.Pack(ctx, f)
	if err != nil {
		return nil, err
	}
	w.opts.Expect(len(b.Image.Layers), total(b.Image.Layers))
	report, err := w.client.Push(ctx, ref, b, b.Descriptor, registry.PushOptions{NoClobber: o.NoClobber})
	if err != nil {
		return nil, err
	}
	p := &Pushed{PushReport: report, Reference: ref.WithDigest(report.Descriptor.Digest).String(), Bundle: b}
	if o.Pin != "" {
		p.Pinned, err = w.write(ctx, o.Pin, ref.WithDigest(report.Descriptor.Digest))
	}
	return p, err
}
