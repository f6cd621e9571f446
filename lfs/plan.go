package lfs

import (
	"cmp"
	"context"
	"slices"

	"github.com/irisfix/irisfix/bundle"
)

// Plan is what there is to move out of Git LFS.
type Plan struct {
	Repository *Repository
	Fixtures   []Fixture // at HEAD, by directory
	Left       []Odd     // directories at HEAD with the manifest of a fixture that cannot move, and why
	Others     []Object  // files at HEAD that belong to no fixture
	Odd        []Odd     // pointers, at HEAD or before, that break a rule
	Patterns   []Pattern // of HEAD
	Shallow    bool      // the clone lacks a part of the history

	// History are the objects of all refs, HEAD's among them, in the order of their digests; only those of HEAD if
	// nothing else was asked for.
	History []Object

	files []entry
}

// Fixture is a directory at HEAD whose files are in Git LFS with the digests that its manifest gives.
type Fixture struct {
	Dir      string // path with forward slashes; "." is the top of the work tree
	Manifest *bundle.Manifest
	Raw      []byte   // manifest.json
	Files    []Object // .DAT files, in the order of the manifest
}

// Odd is something that is not as it should be.
type Odd struct{ Path, Reason string }

// Plan reads HEAD and, unless headOnly, the history of all refs that this clone has. Nothing is fetched.
func (r *Repository) Plan(ctx context.Context, headOnly bool) (*Plan, error) {
	p := &Plan{Repository: r}
	var err error
	if p.files, err = r.tree(ctx); err != nil {
		return nil, err
	}
	pointers, err := p.pointers(ctx)
	if err != nil {
		return nil, err
	}
	if p.Patterns, err = r.patterns(ctx, p.files); err != nil {
		return nil, err
	}
	if err := p.findFixtures(ctx, pointers); err != nil {
		return nil, err
	}
	if p.Shallow, err = r.shallow(ctx); err != nil {
		return nil, err
	}
	p.History = p.head()
	if !headOnly {
		if p.History, p.Odd, err = r.history(ctx); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.History, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Digest, b.Digest), cmp.Compare(a.Size, b.Size), cmp.Compare(a.Path, b.Path))
	})
	p.History = slices.CompactFunc(p.History, func(a, b Object) bool { return a.Digest == b.Digest && a.Size == b.Size })
	return p, nil
}

// pointers returns the objects of HEAD by path.
func (p *Plan) pointers(ctx context.Context) (map[string]Object, error) {
	var small []entry
	var ids []string
	for _, e := range p.files {
		if e.size >= leastPointer && e.size < maxPointer {
			small, ids = append(small, e), append(ids, e.id)
		}
	}
	found := map[string]Object{}
	err := p.Repository.contents(ctx, ids, func(i int, data []byte) error {
		pointer, err := ParsePointer(data)
		if err != nil && err != ErrNotPointer {
			p.Odd = append(p.Odd, Odd{small[i].path, err.(*PointerError).Reason})
		}
		if pointer.Size > 0 {
			found[small[i].path] = Object{pointer.Digest, pointer.Size, small[i].path}
		}
		return nil
	})
	return found, err
}

// head are all objects of HEAD.
func (p *Plan) head() (list []Object) {
	for _, f := range p.Fixtures {
		list = append(list, f.Files...)
	}
	return append(list, p.Others...)
}

// Absent are the objects that would have to be here and are not.
func (p *Plan) Absent() []Object { return p.Repository.Absent(p.History) }
