package cache

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Unfinished is what an interrupted transfer has left of a blob.
type Unfinished struct{ have spans }

// Unfinished tells what is there of a blob that is not in the cache yet. It changes nothing.
func (c *Cache) Unfinished(desc ocispec.Descriptor) Unfinished {
	var u Unfinished
	name, err := hexOf(desc.Digest)
	if err != nil {
		return u
	}
	path := c.path(partialDir, name)
	if info, err := os.Lstat(path); err != nil || info.Size() != desc.Size || !info.Mode().IsRegular() {
		return u
	}
	if f, err := os.Open(path + journalSuffix); err == nil {
		defer f.Close()
		u.have, _ = readJournal(f, desc.Size)
	}
	return u
}

// Gaps are the parts of a span that are not there.
func (u Unfinished) Gaps(s Span) []Span { return u.have.within(s) }

// unfinished is the number of bytes that all interrupted transfers have left.
func (c *Cache) unfinished() (n int64) {
	journals, _ := filepath.Glob(c.path(partialDir, "*"+journalSuffix))
	for _, path := range journals {
		name := strings.TrimSuffix(filepath.Base(path), journalSuffix)
		info, err := os.Lstat(c.path(partialDir, name))
		if err != nil {
			continue
		}
		for _, s := range c.Unfinished(ocispec.Descriptor{Digest: digest.NewDigestFromEncoded(digest.SHA256, name), Size: info.Size()}).have {
			n += s.Len()
		}
	}
	return n
}
