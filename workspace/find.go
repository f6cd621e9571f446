package workspace

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
)

// Location is what a FIXTURE argument stands for. Exactly one of the kinds is set.
type Location struct {
	Dir       string             // a directory
	Layout    registry.Endpoint  // an OCI layout
	Reference registry.Reference // in a registry
	Name      string             // the name in the lock file that the reference comes from, if any
}

// String is the location for messages.
func (l Location) String() string {
	switch {
	case l.Dir != "":
		return l.Dir
	case l.Layout.Dir != "":
		return l.Layout.String()
	}
	return l.Reference.String()
}

// NotFoundError reports an argument that stands for nothing.
type NotFoundError struct {
	Argument string
	Nearest  []string // names that look alike
	Pins     int      // how many names are pinned
}

func (e *NotFoundError) Error() string {
	return e.Argument + ": neither pinned nor a directory nor a reference"
}

// notFound is the error for an argument that is not among the pinned names.
func notFound(arg string, names []string) error {
	return &NotFoundError{arg, nearest(arg, names), len(names)}
}

// UnpinnedError reports, in a frozen workspace, something that is not pinned.
type UnpinnedError struct{ Argument string }

func (e *UnpinnedError) Error() string { return e.Argument + ": not pinned" }

// Find decides what a FIXTURE argument means, the first of: a path, a name in the lock file, a directory that exists,
// an OCI layout, a reference.
func (w *Workspace) Find(arg string) (Location, error) {
	if IsPath(arg) {
		return Location{Dir: w.expand(arg)}, nil
	}
	f, path, err := w.lock()
	if err != nil {
		return Location{}, err
	}
	if text, ok := f.Reference(arg); ok {
		ref, err := parsePin(path, arg, text)
		return Location{Reference: ref, Name: arg}, err
	}
	if info, err := os.Stat(filepath.Join(w.opts.Dir, arg)); err == nil && info.IsDir() && arg != "" {
		return Location{Dir: w.expand(arg)}, nil
	}
	if strings.HasPrefix(arg, registry.LayoutPrefix) {
		at, err := registry.ParseEndpoint(arg)
		if err == nil {
			at.Dir = w.expand(at.Dir)
		}
		return Location{Layout: at}, err
	}
	ref, err := registry.ParseReference(arg)
	if err != nil && strings.ContainsAny(arg, "/:@") && looksLikeReference(arg) {
		return Location{}, err
	}
	switch {
	case err == nil && w.opts.Frozen && ref.Digest == "":
		return Location{}, &UnpinnedError{arg}
	case err == nil:
		return Location{Reference: ref}, nil
	case w.opts.Frozen:
		return Location{}, &UnpinnedError{arg}
	}
	return Location{}, notFound(arg, f.Names())
}

// IsPath reports an argument that can only be a path.
func IsPath(arg string) bool {
	drive := len(arg) > 1 && arg[1] == ':' && (arg[0]|0x20 >= 'a' && arg[0]|0x20 <= 'z')
	return drive || arg != "" && strings.ContainsRune(`./\~`, rune(arg[0]))
}

// looksLikeReference reports a text whose author meant a registry: its first part has a dot, a colon or is localhost.
func looksLikeReference(arg string) bool {
	host, _, found := strings.Cut(arg, "/")
	return found && (strings.ContainsAny(host, ".:") || host == "localhost")
}

// expand makes a path relative to the working directory usable, and ~ the home directory.
func (w *Workspace) expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && w.opts.Home != "" && (rest == "" || os.IsPathSeparator(rest[0])) {
		return filepath.Join(w.opts.Home, rest)
	}
	if filepath.IsAbs(path) || w.opts.Dir == "" || w.opts.Dir == "." {
		return path
	}
	return filepath.Join(w.opts.Dir, path)
}

// nearest returns up to three names that look like the one that was asked for.
func nearest(arg string, names []string) []string {
	near := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return distance(arg, n) > max(2, len(arg)/3) })
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(distance(arg, a), distance(arg, b)) })
	return near[:min(3, len(near))]
}

// distance is the number of edits that make one word the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			edit := last
			if a[i] != b[j] {
				edit = min(last, row[j], row[j+1]) + 1
			}
			last, row[j+1] = row[j+1], edit
		}
	}
	return row[len(b)]
}

// Found is a fixture that was opened.
type Found struct {
	*bundle.Fixture
	Location   Location
	Digest     digest.Digest // of the image manifest; empty for a directory, whose digest takes reading it
	Remembered time.Time     // when a tag was last looked up, if that was not now because the workspace is offline
}

// Look opens a fixture as far as its manifest. Of a bundle nothing else is fetched.
func (w *Workspace) Look(ctx context.Context, arg string) (*Found, error) {
	at, err := w.Find(arg)
	if err != nil {
		return nil, err
	}
	switch {
	case at.Dir != "":
		f, err := bundle.OpenDir(at.Dir, w.Bundle(at.Dir))
		return &Found{Fixture: f, Location: at}, err
	case at.Layout.Dir != "":
		l := registry.OpenLayout(at.Layout.Dir)
		root, err := l.Resolve(ctx, at.Layout.Tag)
		if err != nil {
			return nil, err
		}
		return w.open(ctx, &kept{w.cache, l}, root, at)
	}
	r, err := w.client.Resolve(ctx, at.Reference)
	if err != nil {
		return nil, err
	}
	f, err := w.open(ctx, w.client.Through(at.Reference), r.Descriptor, at)
	if err == nil {
		f.Remembered = r.Remembered
	}
	return f, err
}

func (w *Workspace) open(ctx context.Context, src content.Fetcher, root ocispec.Descriptor, at Location) (*Found, error) {
	f, err := bundle.Open(ctx, src, root, at.String(), w.Bundle(""))
	return &Found{Fixture: f, Location: at, Digest: root.Digest}, err
}

// Fixture opens a fixture with all its files, fetching what the cache lacks.
func (w *Workspace) Fixture(ctx context.Context, arg string) (*Found, error) {
	f, err := w.Look(ctx, arg)
	if err != nil {
		return nil, err
	}
	_, err = w.Fetch(ctx, f)
	return f, err
}

// Fetch brings the files of a fixture that was looked at into the cache. Those of a directory stay where they are.
func (w *Workspace) Fetch(ctx context.Context, f *Found) (registry.FetchReport, error) {
	switch {
	case f.Location.Dir != "":
		return registry.FetchReport{}, nil
	case f.Location.Layout.Dir != "": // it is read through the cache
		return registry.FetchReport{Reused: total(f.Layers())}, f.Verify(ctx)
	}
	return w.fetch(ctx, f, "", false)
}

// Reference is what the fixture was found under in a registry, with its digest; empty if it was found elsewhere.
func (f *Found) Reference() string {
	if f.Location.Reference.Repository == "" {
		return ""
	}
	return f.Location.Reference.WithDigest(f.Digest).String()
}

// kept reads the blobs of a layout through the cache, which verifies them once and then lets them be read at random.
type kept struct {
	cache *cache.Cache
	from  content.Fetcher
}

func (k *kept) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	_, err := k.cache.Store(ctx, desc, func(ctx context.Context, p *cache.Partial) error {
		r, err := k.from.Fetch(ctx, desc)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.CopyBuffer(p, r, make([]byte, 256<<10))
		return err
	})
	if err != nil {
		return nil, err
	}
	return k.cache.Fetch(ctx, desc)
}
