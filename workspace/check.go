package workspace

import (
	"context"
	"errors"
	"slices"

	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/registry"
)

// MovedError reports pins whose tag stands for something else now.
type MovedError struct{ Pins []Pinned }

func (e *MovedError) Error() string { return "tags have moved" }

// CheckPins asks the registries what the tags of all pins, or of the given names, stand for now. If one has moved or
// is gone, the error is a [*MovedError] with those, and the result has all, by name. A name that is not pinned is a
// [*NotFoundError].
func (w *Workspace) CheckPins(ctx context.Context, names ...string) ([]Pinned, error) {
	pins, err := w.somePins()
	if err == nil {
		pins, err = among(pins, names)
	}
	if err != nil {
		return nil, err
	}
	width := w.opts.Workers
	if w.opts.Registry.Offline {
		width = 1 // of several that nobody can be asked about, the first is named
	}
	all := make([]Pinned, len(pins))
	err = parallel.ForEach(ctx, width, len(pins), func(ctx context.Context, i int) (err error) {
		all[i], err = w.checkPin(ctx, pins[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	moved := slices.DeleteFunc(slices.Clone(all), func(p Pinned) bool { return !p.Changed })
	if len(moved) > 0 {
		return all, &MovedError{moved}
	}
	return all, nil
}

// among are the pins of these names, or all if there are no names.
func among(pins []Pin, names []string) ([]Pin, error) {
	if len(names) == 0 {
		return pins, nil
	}
	var have []string
	for _, p := range pins {
		have = append(have, p.Name)
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return nil, notFound(name, have)
		}
	}
	return slices.DeleteFunc(pins, func(p Pin) bool { return !slices.Contains(names, p.Name) }), nil
}

// checkPin asks what the tag of one pin stands for now. A pin without a tag stands for what it always did.
func (w *Workspace) checkPin(ctx context.Context, pin Pin) (Pinned, error) {
	was := pin.Reference.Digest
	p := Pinned{Name: pin.Name, Reference: pin.Reference.String(), Digest: was, Previous: was}
	if pin.Reference.Tag == "" {
		return p, nil
	}
	r, err := w.now(ctx, pin.Reference.WithDigest(""))
	switch {
	case errors.Is(err, registry.ErrOffline) || err != nil && !errors.Is(err, errdef.ErrNotFound):
		return p, err
	case err != nil:
		p.Digest = "" // the tag is gone
	default:
		p.Digest = r.Descriptor.Digest
	}
	p.Changed = p.Digest != was
	return p, nil
}
