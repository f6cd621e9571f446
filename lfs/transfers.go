package lfs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
)

// perPush is how many objects an agent puts under one tag. With each of them the image manifest is sent anew.
const perPush = 100

// ArchiveTransfers serves Git LFS from an archive. It is the [Transfers] of the real agent.
type ArchiveTransfers struct {
	Archive Archive
	Cache   *cache.Cache
	Store   Store

	pushed []Object // under the present tag
	tag    string
}

// Download brings an object into the cache and copies it into the directory for temporary files of Git LFS. A transfer
// that was cut goes on where it stood. Errors are those of [registry.Client.FetchAll].
func (t *ArchiveTransfers) Download(ctx context.Context, o Object) (string, error) {
	desc := o.descriptor()
	if _, err := t.Archive.Client.FetchAll(ctx, t.Archive.At, []ocispec.Descriptor{desc}, nil); err != nil {
		return "", err
	}
	if err := os.MkdirAll(t.Store.Temp, 0o755); err != nil {
		return "", err
	}
	// git-lfs clears up files of such names when it has the object (git-lfs fs/cleanup.go).
	target := filepath.Join(t.Store.Temp, fmt.Sprintf("%s-irisfix-%s", desc.Digest.Encoded(), random()))
	return target, t.Cache.Place(ctx, desc, target, time.Time{})
}

// Upload brings an object to the archive. When it returns, an image manifest names the object: what nobody names may be
// removed, and git-lfs does not listen to an agent that is to end. The errors are those of [registry.Client.Push].
func (t *ArchiveTransfers) Upload(ctx context.Context, o Object) error {
	if t.tag == "" || len(t.pushed) >= perPush {
		t.tag, t.pushed = pushPrefix+random(), nil
	}
	at, err := t.Archive.At.WithTag(t.tag)
	if err != nil {
		return err
	}
	how, err := t.Archive.Client.PushBlobs(ctx, t.Archive.At, []ocispec.Descriptor{o.descriptor()}, uploaded(o.Path), nil)
	if err != nil {
		return err
	}
	objects := distinct(append(t.pushed, o))
	for _, old := range t.pushed {
		how[old.Digest] = registry.Reused
	}
	set := newSet(objects)
	if _, err := t.Archive.Client.Push(ctx, at, set, set.root, registry.PushOptions{Brought: how, Unremembered: true}); err != nil {
		return err
	}
	t.pushed = objects
	return nil
}

// uploaded opens the file that git-lfs names.
type uploaded string

func (u uploaded) Fetch(context.Context, ocispec.Descriptor) (io.ReadCloser, error) {
	return os.Open(string(u))
}

// random is a text that nobody else has.
func random() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
