package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/parallel"
)

// blob is one file under blobs/.
type blob struct {
	name     string // hex digits
	size     int64
	modified time.Time
}

func (b blob) digest() digest.Digest { return digest.NewDigestFromEncoded(digest.SHA256, b.name) }

func (c *Cache) blobs() ([]blob, error) {
	if c.unusable != nil {
		return nil, c.unusable
	}
	entries, err := os.ReadDir(c.path(blobsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var blobs []blob
	for _, e := range entries {
		if digest.NewDigestFromEncoded(digest.SHA256, e.Name()).Validate() != nil {
			continue
		}
		if info, err := e.Info(); err == nil {
			blobs = append(blobs, blob{e.Name(), info.Size(), info.ModTime()})
		}
	}
	return blobs, nil
}

// VerifyReport is what [Cache.Verify] found.
type VerifyReport struct {
	Checked int
	Bytes   int64
	Damaged []*DamagedError // now in quarantine

	Templates int // that were damaged and are removed
}

// Verify reads every blob and template in full, whatever is remembered of it. Damaged blobs are put into quarantine and reported
// as they are found, damaged templates removed; they are no error. each, if not nil, is called after each blob, from several goroutines.
func (c *Cache) Verify(ctx context.Context, each func(d digest.Digest, size int64)) (VerifyReport, error) {
	blobs, err := c.blobs()
	if err != nil {
		return VerifyReport{}, err
	}
	var mu sync.Mutex
	var report VerifyReport
	err = parallel.ForEach(ctx, runtime.GOMAXPROCS(0), len(blobs), func(ctx context.Context, i int) error {
		b := blobs[i]
		f, err := c.open(ctx, ocispec.Descriptor{Digest: b.digest(), Size: -1}, true)
		var damage *DamagedError
		switch {
		case errors.As(err, &damage):
		case errors.Is(err, errdef.ErrNotFound): // removed since it was listed
			return nil
		case err != nil:
			return err
		default:
			f.Close()
		}
		mu.Lock()
		report.Checked++
		report.Bytes += b.size
		if damage != nil {
			report.Damaged = append(report.Damaged, damage)
		}
		mu.Unlock()
		if each != nil {
			each(b.digest(), b.size)
		}
		return nil
	})
	if err == nil {
		err = c.verifyTemplates(ctx, &report)
	}
	return report, err
}

// BundleUsage is what one remembered reference holds in the cache.
type BundleUsage struct {
	Remembered
	Blobs    int   // in the cache, each digest counted once
	Bytes    int64 // of those
	Shared   int64 // of Bytes, those that another remembered bundle holds too
	Complete bool  // nothing is missing
}

// Usage is what the cache holds.
type Usage struct {
	Bundles []BundleUsage // by reference
	Blobs   int
	Bytes   int64 // of all blobs
	Loose   int64 // of Bytes, those that belong to no remembered bundle

	Unfinished int64 // bytes of downloads that are under way or were cut, not in Bytes

	Templates     int   // that are kept
	TemplateBytes int64 // of those, not in Bytes
}

// Usage tells what is on disk. It trusts names and does not read layers.
func (c *Cache) Usage(ctx context.Context) (Usage, error) {
	blobs, err := c.blobs()
	if err != nil {
		return Usage{}, err
	}
	refs, err := c.Refs()
	if err != nil {
		return Usage{}, err
	}
	u := Usage{Blobs: len(blobs), Unfinished: c.unfinished()}
	for _, k := range c.templates() {
		u.Templates++
		u.TemplateBytes += k.bytes
	}
	size, holders := map[string]int64{}, map[string]map[digest.Digest]bool{}
	for _, b := range blobs {
		u.Bytes += b.size
		size[b.name], holders[b.name] = b.size, map[digest.Digest]bool{}
	}
	members := make([][]ocispec.Descriptor, len(refs))
	for i, r := range refs {
		if members[i], err = c.members(ctx, r.Descriptor); err != nil {
			return Usage{}, err
		}
		for _, d := range members[i] {
			if h := holders[d.Digest.Encoded()]; h != nil {
				h[r.Descriptor.Digest] = true
			}
		}
	}
	for i, r := range refs {
		b := BundleUsage{Remembered: r, Complete: members[i] != nil}
		for _, d := range members[i] {
			n, there := size[d.Digest.Encoded()]
			if !there {
				b.Complete = false
				continue
			}
			b.Blobs++
			b.Bytes += n
			if len(holders[d.Digest.Encoded()]) > 1 {
				b.Shared += n
			}
		}
		u.Bundles = append(u.Bundles, b)
	}
	for name, h := range holders {
		if len(h) == 0 {
			u.Loose += size[name]
		}
	}
	return u, nil
}
