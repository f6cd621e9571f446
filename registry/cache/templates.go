package cache

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
)

// kept is what the cache keeps of a template.
type kept struct {
	name  string
	of    []digest.Digest // nil: nobody knows, so it is of no use
	bytes int64
	used  time.Time // last, within an hour
}

// templates lists what is kept, the least recently used first. What was not written down, or not in full, is among it.
func (c *Cache) templates() (list []kept) {
	entries, _ := os.ReadDir(c.path(templatesDir))
	byName := map[string]*kept{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue
		}
		name, _ := strings.CutSuffix(e.Name(), templateSuffix)
		k := byName[name]
		if k == nil {
			k = &kept{name: name}
			byName[name] = k
		}
		k.bytes += info.Size()
		if info.ModTime().After(k.used) {
			k.used = info.ModTime()
		}
	}
	for _, k := range byName {
		if is, err := c.readTemplate(k.name); err == nil {
			k.of = is.Of
		}
		list = append(list, *k)
	}
	slices.SortFunc(list, func(a, b kept) int { return a.used.Compare(b.used) })
	return list
}

// remove removes what is kept of a template, unless another process makes it now.
func (c *Cache) removeTemplate(name string) (inUse bool, err error) {
	unlock, ok := c.tryLockFile(name, false)
	if !ok {
		return true, nil
	}
	defer unlock()
	c.stampsOf(name).Forget(name)
	for _, file := range []string{name + templateSuffix, name} { // what is not written down is no template
		if err := os.Remove(c.path(templatesDir, file)); err != nil && !os.IsNotExist(err) {
			return false, err
		}
	}
	return false, nil
}

// stale chooses the templates to be removed: those that were not used for as long as the options say, those of image
// manifests that nothing needs any more, and of the others the least recently used until everything that stays, with the
// blobs, has room. One that was used within the last hour stays: tests may be running.
func (p *prunePlan) stale(list []kept, o PruneOptions) (stale []kept, left int64) {
	var stay []kept
	for _, k := range list {
		age := time.Since(k.used)
		switch {
		case age < looseGrace:
			stay = append(stay, k)
		case o.MaxAge > 0 && age > o.MaxAge || !p.needs(k.of, o.Keep):
			stale = append(stale, k)
			continue
		default:
			stay = append(stay, k)
		}
		left += k.bytes
	}
	for _, k := range stay {
		if o.MaxSize > 0 && p.held()+left > o.MaxSize && time.Since(k.used) >= looseGrace {
			stale, left = append(stale, k), left-k.bytes
		}
	}
	return stale, left
}

// needs reports that each of these image manifests is remembered or to be kept.
func (p *prunePlan) needs(of []digest.Digest, keep func(digest.Digest) bool) bool {
	for _, d := range of {
		remembered := slices.ContainsFunc(p.refs, func(r planned) bool { return r.Descriptor.Digest == d })
		if !remembered && (keep == nil || !keep(d)) {
			return false
		}
	}
	return len(of) > 0
}

// verifyTemplates reads all templates in full. Damaged ones are removed: they are made anew when they are wanted.
func (c *Cache) verifyTemplates(ctx context.Context, report *VerifyReport) error {
	for _, k := range c.templates() {
		is, err := c.readTemplate(k.name)
		if err != nil {
			continue // being made, or for pruning
		}
		c.stampsOf(k.name).Forget(k.name)
		f, err := c.openTemplate(ctx, Template{is.Kind, is.Of})
		if err != nil {
			return err
		}
		report.Checked++
		report.Bytes += k.bytes
		if f != nil {
			f.Close()
			continue
		}
		if inUse, err := c.removeTemplate(k.name); err != nil {
			return err
		} else if !inUse {
			report.Templates++
		}
	}
	return nil
}
