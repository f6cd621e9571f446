package cache

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// looseGrace is how long a blob that no reference leads to is left alone: it may belong to a transfer that is under
// way in another process. abandoned is how long a
// transfer that was cut may be continued.
const (
	looseGrace = time.Hour
	abandoned  = 7 * 24 * time.Hour
)

// PruneOptions say what goes and what stays.
type PruneOptions struct {
	MaxAge  time.Duration // forget references that were last used longer ago; 0: of any age stay
	MaxSize int64         // then forget the least recently used until all takes at most so many bytes, templates first; 0: no limit

	// Keep says of a digest that it must stay, for image manifests with all that they are made of. It may be nil.
	Keep func(digest.Digest) bool

	DryRun bool // report only
}

// PruneReport tells what was removed, or would be.
type PruneReport struct {
	Forgotten []string // references
	Removed   []digest.Digest
	Templates int   // that were removed
	Bytes     int64 // of blobs and templates
	InUse     int   // blobs and templates left because another process holds their lock
}

// Prune removes blobs and templates that neither a remembered reference nor Keep needs, after forgetting references as
// the options say. It removes nothing that another process is fetching or making.
func (c *Cache) Prune(ctx context.Context, o PruneOptions) (PruneReport, error) {
	p, err := c.plan(ctx, o)
	if err != nil {
		return PruneReport{}, err
	}
	p.forgetOld(o.MaxAge)
	stale, left := p.stale(c.templates(), o)
	p.forgetLargest(o.MaxSize, left)
	report := PruneReport{Forgotten: p.forgotten}
	if !o.DryRun {
		for _, ref := range p.forgotten {
			if err := c.Forget(ref); err != nil {
				return report, err
			}
		}
	}
	for _, b := range p.garbage() {
		if err := context.Cause(ctx); err != nil {
			return report, err
		}
		unlock, ok := c.tryLock(b)
		if !ok {
			report.InUse++
			continue
		}
		if !o.DryRun {
			err = os.Remove(c.path(blobsDir, b.name))
			c.stampsOf(b.name).Forget(b.name)
		}
		unlock()
		if err != nil && !os.IsNotExist(err) {
			return report, err
		}
		report.Removed = append(report.Removed, b.digest())
		report.Bytes += b.size
	}
	for _, k := range stale {
		inUse := false
		if !o.DryRun {
			inUse, err = c.removeTemplate(k.name)
		}
		switch {
		case err != nil:
			return report, err
		case inUse:
			report.InUse++
		default:
			report.Templates++
			report.Bytes += k.bytes
		}
	}
	if !o.DryRun {
		c.sweep(quarantineDir, 0)
		c.sweep(partialDir, abandoned)
	}
	return report, nil
}

// sweep removes the files of a directory that were not touched for a while.
func (c *Cache) sweep(dir string, age time.Duration) {
	entries, _ := os.ReadDir(c.path(dir))
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) >= age {
			os.RemoveAll(c.path(dir, e.Name()))
		}
	}
}

// prunePlan is the state of a decision: which references lead to which blobs.
type prunePlan struct {
	blobs     []blob
	size      map[string]int64
	refs      []planned // least recently used first
	holds     map[string]int
	reached   map[string]bool // by any reference, also a forgotten one
	forgotten []string
}

type planned struct {
	Remembered
	members []ocispec.Descriptor
	keep    bool
}

func (c *Cache) plan(ctx context.Context, o PruneOptions) (*prunePlan, error) {
	p := &prunePlan{size: map[string]int64{}, holds: map[string]int{}, reached: map[string]bool{}}
	var err error
	if p.blobs, err = c.blobs(); err != nil {
		return nil, err
	}
	refs, err := c.Refs()
	if err != nil {
		return nil, err
	}
	for _, b := range p.blobs {
		p.size[b.name] = b.size
		if o.Keep == nil || !o.Keep(b.digest()) {
			continue
		}
		p.holds[b.name]++
		if b.size <= MaxImageManifest {
			members, err := c.members(ctx, ocispec.Descriptor{Digest: b.digest(), Size: -1})
			if err != nil {
				return nil, err
			}
			p.hold(members, 1)
		}
	}
	for _, r := range refs {
		members, err := c.members(ctx, r.Descriptor)
		if err != nil {
			return nil, err
		}
		p.refs = append(p.refs, planned{r, members, o.Keep != nil && o.Keep(r.Descriptor.Digest)})
		p.hold(members, 1)
	}
	slices.SortStableFunc(p.refs, func(a, b planned) int { return a.Time.Compare(b.Time) })
	return p, nil
}

func (p *prunePlan) hold(members []ocispec.Descriptor, n int) {
	for _, d := range members {
		p.holds[d.Digest.Encoded()] += n
		p.reached[d.Digest.Encoded()] = true
	}
}

func (p *prunePlan) forget(i int) {
	p.forgotten = append(p.forgotten, p.refs[i].Reference)
	p.hold(p.refs[i].members, -1)
	p.refs = slices.Delete(p.refs, i, i+1)
}

func (p *prunePlan) forgetOld(age time.Duration) {
	for i := 0; i < len(p.refs); {
		if age > 0 && !p.refs[i].keep && time.Since(p.refs[i].Time) > age {
			p.forget(i)
		} else {
			i++
		}
	}
}

// forgetLargest forgets references until the blobs, beside so many other bytes, have room.
func (p *prunePlan) forgetLargest(limit, others int64) {
	for i := 0; limit > 0 && i < len(p.refs) && p.held()+others > limit; {
		if p.refs[i].keep {
			i++
		} else {
			p.forget(i)
		}
	}
}

func (p *prunePlan) held() (bytes int64) {
	for name, n := range p.holds {
		if n > 0 {
			bytes += p.size[name]
		}
	}
	return bytes
}

func (p *prunePlan) garbage() []blob {
	return slices.DeleteFunc(slices.Clone(p.blobs), func(b blob) bool {
		fresh := !p.reached[b.name] && time.Since(b.modified) < looseGrace
		return p.holds[b.name] > 0 || fresh
	})
}
