package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
)

// Entry is a fixture in a list.
type Entry struct {
	Name        string // of the directory, the tag or the fixture
	Path        string // of a directory
	Reference   string
	Digest      digest.Digest
	Version     string
	Tables      int
	Rows, Bytes int64
	Shared      int64 // bytes in the cache that other fixtures have too
	Complete    bool  // in the cache: all files are there
	Description string
	Err         error // why the rest is not known
}

func (e *Entry) fill(m *bundle.Manifest) {
	e.Version, e.Tables, e.Rows, e.Description = m.Version, len(m.Tables), m.Rows(), m.Description
}

// NoDirectoryError reports a directory to be listed that does not exist.
type NoDirectoryError struct{ Dir string }

func (e *NoDirectoryError) Error() string { return e.Dir + ": no such directory" }

// ListDir lists the fixtures in a directory: its subdirectories that have a manifest, and itself if it has one. What is
// wrong with one of them is in its entry.
func (w *Workspace) ListDir(ctx context.Context, dir string) ([]Entry, error) {
	dir = w.expand(dir)
	items, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoDirectoryError{dir}
	} else if err != nil {
		return nil, err
	}
	candidates := []string{dir}
	for _, item := range items {
		candidates = append(candidates, filepath.Join(dir, item.Name()))
	}
	var list []Entry
	for _, path := range candidates {
		if _, err := os.Stat(filepath.Join(path, "manifest.json")); err != nil {
			continue
		}
		list = append(list, w.dirEntry(ctx, path))
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (w *Workspace) dirEntry(ctx context.Context, path string) (e Entry) {
	e = Entry{Name: filepath.Base(path), Path: path}
	f, err := bundle.OpenDir(path, w.Bundle(path))
	if err != nil {
		e.Err = err
		return e
	}
	defer f.Close()
	e.Name = f.Manifest.FixtureID
	e.fill(f.Manifest)
	b, err := bundle.Pack(ctx, f)
	if err != nil {
		e.Err = err
		return e
	}
	e.Digest = b.Descriptor.Digest
	e.Bytes = Size(b)
	return e
}

// Size is the bytes of the files of a bundle.
func Size(b *bundle.Bundle) (n int64) {
	for _, l := range b.Image.Layers {
		if l.MediaType == bundle.MediaDAT {
			n += l.Size
		}
	}
	return n
}

// ListTags lists the tags of a repository with what their bundles say of themselves. A tag that stands for something
// else has an error in its entry.
func (w *Workspace) ListTags(ctx context.Context, reference string) ([]Entry, error) {
	repository, err := registry.ParseReference(reference)
	if err != nil {
		return nil, err
	}
	if w.opts.Registry.Offline {
		return nil, &registry.OfflineError{Subject: repository.Name()}
	}
	tags, err := w.client.Tags(ctx, repository)
	if err != nil {
		return nil, err
	}
	tags = slices.DeleteFunc(tags, func(t string) bool { return repository.Tag != "" && t != repository.Tag })
	list := make([]Entry, len(tags))
	err = parallel.ForEach(ctx, w.opts.Workers, len(tags), func(ctx context.Context, i int) error {
		list[i] = w.tagEntry(ctx, repository, tags[i])
		return context.Cause(ctx)
	})
	return list, err
}

func (w *Workspace) tagEntry(ctx context.Context, repository registry.Reference, tag string) (e Entry) {
	e.Name = tag
	ref, err := repository.WithDigest("").WithTag(tag)
	if err != nil {
		e.Err = err
		return e
	}
	e.Reference = ref.String()
	r, err := w.client.Resolve(ctx, ref)
	if err != nil {
		e.Err = err
		return e
	}
	e.Digest = r.Descriptor.Digest
	f, err := bundle.Open(ctx, w.client.Through(ref), r.Descriptor, ref.String(), w.Bundle(""))
	if err != nil {
		e.Err = err
		return e
	}
	e.fill(f.Manifest)
	e.Bytes = total(f.Layers())
	return e
}

// ListCache lists the bundles in the cache with the bytes that they take there.
func (w *Workspace) ListCache(ctx context.Context) ([]Entry, cache.Usage, error) {
	usage, err := w.cache.Usage(ctx)
	if err != nil {
		return nil, usage, err
	}
	var list []Entry
	for _, u := range usage.Bundles {
		e := Entry{Name: u.Reference, Reference: u.Reference, Digest: u.Descriptor.Digest, Bytes: u.Bytes, Shared: u.Shared}
		f, err := bundle.Open(ctx, w.cache, u.Descriptor, u.Reference, w.Bundle(""))
		if e.Err = err; err == nil {
			e.Name = f.Manifest.FixtureID
			e.fill(f.Manifest)
			e.Complete = w.complete(ctx, f)
		}
		list = append(list, e)
	}
	return list, usage, nil
}

// complete reports whether all files of a bundle are in the cache.
func (w *Workspace) complete(ctx context.Context, f *bundle.Fixture) bool {
	for _, l := range f.Layers() {
		if there, err := w.cache.Exists(ctx, l); err != nil || !there {
			return false
		}
	}
	return true
}

// Prune removes from the cache what no lock file that uses it needs, as the options say.
func (w *Workspace) Prune(ctx context.Context, o cache.PruneOptions) (cache.PruneReport, error) {
	needed, err := w.pinnedDigests()
	if err != nil {
		return cache.PruneReport{}, err
	}
	o.Keep = func(d digest.Digest) bool { return needed[d] }
	return w.cache.Prune(ctx, o)
}
