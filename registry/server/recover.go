package server

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/parallel"
)

// recover removes what an earlier process or a power cut left half done. Afterwards every blob belongs to a repository,
// has its digest, and is on stable storage.
func (s *store) recover(ctx context.Context) error {
	if err := removeTemporary(s.dir); err != nil {
		return err
	}
	marked, named, err := s.survey()
	if err != nil {
		return err
	}
	all, err := digests(s.dir, "blobs")
	if err != nil {
		return err
	}
	return parallel.ForEach(ctx, runtime.NumCPU(), len(all), func(_ context.Context, i int) error {
		d, path := all[i], s.content(all[i])
		if !marked[d] {
			return os.Remove(path)
		}
		if named[d] { // then it was on stable storage before its manifest was
			return nil
		}
		switch sum, err := hashFile(path, d.Algorithm()); {
		case err != nil:
			return err
		case sum != d:
			return os.Remove(path)
		}
		return syncPath(path)
	})
}

// survey collects the blobs that some repository has, and those that some manifest names.
func (s *store) survey() (marked, named map[digest.Digest]bool, _ error) {
	marked, named = map[digest.Digest]bool{}, map[digest.Digest]bool{}
	names, err := s.repositories()
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		marks, err := digests(s.repository(name), "blobs")
		if err != nil {
			return nil, nil, err
		}
		for _, d := range marks {
			marked[d] = true
		}
		manifests, err := digests(s.repository(name), "manifests")
		if err != nil {
			return nil, nil, err
		}
		for _, d := range manifests {
			m, err := s.manifest(name, d)
			if err != nil {
				continue // a damaged manifest is absent, so it names nothing
			}
			doc, _ := parseManifest(m) // was accepted when it was pushed
			for _, b := range doc.needs() {
				named[b] = true
			}
		}
	}
	return marked, named, nil
}

func removeTemporary(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && strings.HasPrefix(e.Name(), atomicfile.TempPrefix) {
			return os.Remove(path)
		}
		return err
	})
}

func hashFile(path string, a digest.Algorithm) (digest.Digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := a.Hash()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return digest.NewDigest(a, h), nil
}
