package server

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

// manifest is what was pushed, byte for byte, with the media type that it was pushed as.
type manifest struct {
	mediaType string
	body      []byte
}

func (s *store) manifestFile(name string, d digest.Digest) string {
	return byDigest(d, s.repository(name), "manifests")
}

func (s *store) tagFile(name, tag string) string {
	return filepath.Join(s.repository(name), "tags", fileOfTag(tag))
}

func (s *store) manifest(name string, d digest.Digest) (manifest, error) {
	path := s.manifestFile(name, d)
	data, err := os.ReadFile(path)
	if err != nil {
		return manifest{}, err
	}
	mediaType, body, _ := bytes.Cut(data, []byte("\n"))
	if d.Algorithm().FromBytes(body) != d {
		return manifest{}, &DamagedError{path}
	}
	return manifest{string(mediaType), body}, nil
}

// putManifest stores a manifest and then its tags. The blobs that it names are on stable storage already.
func (s *store) putManifest(name string, d digest.Digest, m manifest, tags []string) error {
	s.manifests.RLock()
	defer s.manifests.RUnlock()
	if old, err := s.manifest(name, d); err != nil || old.mediaType != m.mediaType {
		if err := writeFile(s.manifestFile(name, d), m.mediaType+"\n"+string(m.body)); err != nil {
			return err
		}
	}
	for _, tag := range tags {
		if err := writeFile(s.tagFile(name, tag), d.String()+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path, content string) error {
	if err := makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	return atomicfile.WriteFile(path, []byte(content), 0o644)
}

// deleteManifest removes a manifest, and before it every tag that names it.
func (s *store) deleteManifest(name string, d digest.Digest) error {
	s.manifests.Lock()
	defer s.manifests.Unlock()
	if _, err := os.Stat(s.manifestFile(name, d)); err != nil {
		return err
	}
	tags, err := s.tags(name)
	if err != nil {
		return err
	}
	for _, tag := range tags {
		if named, err := s.tag(name, tag); err != nil || named != d {
			continue
		}
		if err := removeFile(s.tagFile(name, tag)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return removeFile(s.manifestFile(name, d))
}

// tag returns the digest that a tag names.
func (s *store) tag(name, tag string) (digest.Digest, error) {
	data, err := os.ReadFile(s.tagFile(name, tag))
	if err != nil {
		return "", err
	}
	d, err := digest.Parse(strings.TrimSuffix(string(data), "\n"))
	if err != nil {
		return "", &DamagedError{s.tagFile(name, tag)}
	}
	return d, nil
}

func (s *store) tags(name string) ([]string, error) {
	if _, err := os.Stat(s.repository(name)); err != nil {
		return nil, err
	}
	return list(filepath.Join(s.repository(name), "tags"), tagOfFile)
}

// Tags are files with a capital written as '!' and the small letter, since "V1" and "v1" are one file on some systems,
// and with an ending, since Windows drops a dot at the end.
const tagEnding = ".tag"

var capitals, smalls = func() (*strings.Replacer, *strings.Replacer) {
	var to, from []string
	for c := 'A'; c <= 'Z'; c++ {
		small := "!" + strings.ToLower(string(c))
		to, from = append(to, string(c), small), append(from, small, string(c))
	}
	return strings.NewReplacer(to...), strings.NewReplacer(from...)
}()

func fileOfTag(tag string) string { return capitals.Replace(tag) + tagEnding }

func tagOfFile(file string) (string, bool) {
	tag := smalls.Replace(strings.TrimSuffix(file, tagEnding))
	return tag, tagRE.MatchString(tag) && fileOfTag(tag) == file
}

// validTag also refuses the tag of more than 123 capitals that no file name can hold.
func validTag(tag string) bool { return tagRE.MatchString(tag) && len(fileOfTag(tag)) <= maxName }
