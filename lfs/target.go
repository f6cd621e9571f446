package lfs

import (
	"strings"

	"github.com/irisfix/irisfix/registry"
)

// ParseRepository reads a repository: a reference without tag and digest. The error is a [*registry.ReferenceError].
func ParseRepository(text string) (registry.Reference, error) {
	at, err := registry.ParseReference(text)
	if err == nil && (at.Tag != "" || at.Digest != "") {
		err = &registry.ReferenceError{Reference: text, Reason: "a repository has neither tag nor digest"}
	}
	return at, err
}

// Target is where a fixture goes: its fixture_id and version, in the letters that repositories and tags allow.
func (f Fixture) Target(prefix string) (registry.Reference, error) {
	return registry.ParseReference(prefix + "/" + strings.ToLower(f.Manifest.FixtureID) + ":" + strings.ReplaceAll(f.Manifest.Version, "+", "_"))
}

// name is what a fixture is pinned under: its fixture_id, with the version if HEAD has several of it.
func (p *Plan) name(f Fixture) string {
	for _, other := range p.Fixtures {
		if other.Manifest.FixtureID == f.Manifest.FixtureID && other.Manifest.Version != f.Manifest.Version {
			return f.Manifest.FixtureID + "-" + strings.ReplaceAll(f.Manifest.Version, "+", "_")
		}
	}
	return f.Manifest.FixtureID
}

// Targets returns where the fixtures of a plan go. The error is a [*registry.ReferenceError] or a [*TwinsError].
func (p *Plan) Targets(prefix string) ([]registry.Reference, error) {
	taken := map[string]Fixture{}
	var list []registry.Reference
	for _, f := range p.Fixtures {
		ref, err := f.Target(prefix)
		if err != nil {
			return nil, err
		}
		if other, ok := taken[ref.String()]; ok && string(other.Raw) != string(f.Raw) {
			return nil, &TwinsError{[2]string{other.Dir, f.Dir}, ref.String()}
		}
		taken[ref.String()] = f
		list = append(list, ref)
	}
	return list, nil
}
