package lfs

import (
	"context"
	"os"
	"path"
	"strings"

	"github.com/irisfix/irisfix/bundle"
)

const manifestName = "manifest.json"

// findFixtures tells files of fixtures from others.
func (p *Plan) findFixtures(ctx context.Context, pointers map[string]Object) error {
	manifests, err := p.manifests(ctx, pointers)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, m := range manifests {
		f, reason := fixtureOf(m, pointers)
		switch {
		case reason != "":
			p.Left = append(p.Left, Odd{f.Dir, reason})
		case f.Manifest != nil:
			p.Fixtures = append(p.Fixtures, f)
			taken[path.Join(f.Dir, manifestName)] = true
			for _, o := range f.Files {
				taken[o.Path] = true
			}
		}
	}
	for _, e := range p.files {
		if o, ok := pointers[e.path]; ok && !taken[e.path] {
			p.Others = append(p.Others, o)
		}
	}
	return nil
}

// manifest is a file that may be the manifest of a fixture.
type manifest struct {
	dir string
	raw []byte // nil: it is in Git LFS and not here
}

// manifests reads every manifest.json of HEAD, from git or from the store.
func (p *Plan) manifests(ctx context.Context, pointers map[string]Object) (list []manifest, err error) {
	var ids []string
	var at []int
	for _, e := range p.files {
		if path.Base(e.path) != manifestName || e.size >= bundle.MaxManifest {
			continue
		}
		m := manifest{dir: path.Dir(e.path)}
		if o, ok := pointers[e.path]; ok {
			m.raw = p.Repository.small(o)
		} else {
			ids, at = append(ids, e.id), append(at, len(list))
		}
		list = append(list, m)
	}
	err = p.Repository.contents(ctx, ids, func(i int, data []byte) error {
		list[at[i]].raw = data
		return nil
	})
	return list, err
}

// small returns an object that is here, has the digest that it should have, and is no larger than a manifest.
func (s Store) small(o Object) []byte {
	if o.Size >= bundle.MaxManifest || !s.Has(o) {
		return nil
	}
	data, err := os.ReadFile(s.path(o.Digest))
	if err != nil || o.Digest.Algorithm().FromBytes(data) != o.Digest {
		return nil
	}
	return data
}

// fixtureOf returns the fixture that a manifest describes, or why it cannot move. It is neither for a manifest.json of
// something else.
func fixtureOf(m manifest, pointers map[string]Object) (f Fixture, reason string) {
	f.Dir = m.dir
	inLFS := func() bool {
		for name := range pointers {
			if strings.HasPrefix(name, m.dir+"/") || m.dir == "." {
				return true
			}
		}
		return false
	}
	if m.raw == nil {
		return f, "its manifest.json is in Git LFS, and not on this machine"
	}
	parsed, err := bundle.ParseManifest(m.raw)
	if err != nil {
		if !strings.Contains(string(m.raw), `"fixture_id"`) || !inLFS() {
			return f, ""
		}
		return f, err.Error()
	}
	for _, file := range parsed.Files() {
		name := path.Join(m.dir, file.Path)
		switch o, ok := pointers[name]; {
		case !ok && !inLFS():
			return f, "" // it never was in Git LFS
		case !ok:
			return f, file.Path + " is not in Git LFS"
		case o.Digest != file.Digest:
			return f, file.Path + ": the manifest says " + file.Digest.String() + ", Git LFS has " + o.Digest.String()
		default:
			f.Files = append(f.Files, o)
		}
	}
	f.Manifest, f.Raw = parsed, m.raw
	return f, ""
}
