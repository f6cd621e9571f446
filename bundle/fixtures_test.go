package bundle

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/bundle/dat"
)

// people is the table of most tests: a key, a text that may be NULL, a number.
func people(name string) *dat.Table {
	return &dat.Table{Format: 1, Name: name, PrimaryKey: []string{"id"}, Columns: []dat.Column{
		{Name: "id", SQLType: "BIGINT"}, {Name: "name", SQLType: "VARCHAR", Nullable: true}, {Name: "age", SQLType: "INTEGER", Nullable: true}}}
}

type person struct {
	id   int64
	name string // "-" is NULL
	age  int64
}

func tableFile(t testing.TB, table *dat.Table, rows ...person) []byte {
	t.Helper()
	b := dat.NewBatch(table)
	for _, p := range rows {
		b.Columns[0].AppendInt(p.id)
		if p.name == "-" {
			b.Columns[1].AppendNull()
		} else {
			b.Columns[1].AppendBytes([]byte(p.name))
		}
		b.Columns[2].AppendInt(p.age)
		b.Rows++
	}
	var out bytes.Buffer
	w, err := dat.NewWriter(&out, table, dat.WriterOptions{})
	if err == nil {
		err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// newFixture writes a fixture directory whose files are given by table, and returns its path.
func newFixture(t testing.TB, id string, tables []string, files map[string][]byte, change ...func(*Manifest)) string {
	t.Helper()
	dir := t.TempDir()
	m := &Manifest{FixtureID: id, Version: "1.0.0", SchemaVersion: "1.0", CreatedAt: "2026-01-31T12:00:00Z", IRISVersion: "unknown"}
	for i, name := range FileNames(tables) {
		data := files[tables[i]]
		put(t, dir, name, data)
		entry := TableEntry{Name: tables[i], File: name, Checksum: digest.FromBytes(data)}
		if r, err := dat.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
			entry.RowCount = r.Rows()
		}
		m.Tables = append(m.Tables, entry)
	}
	for _, c := range change {
		c(m)
	}
	put(t, dir, "manifest.json", m.Encode())
	return dir
}

func put(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// orders is a fixture of two small tables.
func orders(t testing.TB) string {
	return newFixture(t, "orders", []string{"Shop.People", "with space"}, map[string][]byte{
		"Shop.People": tableFile(t, people("Shop.People"), person{1, "Ann", 30}, person{2, "-", 40}, person{3, "", 50}),
		"with space":  tableFile(t, people("with space"), person{7, "Bo", 1}),
	})
}

func openTest(t testing.TB, dir string) *Fixture {
	t.Helper()
	f, err := OpenDir(dir, Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// blobs is a store of files by digest.
type blobs string

func (s blobs) path(d digest.Digest) string { return filepath.Join(string(s), d.Encoded()) }

func (s blobs) put(t testing.TB, data []byte) digest.Digest {
	t.Helper()
	d := digest.FromBytes(data)
	if err := os.WriteFile(s.path(d), data, 0o644); err != nil {
		t.Fatal(err)
	}
	return d
}

func (s blobs) Fetch(_ context.Context, want ocispec.Descriptor) (io.ReadCloser, error) {
	f, err := os.Open(s.path(want.Digest))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", want.Digest, errdef.ErrNotFound)
	}
	return f, nil
}

// pushed packs a directory and copies all its blobs into a store.
func pushed(t testing.TB, dir string) (blobs, *Bundle) {
	t.Helper()
	b, err := Pack(t.Context(), openTest(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	s := blobs(t.TempDir())
	for _, d := range append([]ocispec.Descriptor{b.Descriptor, b.Image.Config}, b.Image.Layers...) {
		r, err := b.Fetch(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		if got := s.put(t, data); got != d.Digest || int64(len(data)) != d.Size {
			t.Fatalf("%s has %d bytes and digest %s", d.Digest, len(data), got)
		}
	}
	return s, b
}
