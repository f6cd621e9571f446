package bundle

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/stamp"
)

// Stage is a temporary folder beside the place where its files will go.
type Stage struct{ path string }

const stagePrefix = atomicfile.TempPrefix + "stage-"

// staleStage is how old a forgotten stage must be to be swept: no creation runs for a day.
const staleStage = 24 * time.Hour

// NewStage makes a folder in the same file system as dir, which need not exist.
func NewStage(dir string) (*Stage, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	parent := filepath.Dir(abs)
	if _, err := os.Stat(abs); err == nil {
		parent = abs
	} else if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	sweep(parent)
	// Not os.MkdirTemp: the stage may become the directory itself, with the permissions that the umask leaves.
	path := filepath.Join(parent, stagePrefix+rand.Text())
	if err := os.Mkdir(path, 0o777); err != nil {
		return nil, err
	}
	return &Stage{path}, nil
}

// sweep removes what killed processes left behind.
func sweep(parent string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), stagePrefix) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleStage {
			os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}

// Dir is the folder itself, for temporary files that do not belong to the fixture.
func (s *Stage) Dir() string { return s.path }

// Path returns where a file of the fixture is to be written, and makes its folder.
func (s *Stage) Path(file string) (string, error) {
	path := filepath.Join(s.path, filepath.FromSlash(file))
	return path, os.MkdirAll(filepath.Dir(path), 0o777)
}

// Close removes what was not committed. It may be called any number of times.
func (s *Stage) Close() error { return os.RemoveAll(s.path) }

// Commit moves the files of the plan from the stage into the directory, manifest.json last. A directory that did not
// exist appears complete; in one that did, each file is replaced at once and a reader in between sees that checksums
// do not match, never other bytes. If the directory came into being after the plan, or holds another fixture by now,
// nothing is done and the error matches [ErrMeanwhile]: plan again.
func (s *Stage) Commit(ctx context.Context, p *Plan) error {
	if p.fresh {
		if err := atomicfile.WriteFile(filepath.Join(s.path, manifestName), p.raw, 0o644); err != nil {
			return err
		}
		if err := atomicfile.Rename(s.path, p.Dir); err == nil {
			p.remember()
			return nil
		}
		if entries, err := os.ReadDir(p.Dir); err == nil && len(entries) > 0 {
			return fmt.Errorf("%s: %w", p.Dir, ErrMeanwhile)
		}
	}
	unlock, err := atomicfile.LockDir(ctx, p.Dir)
	if err != nil {
		return err
	}
	defer unlock()
	if string(manifestIn(p.Dir)) != string(p.was) {
		return fmt.Errorf("%s: %w", p.Dir, ErrMeanwhile)
	}
	for _, f := range p.Write {
		target := filepath.Join(p.Dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		if err := atomicfile.Rename(filepath.Join(s.path, filepath.FromSlash(f.Path)), target); err != nil {
			return err
		}
	}
	if p.manifest {
		if err := atomicfile.WriteFile(filepath.Join(p.Dir, manifestName), p.raw, 0o644); err != nil {
			return err
		}
	}
	for _, path := range p.Remove {
		if err := os.Remove(filepath.Join(p.Dir, filepath.FromSlash(path))); err != nil {
			return err
		}
	}
	p.remember()
	return s.Close()
}

// remember stamps what was written, whose digests are known.
func (p *Plan) remember() {
	if p.opts.Stamps == nil {
		return
	}
	for _, f := range p.Write {
		path := filepath.Join(p.Dir, filepath.FromSlash(f.Path))
		past := stamp.Past(time.Now())
		if err := os.Chtimes(path, past, past); err != nil {
			continue // a stamp is only a hint
		}
		if info, err := os.Lstat(path); err == nil {
			facts := Facts{SHA256: f.Digest.Encoded()}
			if p.learned != nil {
				facts = p.learned(f.Path)
			}
			p.opts.Stamps.Put(path, info, time.Now(), facts)
		}
	}
}
