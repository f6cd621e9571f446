package cache

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
)

func fake(content string) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: "m", Digest: digest.FromString(content), Size: int64(len(content))}
}

func TestReferencesAreRememberedApart(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	long := "a.example/" + strings.Repeat("x/", 120) + "r:"
	refs := []string{"a.example/b:v1", "a.example/b:V1", "a.example/b:v1@" + digest.FromString("").String(), "[::1]:5000/b:1",
		long + "1", long + "2", "localhost:5000/aux:con"}
	for _, r := range refs {
		if err := c.Remember(r, fake(r)); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range refs {
		got, err := c.Recall(r)
		if err != nil || got.Reference != r || got.Descriptor.Digest != digest.FromString(r) || time.Since(got.Time) > time.Minute {
			t.Errorf("%s: %+v %v", r, got, err)
		}
	}
	if all, err := c.Refs(); err != nil || len(all) != len(refs) {
		t.Errorf("%d of %d, %v", len(all), len(refs), err)
	}
	if err := c.Remember(refs[0], fake("moved")); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Recall(refs[0]); err != nil || got.Descriptor.Digest != digest.FromString("moved") {
		t.Errorf("after it moved: %+v %v", got, err)
	}
	if err := errors.Join(c.Forget(refs[0]), c.Forget(refs[0])); err != nil {
		t.Error(err)
	}
	_, err = c.Recall(refs[0])
	if !errors.Is(err, errdef.ErrNotFound) || err.Error() != "a.example/b:v1: not remembered: not found" {
		t.Errorf("after Forget: %v", err)
	}
}

func TestADamagedReferenceIsNotRemembered(t *testing.T) {
	c, err := Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Remember("a.example/b:1", fake("x")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(c.Dir(), refsDir, escape("a.example/b:1"))
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty": {}, "cut": good[:len(good)/2], "huge": append(good, make([]byte, maxRefSize)...),
		"of another reference": []byte(strings.Replace(string(good), "b:1", "b:2", 1)),
		"with another hash":    []byte(strings.Replace(string(good), "sha256", "sha512", 1)),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, data, 0o644); err != nil {
				t.Fatal(err)
			}
			if got, err := c.Recall("a.example/b:1"); !errors.Is(err, errdef.ErrNotFound) {
				t.Errorf("%+v %v", got, err)
			}
			if all, err := c.Refs(); err != nil || len(all) > 0 {
				t.Errorf("%+v %v", all, err)
			}
		})
	}
}

// age sets the time of a remembered reference.
func age(t *testing.T, c *Cache, ref string, days int) {
	t.Helper()
	r, err := c.Recall(ref)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(refFile{ref, r.Descriptor.Digest, r.Descriptor.Size, r.Descriptor.MediaType,
		time.Now().AddDate(0, 0, -days)})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.Dir(), refsDir, escape(ref)), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func FuzzReference(f *testing.F) {
	f.Add([]byte(`{"reference":"a.b/c:1","digest":"sha256:` + strings.Repeat("a", 64) + `","size":1,"mediaType":"m","time":"2024-01-02T03:04:05Z"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseRef(data)
		if err != nil {
			return
		}
		name := escape(r.Reference)
		if r.Descriptor.Size < 0 || len(name) > 200 || strings.ContainsAny(name, `/\:`) || name == "." || name == ".." {
			t.Errorf("%+v as %q", r, name)
		}
	})
}
