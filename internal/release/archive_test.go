package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var (
	newYear = time.Unix(1767225600, 0).UTC()
	some    = []file{{"b/two", 0o644, []byte("2")}, {"irisfix", 0o755, []byte("\x7fELF")}, {"a", 0o644, nil}}
)

func TestTarHasNamesInOrderOneTimeAndNoOwner(t *testing.T) {
	_, data, err := platform{os: "linux"}.archive("x", some, newYear)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if !z.ModTime.IsZero() || z.Name != "" {
		t.Errorf("the header of gzip has time %v and name %q", z.ModTime, z.Name)
	}
	r := tar.NewReader(z)
	for _, want := range []file{some[2], some[0], some[1]} {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || h.Name != want.name || h.Mode != int64(want.mode) || !bytes.Equal(got, want.data) {
			t.Errorf("got %s, mode %o, %q, %v; want %v", h.Name, h.Mode, got, err, want)
		}
		if !h.ModTime.Equal(newYear) || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" {
			t.Errorf("%s is of %v and belongs to %d %q, %d %q", h.Name, h.ModTime, h.Uid, h.Uname, h.Gid, h.Gname)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last file: %v", err)
	}
	if _, err := io.Copy(io.Discard, z); err != nil {
		t.Errorf("the end of gzip is not sound: %v", err)
	}
}

func TestZipHasNamesInOrderAndOneTime(t *testing.T) {
	_, data, err := platform{os: "windows"}.archive("x", some, newYear)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if !f.Modified.Equal(newYear) || f.Mode() != map[bool]os.FileMode{true: 0o755, false: 0o644}[f.Name == "irisfix"] {
			t.Errorf("%s is of %v and has mode %v", f.Name, f.Modified, f.Mode())
		}
	}
	if !slices.Equal(names, []string{"a", "b/two", "irisfix"}) {
		t.Errorf("it holds %v", names)
	}
}

func TestChecksumsAreThoseOfSha256sum(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"b": "", "a.tar.gz": "abc"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.tar.gz\n" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n"
	if got, err := checksums(dir); err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}
