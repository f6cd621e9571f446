package workspace_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

const page = 8 << 10

// database makes a fixture directory with one database file.
func database(t *testing.T, version, file string, content []byte) string {
	t.Helper()
	dir := t.TempDir()
	manifest := fmt.Sprintf(`{"fixture_id": "big", "version": %q, "schema_version": "1.0", "created_at": "2026-01-31T12:00:00Z",
		"tables": [], "dat_file": %q, "checksum": %q}`, version, file, digest.FromBytes(content))
	for name, data := range map[string][]byte{"manifest.json": []byte(manifest), file: content} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Of a new version as much travels as changed. What is counted is every byte of a blob that the registry sent, block
// maps and manifest.json included.
func TestOfANewVersionOnlyTheDifferenceTravels(t *testing.T) {
	const size = 64 << 20
	r := faultproxy.NewRand(t, "2")
	old := r.Bytes(size)
	change := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(old)) }
	scattered := func(b []byte) []byte {
		for range size / page / 100 {
			b[r.Below(size)]++
		}
		return append(b, r.Bytes(size/50)...)
	}
	ranged := func(b []byte) []byte { copy(b[size/3:], r.Bytes(size/100)); return b }
	s, err := server.New(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p := faultproxy.New(t, s, faultproxy.Options{})
	w, _ := open(t)
	mustPush := func(dir, reference string) {
		if _, err := w.Push(t.Context(), dir, reference, workspace.PushOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	mustPush(database(t, "1.0.0", "IRIS.DAT", old), p.Host()+"/acme/big:1")
	warm := func(t *testing.T) (cache, out string) {
		cache, out = filepath.Join(t.TempDir(), "cache"), filepath.Join(t.TempDir(), "out")
		w, _ := open(t, caching(cache))
		if _, err := w.Pull(t.Context(), []string{p.Host() + "/acme/big:1"}, workspace.PullOptions{Output: out}); err != nil {
			t.Fatal(err)
		}
		w.Close()
		return cache, out
	}
	blob := func(cache string) string {
		return filepath.Join(cache, "blobs", "sha256", digest.FromBytes(old).Encoded())
	}
	for name, tt := range map[string]struct {
		file    string
		content []byte
		damage  func(t *testing.T, cache, out string) error // nil: none
		most    float64
	}{
		"1 % in one range":            {"IRIS.DAT", change(ranged), nil, 0.02},
		"1 % of the pages and an end": {"IRIS.DAT", change(scattered), nil, 0.045},
		"nothing":                     {"IRIS.DAT", old, nil, 0.0001}, // manifest.json only
		"another name":                {"OTHER.DAT", change(ranged), nil, 0.02},
		"the directory is the base":   {"IRIS.DAT", change(ranged), func(_ *testing.T, cache, _ string) error { return os.Remove(blob(cache)) }, 0.02},
		"base deleted": {"IRIS.DAT", change(ranged), func(_ *testing.T, cache, out string) error {
			return errors.Join(os.Remove(blob(cache)), os.RemoveAll(out))
		}, 1.0001},
		"base damaged, directory good": {"IRIS.DAT", change(ranged), func(_ *testing.T, cache, _ string) error {
			return errors.Join(os.Chmod(blob(cache), 0o600), os.Truncate(blob(cache), 1000))
		}, 0.02},
	} {
		t.Run(name, func(t *testing.T) {
			cache, out := warm(t)
			tag := digest.FromString(name).Encoded()[:8]
			mustPush(database(t, "2.0.0", tt.file, tt.content), p.Host()+"/acme/big:"+tag)
			if tt.damage != nil {
				if err := tt.damage(t, cache, out); err != nil {
					t.Fatal(err)
				}
			}
			w, _ := open(t, caching(cache))
			p.Play(nil)
			_, err := w.Pull(t.Context(), []string{p.Host() + "/acme/big:" + tag}, workspace.PullOptions{Output: out})
			if err != nil {
				t.Fatal(err)
			}
			ratio := float64(p.Sent("/blobs/")) / float64(len(tt.content))
			t.Logf("%.4f of the bytes", ratio)
			if ratio > tt.most {
				t.Errorf("%.4f of the bytes, %d requests", ratio, len(p.Requests()))
			}
			if got, err := os.ReadFile(filepath.Join(out, tt.file)); err != nil || !bytes.Equal(got, tt.content) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}
