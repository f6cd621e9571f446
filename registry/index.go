package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/strictjson"
)

// index is an index.json whose entries are kept as they were spelled.
type index struct {
	members []strictjson.Member
	entries []json.RawMessage
}

func (l *Layout) readIndex() (*index, error) {
	data, err := readFile(filepath.Join(l.dir, ocispec.ImageIndexFile), maxIndex)
	if err != nil {
		return nil, err
	}
	x, err := parseIndex(data)
	if err != nil {
		return nil, &LayoutError{l.dir, ocispec.ImageIndexFile + ": " + err.Error()}
	}
	return x, nil
}

func parseIndex(data []byte) (*index, error) {
	members, err := strictjson.Object(data)
	if err != nil {
		return nil, err
	}
	x := &index{members: members}
	for _, m := range members {
		if m.Key == "manifests" && json.Unmarshal(m.Value, &x.entries) != nil {
			return nil, errors.New(`"manifests" is not a list`)
		}
	}
	return x, nil
}

// newIndex is an index without entries.
func newIndex() *index {
	return &index{members: []strictjson.Member{
		{Key: "schemaVersion", Value: json.RawMessage("2")},
		{Key: "mediaType", Value: json.RawMessage(`"` + ocispec.MediaTypeImageIndex + `"`)}}}
}

// put adds an entry, and takes out the one that has its tag or, if it has none, the same digest and no tag. It returns
// what the tag stood for.
func (x *index) put(entry ocispec.Descriptor) (previous digest.Digest, err error) {
	raw, err := json.Marshal(entry)
	if err != nil {
		return "", err
	}
	tag := entry.Annotations[ocispec.AnnotationRefName]
	x.entries = slices.DeleteFunc(x.entries, func(e json.RawMessage) bool {
		old, name := tagOf(e)
		if tag != "" && name == tag {
			previous = old.Digest
		}
		return name == tag && (tag != "" || old.Digest == entry.Digest)
	})
	x.entries = append(x.entries, raw)
	return previous, nil
}

// has reports whether there is an entry for a digest.
func (x *index) has(d digest.Digest) bool {
	return slices.ContainsFunc(x.entries, func(e json.RawMessage) bool {
		desc, _ := tagOf(e)
		return desc.Digest == d
	})
}

func (x *index) encode() ([]byte, error) {
	manifests, err := json.Marshal(x.entries)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for _, m := range x.members {
		if m.Key != "manifests" {
			key, _ := json.Marshal(m.Key)
			fmt.Fprintf(&b, "%s:%s,", key, m.Value)
		}
	}
	fmt.Fprintf(&b, `"manifests":%s}`, manifests)
	return b.Bytes(), nil
}

func tagOf(entry json.RawMessage) (ocispec.Descriptor, string) {
	var desc ocispec.Descriptor
	if json.Unmarshal(entry, &desc) != nil {
		return ocispec.Descriptor{}, ""
	}
	return desc, desc.Annotations[ocispec.AnnotationRefName]
}

// Resolve returns the image manifest that has a tag, or the only one if the tag is empty. Errors: an [*AbsentError], a
// [*LayoutError].
func (l *Layout) Resolve(ctx context.Context, tag string) (ocispec.Descriptor, error) {
	err := l.check()
	var x *index
	if err == nil {
		x, err = l.readIndex()
	}
	if errors.Is(err, fs.ErrNotExist) {
		return ocispec.Descriptor{}, &AbsentError{l.dir, "not an OCI layout"}
	} else if err != nil {
		return ocispec.Descriptor{}, err
	}
	var found []ocispec.Descriptor
	for _, e := range x.entries {
		if desc, name := tagOf(e); desc.Digest != "" && (tag == "" || name == tag) {
			found = append(found, ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size})
		}
	}
	found = distinct(found)
	if len(found) > 1 && tag == "" {
		found = l.principals(ctx, found, x)
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case tag != "":
		return ocispec.Descriptor{}, &AbsentError{l.dir, fmt.Sprintf("image manifests with the tag %q: %d", tag, len(found))}
	}
	return ocispec.Descriptor{}, &AbsentError{l.dir, fmt.Sprintf("%d image manifests, and no tag to choose one by", len(found))}
}

// principals leaves out what is only about another image manifest: signatures and the like. If nothing else is there,
// it returns what it was given.
func (l *Layout) principals(ctx context.Context, found []ocispec.Descriptor, x *index) []ocispec.Descriptor {
	lists := map[digest.Digest]bool{}
	for _, e := range x.entries {
		if desc, name := tagOf(e); strings.HasPrefix(name, referrersPrefix) {
			lists[desc.Digest] = true
		}
	}
	rest := slices.DeleteFunc(slices.Clone(found), func(desc ocispec.Descriptor) bool {
		if lists[desc.Digest] {
			return true
		}
		data, err := readManifest(ctx, l, desc)
		if err != nil {
			return false
		}
		d, err := parseDocument(desc, data)
		return err == nil && d.subject != ""
	})
	if len(rest) == 0 {
		return found
	}
	return rest
}

// indexPoll is how often the lock of the index is tried again.
const indexPoll = 10 * time.Millisecond

// tag puts an image manifest into the index, under a tag if there is one, and what refers to it. Other entries stay as
// they are.
func (l *Layout) tag(ctx context.Context, desc ocispec.Descriptor, tag string, referrers []*document) (previous digest.Digest, err error) {
	// This file is never replaced, so it can be locked.
	lock := flock.New(filepath.Join(l.dir, ocispec.ImageLayoutFile))
	if held, err := lock.TryLockContext(ctx, indexPoll); held {
		defer lock.Unlock()
	} else if ctx.Err() != nil {
		return "", context.Cause(ctx)
	} else if !errors.Is(err, errors.ErrUnsupported) {
		return "", err
	}
	x, err := l.readIndex()
	if errors.Is(err, fs.ErrNotExist) {
		x, err = newIndex(), nil
	}
	if err != nil {
		return "", err
	}
	for _, d := range referrers {
		if d.tag == "" && (d.subject == "" || x.has(d.desc.Digest)) {
			continue // part of an index that is listed, or listed itself
		}
		if _, err := x.put(named(d.desc, d.tag)); err != nil {
			return "", err
		}
	}
	previous, err = x.put(named(ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}, tag))
	if err != nil {
		return "", err
	}
	data, err := x.encode()
	if err != nil {
		return "", err
	}
	return previous, atomicfile.WriteFile(filepath.Join(l.dir, ocispec.ImageIndexFile), data, 0o644)
}

// named is a descriptor as it stands in an index.json under a tag, or without one.
func named(desc ocispec.Descriptor, tag string) ocispec.Descriptor {
	annotations := maps.Clone(desc.Annotations)
	delete(annotations, ocispec.AnnotationRefName)
	if tag != "" {
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[ocispec.AnnotationRefName] = tag
	}
	desc.Annotations = annotations
	return desc
}
