package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// maxLockFilePath is longer than any path that an operating system takes.
const maxLockFilePath = 64 << 10

// Register remembers that the lock file at this path uses the cache, so that pruning can ask it what it still needs.
func (c *Cache) Register(lockFile string) error {
	abs, err := filepath.Abs(lockFile)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(abs))
	name := c.path(lockFilesDir, hex.EncodeToString(sum[:16]))
	if data, err := readLimited(name, maxLockFilePath); err == nil && string(data) == abs {
		return nil
	}
	return c.made(func() error {
		if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return writeFile(name, []byte(abs))
	})
}

// LockFiles returns the paths of the registered lock files that still exist, sorted, and forgets the others.
func (c *Cache) LockFiles() ([]string, error) {
	entries, err := os.ReadDir(c.path(lockFilesDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		name := c.path(lockFilesDir, e.Name())
		data, err := readLimited(name, maxLockFilePath)
		if err != nil || !filepath.IsAbs(string(data)) {
			continue
		}
		if _, err := os.Stat(string(data)); errors.Is(err, fs.ErrNotExist) {
			os.Remove(name)
			continue
		}
		paths = append(paths, string(data))
	}
	slices.Sort(paths)
	return paths, nil
}
