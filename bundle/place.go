package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/internal/stamp"
)

// Replace says what of an existing directory may be replaced.
type Replace struct {
	Force bool // anything that is in the way
	// Known tells whether the manifest of an older fixture in the directory is one that could be had again, because it
	// was pulled or pushed before. Its unchanged files may be replaced. nil: none is.
	Known func(manifest digest.Digest) bool
}

// maxAttempts is how often a plan is worth making while other processes change the directory: each time one of them
// has got its work done.
const maxAttempts = 20

// Replan calls place, which makes a plan and commits it, again as long as its error matches [ErrMeanwhile], and gives
// up with that error when it has done so often enough.
func Replan(place func() error) (err error) {
	for range maxAttempts {
		if err = place(); !errors.Is(err, ErrMeanwhile) {
			return err
		}
	}
	return err
}

// Plan is what has to change in a directory for it to become a fixture.
type Plan struct {
	Dir    string // absolute
	Write  []File
	Remove []string

	fresh    bool // the directory does not exist or is empty
	manifest bool // manifest.json is to be written
	learned  func(path string) Facts
	raw      []byte
	was      []byte // the manifest that was there
	opts     Options
}

// Unchanged reports that the directory is the fixture already.
func (p *Plan) Unchanged() bool { return !p.manifest && len(p.Write) == 0 && len(p.Remove) == 0 }

// Facts are what is known of a file's content.
type Facts = stamp.Facts

// Learn tells facts of the files that the plan writes, which spares the next reading.
func (p *Plan) Learn(facts func(path string) Facts) { p.learned = facts }

// PlanPlace compares a directory with the fixture that it is to become. It returns an [*OccupiedError] for the first
// file that is in the way and not ours.
func PlanPlace(ctx context.Context, dir string, m *Manifest, raw []byte, r Replace, o Options) (*Plan, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	p := &Plan{Dir: abs, raw: raw, opts: o}
	entries, err := os.ReadDir(abs)
	if errors.Is(err, fs.ErrNotExist) {
		p.fresh, p.manifest, p.Write = true, true, m.Files()
		return p, nil
	} else if err != nil {
		return nil, occupied(abs, err)
	}
	if len(entries) == 0 {
		p.manifest, p.Write = true, m.Files()
		return p, nil
	}
	unlock, err := atomicfile.LockDir(ctx, abs) // a directory that is about to change is not compared with
	if err != nil {
		return nil, err
	}
	defer unlock()
	p.was = manifestIn(abs)
	old, err := p.old(m, r)
	if err != nil {
		return nil, err
	}
	return p, p.compare(ctx, m, old, r.Force)
}

// manifestIn is what stands in a directory as manifest, as far as one may go.
func manifestIn(dir string) []byte {
	path := filepath.Join(dir, manifestName)
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() { // opening a FIFO would wait for its other end
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, _ := io.ReadAll(io.LimitReader(f, MaxManifest))
	return data
}

// occupied explains a directory that cannot be listed.
func occupied(path string, err error) error {
	if info, statErr := os.Stat(path); statErr == nil && !info.IsDir() {
		return &OccupiedError{path, "a file, not a directory"}
	}
	return err
}

// old returns the files of the fixture in the directory that may be replaced while they are unchanged.
func (p *Plan) old(m *Manifest, r Replace) (map[string]digest.Digest, error) {
	f, err := OpenDir(p.Dir, p.opts)
	var none *NoManifestError
	switch {
	case errors.As(err, &none):
		p.manifest = true
		return nil, nil
	case err != nil && r.Force:
		p.manifest = true
		return nil, nil
	case err != nil:
		return nil, &OccupiedError{filepath.Join(p.Dir, manifestName), "not a manifest that irisfix wrote"}
	}
	defer f.Close()
	p.manifest = string(f.Raw) != string(p.raw)
	switch {
	case !p.manifest || r.Force:
	case f.Manifest.FixtureID != m.FixtureID:
		return nil, &OccupiedError{p.Dir, fmt.Sprintf("holds the fixture %s", f.Manifest.FixtureID)}
	case r.Known == nil || !r.Known(digest.FromBytes(f.Raw)):
		return nil, &OccupiedError{p.Dir, fmt.Sprintf("holds %s %s, which was neither pulled nor pushed from here", f.Manifest.FixtureID, f.Manifest.Version)}
	}
	files := map[string]digest.Digest{}
	for _, f := range f.Manifest.Files() {
		files[f.Path] = f.Digest
	}
	return files, nil
}

// compare fills in what is to be written and removed.
func (p *Plan) compare(ctx context.Context, m *Manifest, old map[string]digest.Digest, force bool) error {
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return err
	}
	d := &directory{path: p.Dir, root: root, opts: p.opts}
	defer d.close()
	files := m.Files()
	write := make([]bool, len(files))
	err = parallel.ForEach(ctx, p.opts.Workers, len(files), func(ctx context.Context, i int) (err error) {
		write[i], err = d.inTheWay(ctx, files[i].Path, files[i].Digest, old[files[i].Path], force)
		return err
	})
	if err != nil {
		return err
	}
	for i, f := range files {
		if write[i] {
			p.Write = append(p.Write, f)
		}
		delete(old, f.Path)
	}
	for path, was := range old {
		if there, err := d.inTheWay(ctx, path, "", was, force); err != nil {
			return err
		} else if there {
			p.Remove = append(p.Remove, path)
		}
	}
	slices.Sort(p.Remove)
	return nil
}

// inTheWay reports whether a path has to be written or removed: it is not yet what it should be. A file that is neither
// what it should be nor what it was is an [*OccupiedError].
func (d *directory) inTheWay(ctx context.Context, path string, want, was digest.Digest, force bool) (bool, error) {
	facts, _, _, err := d.facts(ctx, File{Path: path}, false)
	var missing *MissingFileError
	var invalid *InvalidError
	switch got := digest.Digest("sha256:" + facts.SHA256); {
	case errors.As(err, &missing):
		return want != "", nil
	case errors.As(err, &invalid): // a directory, a link or a device
		return false, &OccupiedError{filepath.Join(d.path, path), invalid.Problems[0].Reason}
	case err != nil:
		return false, err
	case got == want:
		return false, nil
	case got == was, force:
		return true, nil
	case was != "":
		return false, &OccupiedError{filepath.Join(d.path, path), "changed since irisfix wrote it"}
	}
	return false, &OccupiedError{filepath.Join(d.path, path), "not written by irisfix"}
}
