package lfs

import (
	"context"
	"errors"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/registry"
)

// ArchiveName is the repository below the prefix of an import that is its archive.
const ArchiveName = "lfs"

// ImportOptions say where an import goes and what it takes along.
type ImportOptions struct {
	Client *registry.Client
	Prefix string // registry and the repositories' common beginning: ghcr.io/acme/fixtures

	HeadOnly     bool // fixtures of HEAD, and no archive
	AllowMissing bool // objects of the history that cannot be had are left out

	Bundle bundle.Options
	Expect func(files int, bytes int64)                                        // what a transfer that begins now is about
	Pin    func(ctx context.Context, name string, to registry.Reference) error // called when everything is there
}

// Imported is what an import did.
type Imported struct {
	Plan     *Plan
	Fixtures []Moved
	Archive  Archive // without Client if there is none
	Stored
	Objects int      // that the archive has of this repository
	Missing []Object // of the history, left out
}

// Moved is a fixture in a registry.
type Moved struct {
	Fixture
	Name string // that it is pinned under
	registry.PushReport
	Reference registry.Reference // with tag and digest
}

// Import moves what a plan found. It may be run again after a failure, and sends only what is missing then. Errors: those
// of [Plan.Targets], a [*ShallowError], an [*AbsentError], a [*NothingError], a [*DamagedError], those of
// [registry.Client.Push]. Before everything is there nothing is pinned.
func (p *Plan) Import(ctx context.Context, o ImportOptions) (*Imported, error) {
	targets, archive, err := p.places(o)
	if err != nil {
		return nil, err
	}
	absent := p.Repository.Absent(p.Wanted(o.HeadOnly))
	if needed := p.Repository.Absent(p.Wanted(o.HeadOnly || o.AllowMissing)); len(needed) > 0 {
		return nil, &AbsentError{Objects: needed}
	}
	done := &Imported{Plan: p, Missing: absent}
	files := p.Wanted(true)
	o.Expect(len(files), Bytes(files))
	where := map[digest.Digest]string{} // repositories that have an object
	for i, f := range p.Fixtures {
		report, err := p.push(ctx, f, targets[i], o)
		if err != nil {
			return nil, p.damaged(err)
		}
		done.Fixtures = append(done.Fixtures, Moved{f, p.name(f), report, targets[i].WithDigest(report.Descriptor.Digest)})
		for _, file := range f.Files {
			where[file.Digest] = targets[i].Repository
		}
	}
	if !o.HeadOnly {
		if err := done.store(ctx, archive, o, where); err != nil {
			return nil, p.damaged(err)
		}
	}
	for _, m := range done.Fixtures {
		if err := o.Pin(ctx, m.Name, m.Reference); err != nil {
			return nil, err
		}
	}
	return done, nil
}

// Check tells what speaks against an import, whatever git-lfs may fetch before it: a [*registry.ReferenceError], a
// [*TwinsError] or a [*ShallowError].
func (p *Plan) Check(o ImportOptions) error {
	if _, err := ParseRepository(o.Prefix); err != nil {
		return err
	}
	if _, err := p.Targets(o.Prefix); err != nil {
		return err
	}
	if p.Shallow && !o.HeadOnly {
		return &ShallowError{p.Repository.Top}
	}
	return nil
}

// places are where an import goes, if there is something to move and nothing speaks against it.
func (p *Plan) places(o ImportOptions) (targets []registry.Reference, archive Archive, err error) {
	if err = p.Check(o); err != nil {
		return nil, archive, err
	}
	if len(p.Wanted(o.HeadOnly)) == 0 {
		return nil, archive, &NothingError{p.Repository.Top}
	}
	if targets, err = p.Targets(o.Prefix); err != nil {
		return nil, archive, err
	}
	archive.Client = o.Client
	archive.At, err = ParseRepository(o.Prefix + "/" + ArchiveName)
	return targets, archive, err
}

// Wanted are the objects that an import takes: all of the history, or those of the fixtures at HEAD.
func (p *Plan) Wanted(headOnly bool) (list []Object) {
	if !headOnly {
		return p.History
	}
	for _, f := range p.Fixtures {
		list = append(list, f.Files...)
	}
	return list
}

// push brings a fixture to a registry. Its large files go first, since their block maps are in the image manifest.
func (p *Plan) push(ctx context.Context, f Fixture, to registry.Reference, o ImportOptions) (registry.PushReport, error) {
	opened, err := bundle.OpenObjects(f.Raw, f.Dir, p.Repository.Objects, func(file bundle.File) string { return objectName(file.Digest) }, o.Bundle)
	if err != nil {
		return registry.PushReport{}, err
	}
	defer opened.Close()
	draft, err := bundle.NewDraft(ctx, opened)
	if err != nil {
		return registry.PushReport{}, err
	}
	how, err := o.Client.PushBlobs(ctx, to, draft.Large(), draft, nil)
	if err != nil {
		return registry.PushReport{}, err
	}
	b, err := draft.Bundle(ctx)
	if err != nil {
		return registry.PushReport{}, err
	}
	return o.Client.Push(ctx, to, b, b.Descriptor, registry.PushOptions{NoClobber: true, Brought: how})
}

// store brings into the archive what it does not name yet.
func (done *Imported) store(ctx context.Context, archive Archive, o ImportOptions, where map[digest.Digest]string) error {
	named, err := archive.Named(ctx)
	if err != nil {
		return err
	}
	var missing, there []Object
	for _, obj := range distinct(done.Plan.present()) {
		if named[obj.Digest] {
			there = append(there, obj)
		} else {
			missing = append(missing, obj)
		}
	}
	o.Expect(len(missing), Bytes(missing))
	done.Archive, done.Objects = archive, len(missing)+len(there)
	done.Stored, err = archive.Store(ctx, missing, done.Plan.Repository, func(d ocispec.Descriptor) string { return where[d.Digest] })
	done.Stored.Reused += Bytes(there)
	return err
}

// present are the objects of the history that are here.
func (p *Plan) present() (list []Object) {
	for _, o := range p.History {
		if p.Repository.Has(o) {
			list = append(list, o)
		}
	}
	return list
}

// damaged tells of which object an error is that knows only a digest.
func (p *Plan) damaged(err error) error {
	var sent *registry.MismatchError
	var read *bundle.MismatchError
	var want, got digest.Digest
	switch {
	case errors.As(err, &sent):
		want, got = sent.Descriptor.Digest, sent.GotDigest
	case errors.As(err, &read):
		want, got = read.Want, read.Got
	}
	for _, o := range p.History {
		if o.Digest == want {
			return &DamagedError{o, p.Repository.path(want), got, err}
		}
	}
	return err
}
