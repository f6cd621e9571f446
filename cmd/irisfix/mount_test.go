package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader/iris/irisdat/irisdattest"
)

// Users paste these steps: every word of them is compared.
func TestStepsToMountAFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths are those of other systems")
	}
	path := filepath.Join("testdata", "steps.txtar")
	golden, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range golden.Files {
		want[f.Name] = string(f.Data)
	}
	said := &txtar.Archive{Comment: golden.Comment}
	for _, c := range []struct {
		name, fixture, version, path string
		shape                        irisdattest.Shape
	}{
		{"usual", "rag-100", "2024.1", "/srv/databases/test/IRIS.DAT", irisdattest.Shape{}},
		{"of-unknown-version", "whole", "unknown", "/srv/my databases/IRIS.DAT", irisdattest.Shape{}},
		{"everything-at-once", "Ünïcode..100", "IRIS for UNIX (Ubuntu Server LTS for x86-64) 2025.1.2 (Build 99U)", "/srv/test/CACHE.DAT",
			irisdattest.Shape{BlockSize: 65536, BigEndian: true, Encrypted: true, Cache: true, Resource: "%DB_APP", Directory: "/db/app/D/"}},
		{"hostile-resource", "whole", "2024.1'; rm -rf /", "/srv/test/IRIS.DAT", irisdattest.Shape{Resource: "%DB_APP,Public=RW"}},
		{"comma", "whole", "2024.1", "/srv/a,b/IRIS.DAT", irisdattest.Shape{}},
		{"quotes", "whole", "2024.1", `/srv/it's "here"/IRIS.DAT`, irisdattest.Shape{}},
	} {
		b := irisdattest.File(c.shape)
		file, err := lookAt(c.path, bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		steps, err := nextSteps(&bundle.Manifest{FixtureID: c.fixture, IRISVersion: c.version}, c.path, file)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		(&app{console: &console{out: &out}}).printNext(steps)
		if !*update && out.String() != want[c.name] {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, out.String(), want[c.name])
		}
		said.Files = append(said.Files, txtar.File{Name: c.name, Data: out.Bytes()})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(said), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if len(golden.Files) != len(said.Files) {
		t.Errorf("%d texts in %s, %d cases", len(golden.Files), path, len(said.Files))
	}
}

func TestNamesOfDatabasesAreAllowedAndNotTheVendors(t *testing.T) {
	for fixture, want := range map[string]string{
		"user": "FIX_USER", "rag-100": "FIX_RAG_100", "a..b": "FIX_A_B", "Übung": "FIX_BUNG", "1": "FIX_1",
		"a234567890b234567890c234567890d234567890e234567890f234567890g234567890": "FIX_A234567890B234567890C234567890D234567890E234567890F234567890",
	} {
		if got := databaseName(fixture); got != want {
			t.Errorf("%s: %s, want %s", fixture, got, want)
		}
	}
}
