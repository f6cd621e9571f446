package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/lockfile"
)

// Pinned is what happened to a pin.
type Pinned struct {
	Name      string
	Reference string // with the digest; empty if it was removed
	Digest    digest.Digest
	Previous  digest.Digest // before; empty if it was new
	Changed   bool
}

// FrozenError reports an attempt to change the lock file of a frozen workspace.
type FrozenError struct{ Name string }

func (e *FrozenError) Error() string { return e.Name + ": the lock file is frozen" }

// Pin pins a name to what a reference stands for now. Without a reference the tag of the present pin is looked up
// again. What is pinned was seen to be a fixture.
func (w *Workspace) Pin(ctx context.Context, name, reference string) (*Pinned, error) {
	if w.opts.Frozen {
		return nil, &FrozenError{name}
	}
	ref, err := w.toPin(name, reference)
	if err != nil {
		return nil, err
	}
	r, err := w.now(ctx, ref)
	if err != nil {
		return nil, err
	}
	if _, err := bundle.Open(ctx, w.client.Through(ref), r.Descriptor, ref.String(), w.Bundle("")); err != nil {
		return nil, err
	}
	return w.write(ctx, name, ref.WithDigest(r.Descriptor.Digest))
}

// PinTo pins a name to a fixture that was seen to be at ref, which has a digest. Errors are those of [Workspace.Pin] and
// of the lock file.
func (w *Workspace) PinTo(ctx context.Context, name string, ref registry.Reference) (*Pinned, error) {
	if w.opts.Frozen {
		return nil, &FrozenError{name}
	}
	return w.write(ctx, name, ref)
}

// now is what a reference stands for at this moment. What the cache remembers of a tag is no answer here.
func (w *Workspace) now(ctx context.Context, ref registry.Reference) (registry.Resolution, error) {
	r, err := w.client.Resolve(ctx, ref)
	if err == nil && !r.Remembered.IsZero() {
		err = &registry.OfflineError{Subject: ref.String()}
	}
	return r, err
}

// toPin is the reference to be looked up.
func (w *Workspace) toPin(name, reference string) (registry.Reference, error) {
	if !bundle.ValidName(name) {
		return registry.Reference{}, &ArgumentError{name, "not a name: letters, digits, dot, underscore and hyphen, at most 128"}
	}
	if reference != "" {
		return registry.ParseReference(reference)
	}
	f, path, err := w.lock()
	if err != nil {
		return registry.Reference{}, err
	}
	text, err := pinned(f, name)
	if err != nil {
		return registry.Reference{}, err
	}
	ref, err := parsePin(path, name, text)
	if err == nil && ref.Tag != "" {
		ref = ref.WithDigest("")
	}
	return ref, err
}

// pinned is the reference that a name stands for in the lock file; the error is a [*NotFoundError].
func pinned(f *lockfile.File, name string) (string, error) {
	if text, ok := f.Reference(name); ok {
		return text, nil
	}
	return "", notFound(name, f.Names())
}

// write puts a pin into the lock file.
func (w *Workspace) write(ctx context.Context, name string, ref registry.Reference) (*Pinned, error) {
	path, err := w.lockPath()
	if err != nil {
		return nil, err
	}
	p := &Pinned{Name: name, Reference: ref.String(), Digest: ref.Digest}
	err = lockfile.Update(ctx, path, func(f *lockfile.File) error {
		if was, ok := f.Reference(name); ok {
			if old, err := registry.ParseReference(was); err == nil {
				p.Previous = old.Digest
			}
			p.Changed = was != ref.String()
		} else {
			p.Changed = true
		}
		return f.Set(name, ref.String())
	})
	if err == nil {
		_ = w.cache.Register(path)
	}
	return p, err
}

// Unpin removes a pin.
func (w *Workspace) Unpin(ctx context.Context, name string) (*Pinned, error) {
	if w.opts.Frozen {
		return nil, &FrozenError{name}
	}
	f, path, err := w.lock()
	if err != nil {
		return nil, err
	}
	if _, err := pinned(f, name); err != nil {
		return nil, err
	}
	p := &Pinned{Name: name, Changed: true}
	return p, lockfile.Update(ctx, path, func(f *lockfile.File) error {
		was, _ := f.Reference(name)
		if old, err := registry.ParseReference(was); err == nil {
			p.Previous = old.Digest
		}
		f.Remove(name)
		return nil
	})
}

// CacheKey is a stable text that changes exactly when the pinned digests do, for the key of a CI cache.
func (w *Workspace) CacheKey() (string, error) {
	pins, err := w.somePins()
	if err != nil {
		return "", err
	}
	var digests []string
	for _, p := range pins {
		digests = append(digests, p.Reference.Digest.Encoded())
	}
	slices.Sort(digests)
	h := sha256.New()
	for _, d := range slices.Compact(digests) {
		h.Write([]byte(d + "\n"))
	}
	return "irisfix-v1-" + hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// Pinned digests of every lock file that uses the cache, so that pruning leaves them.
func (w *Workspace) pinnedDigests() (map[digest.Digest]bool, error) {
	paths, err := w.cache.LockFiles()
	if err != nil {
		return nil, err
	}
	if _, path, err := w.lock(); err == nil && path != "" {
		paths = append(paths, path)
	}
	needed := map[digest.Digest]bool{}
	for _, path := range paths {
		f, err := lockfile.Load(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil { // what it needs cannot be told, so nothing can be removed
			return nil, err
		}
		for _, name := range f.Names() {
			text, _ := f.Reference(name)
			if ref, err := registry.ParseReference(text); err == nil {
				needed[ref.Digest] = true
			}
		}
	}
	return needed, nil
}
