package workspace

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/registry"
)

// older finds older versions of the files of a bundle: in the cache, and in the directory that the fixture goes to. The
// bundles in the cache are looked through once, and only if a large file is about to be fetched; ctx is that of the
// whole fetch, since every file of it gets the result.
func (w *Workspace) older(ctx context.Context, f *Found, output string) registry.FindBase {
	versions := sync.OnceValue(func() []version { return w.versions(ctx, f) })
	return func(ctx context.Context, desc ocispec.Descriptor) (ocispec.Descriptor, *registry.Base) {
		blockMap, ok := f.BlockMap(desc.Digest)
		if !ok {
			return ocispec.Descriptor{}, nil
		}
		for _, v := range candidates(versions(), desc) {
			if r, err := w.cache.Fetch(ctx, v.layer); err == nil {
				return blockMap, &registry.Base{Data: r.(*os.File), Size: v.layer.Size, Map: v.blockMap}
			}
		}
		return blockMap, onDisk(output, desc)
	}
}

// version is a large file of a bundle that the cache knows.
type version struct {
	layer, blockMap ocispec.Descriptor
	repository      bool // of the bundle that is pulled
	used            time.Time
}

// versions lists the large files of all bundles that the cache knows.
func (w *Workspace) versions(ctx context.Context, f *Found) []version {
	refs, _ := w.cache.Refs()
	var list []version
	for _, r := range refs {
		b, err := bundle.Open(ctx, w.cache, r.Descriptor, r.Reference, bundle.Options{})
		if err != nil {
			continue
		}
		ref, err := registry.ParseReference(r.Reference)
		for _, l := range b.Layers() {
			if m, ok := b.BlockMap(l.Digest); ok {
				list = append(list, version{l, m, err == nil && ref.Name() == f.Location.Reference.Name(), r.Time})
			}
		}
	}
	return list
}

// candidates are the versions that a file may have most in common with, best first: those of its name, then the
// others of its repository that are nearest in size. Among them the repository's own and the latest come first.
func candidates(list []version, desc ocispec.Descriptor) []version {
	title := desc.Annotations[ocispec.AnnotationTitle]
	named := func(v version) bool { return v.layer.Annotations[ocispec.AnnotationTitle] == title }
	list = slices.DeleteFunc(slices.Clone(list), func(v version) bool {
		return v.layer.Digest == desc.Digest || !named(v) && !v.repository
	})
	away := func(v version) int64 { // from the size of the file
		if named(v) {
			return 0
		}
		return max(v.layer.Size-desc.Size, desc.Size-v.layer.Size)
	}
	slices.SortStableFunc(list, func(a, b version) int {
		return cmp.Or(first(named(a), named(b)), first(a.repository, b.repository), cmp.Compare(away(a), away(b)), b.used.Compare(a.used))
	})
	return list
}

// first orders what has a property before what has not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// onDisk opens the file that is to be replaced.
func onDisk(output string, desc ocispec.Descriptor) *registry.Base {
	title := desc.Annotations[ocispec.AnnotationTitle]
	if output == "" || !filepath.IsLocal(filepath.FromSlash(title)) {
		return nil
	}
	path := filepath.Join(output, filepath.FromSlash(title))
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil
	}
	return &registry.Base{Data: f, Size: info.Size()}
}
