package cache

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/strictjson"
)

// maxRefSize limits the file of a remembered reference; irisfix writes less than 1 KiB.
const maxRefSize = 64 << 10

// Remembered is the last answer to the question what a reference stands for.
type Remembered struct {
	Reference  string
	Descriptor ocispec.Descriptor // media type, digest and size of the image manifest
	Time       time.Time          // of the answer, or of its last use
}

// refFile is the form of a Remembered on disk.
type refFile struct {
	Reference string        `json:"reference"`
	Digest    digest.Digest `json:"digest"`
	Size      int64         `json:"size"`
	MediaType string        `json:"mediaType"`
	Time      time.Time     `json:"time"`
}

// rememberAgain is how old an unchanged answer may be before it is written anew.
const rememberAgain = time.Hour

// Remember keeps what a reference stands for now. The time that is kept with it may be up to an hour too old.
func (c *Cache) Remember(reference string, desc ocispec.Descriptor) error {
	if _, err := hexOf(desc.Digest); err != nil {
		return err
	}
	if r, err := c.Recall(reference); err == nil && r.Descriptor.Digest == desc.Digest && r.Descriptor.Size == desc.Size &&
		r.Descriptor.MediaType == desc.MediaType && time.Since(r.Time).Abs() < rememberAgain {
		return nil
	}
	data, err := json.Marshal(refFile{reference, desc.Digest, desc.Size, desc.MediaType, time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return c.made(func() error {
		return writeFile(c.path(refsDir, escape(reference)), append(data, '\n'))
	})
}

// Recall returns what was remembered of a reference; errdef.ErrNotFound if there is nothing, or nothing that can be
// read.
func (c *Cache) Recall(reference string) (Remembered, error) {
	r, err := c.readRef(escape(reference))
	if err == nil && r.Reference != reference {
		err = errdef.ErrNotFound
	}
	if err != nil {
		return Remembered{}, fmt.Errorf("%s: not remembered: %w", reference, err)
	}
	return r, nil
}

// Forget drops what was remembered of a reference.
func (c *Cache) Forget(reference string) error {
	err := os.Remove(c.path(refsDir, escape(reference)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Refs returns everything that is remembered, by reference. Files that cannot be read are left out.
func (c *Cache) Refs() ([]Remembered, error) {
	if c.unusable != nil {
		return nil, c.unusable
	}
	entries, err := os.ReadDir(c.path(refsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var refs []Remembered
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), atomicfile.TempPrefix) {
			continue
		}
		if r, err := c.readRef(e.Name()); err == nil && escape(r.Reference) == e.Name() {
			refs = append(refs, r)
		}
	}
	slices.SortFunc(refs, func(a, b Remembered) int { return cmp.Compare(a.Reference, b.Reference) })
	return refs, nil
}

func (c *Cache) readRef(file string) (Remembered, error) {
	data, err := readLimited(c.path(refsDir, file), maxRefSize)
	if err != nil {
		return Remembered{}, errdef.ErrNotFound
	}
	return parseRef(data)
}

func parseRef(data []byte) (Remembered, error) {
	var f refFile
	if strictjson.Decode(data, &f) != nil || f.Size < 0 {
		return Remembered{}, errdef.ErrNotFound
	}
	if _, err := hexOf(f.Digest); err != nil {
		return Remembered{}, errdef.ErrNotFound
	}
	desc := ocispec.Descriptor{MediaType: f.MediaType, Digest: f.Digest, Size: f.Size}
	return Remembered{f.Reference, desc, f.Time}, nil
}

// escape makes a file name of a reference. Everything but lower-case letters, digits, dot, dash and underscore is
// percent-encoded in lower case, so that tags that differ only in case stay apart on every file system. A name that
// would be too long ends in the reference's hash.
func escape(reference string) string {
	var b strings.Builder
	for _, ch := range []byte(reference) {
		if ch >= 'a' && ch <= 'z' || ch >= '0' && ch <= '9' || strings.IndexByte("-_.", ch) >= 0 && b.Len() > 0 {
			b.WriteByte(ch)
		} else {
			fmt.Fprintf(&b, "%%%02x", ch)
		}
	}
	if b.Len() <= 200 { // file systems allow 255 bytes, some encrypted ones less
		return b.String()
	}
	sum := sha256.Sum256([]byte(reference))
	return b.String()[:120] + "~" + hex.EncodeToString(sum[:])
}
