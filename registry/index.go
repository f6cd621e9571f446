package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
	members, err := strictjson.Object(data)
	if err != nil {
		return nil, &LayoutError{l.dir, ocispec.ImageIndexFile + ": " + err.Error()}
	}
	x := &index{members: members}
	for _, m := range members {
		if m.Key == "manifests" && json.Unmarshal(m.Value, &x.entries) != nil {
			return nil, &LayoutError{l.dir, ocispec.ImageIndexFile + `: "manifests" is not a list`}
		}
	}
	return x, nil
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
func (l *Layout) Resolve(_ context.Context, tag string) (ocispec.Descriptor, error) {
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
	switch {
	case len(found) == 1:
		return found[0], nil
	case tag != "":
		return ocispec.Descriptor{}, &AbsentError{l.dir, fmt.Sprintf("image manifests with the tag %q: %d", tag, len(found))}
	}
	return ocispec.Descriptor{}, &AbsentError{l.dir, fmt.Sprintf("%d image manifests, and no tag to choose one by", len(found))}
}

// indexPoll is how often the lock of the index is tried again.
const indexPoll = 10 * time.Millisecond

// tag puts an image manifest into the index, under a tag if there is one. Other entries stay as they are.
func (l *Layout) tag(ctx context.Context, desc ocispec.Descriptor, tag string) (previous digest.Digest, err error) {
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
		x, err = &index{members: []strictjson.Member{
			{Key: "schemaVersion", Value: json.RawMessage("2")},
			{Key: "mediaType", Value: json.RawMessage(`"` + ocispec.MediaTypeImageIndex + `"`)}}}, nil
	}
	if err != nil {
		return "", err
	}
	x.entries = slices.DeleteFunc(x.entries, func(e json.RawMessage) bool {
		old, name := tagOf(e)
		if tag != "" && name == tag {
			previous = old.Digest
		}
		return name == tag && (tag != "" || old.Digest == desc.Digest)
	})
	entry := ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
	if tag != "" {
		entry.Annotations = map[string]string{ocispec.AnnotationRefName: tag}
	}
	return previous, l.writeIndex(x, entry)
}

func (l *Layout) writeIndex(x *index, entry ocispec.Descriptor) error {
	raw, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	manifests, err := json.Marshal(append(x.entries, raw))
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteByte('{')
	for _, m := range x.members {
		if m.Key != "manifests" {
			key, _ := json.Marshal(m.Key)
			fmt.Fprintf(&b, "%s:%s,", key, m.Value)
		}
	}
	fmt.Fprintf(&b, `"manifests":%s}`, manifests)
	return atomicfile.WriteFile(filepath.Join(l.dir, ocispec.ImageIndexFile), []byte(b.String()), 0o644)
}
