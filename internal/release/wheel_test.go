package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pureWheel writes a wheel as a backend of Python makes it.
func pureWheel(t *testing.T, own string) string {
	t.Helper()
	data, err := zipped([]file{
		{"irisfix/__init__.py", 0o644, []byte("\"\"\"Doc.\"\"\"\n" + own + "\nx = 1\n")},
		{"irisfix/py.typed", 0o644, nil},
		{"pytest_irisfix-0.1.0.dist-info/METADATA", 0o644, []byte("Metadata-Version: 2.4\nName: pytest-irisfix\nVersion: 0.1.0\n\nText\nVersion: no header\n")},
		{"pytest_irisfix-0.1.0.dist-info/WHEEL", 0o644, []byte("Wheel-Version: 1.0\nGenerator: hatchling 1.33.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")},
		{"pytest_irisfix-0.1.0.dist-info/entry_points.txt", 0o644, []byte("[pytest11]\nirisfix = irisfix.plugin\n")},
		{"pytest_irisfix-0.1.0.dist-info/RECORD", 0o644, []byte("stale\n")},
	}, newYear)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pytest_irisfix-0.1.0-py3-none-any.whl")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// unpack reads a wheel and checks its RECORD: every file once, with its hash and size.
func unpack(t *testing.T, data []byte) map[string]file {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]file{}
	var names []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
		files[f.Name] = file{f.Name, f.Mode(), content}
	}
	last := names[len(names)-1]
	rows, err := csv.NewReader(bytes.NewReader(files[last].data)).ReadAll()
	if err != nil || !strings.HasSuffix(last, ".dist-info/RECORD") || len(rows) != len(names) {
		t.Fatalf("%s has %d rows for %d files: %v", last, len(rows), len(names), err)
	}
	for i, row := range rows {
		sum := sha256.Sum256(files[row[0]].data)
		want := []string{names[i], "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]), strconv.Itoa(len(files[names[i]].data))}
		if names[i] == last {
			want = []string{last, "", ""}
		}
		if !slices.Equal(row, want) {
			t.Errorf("RECORD says %q, want %q", row, want)
		}
	}
	return files
}

func TestAWheelOfAPlatformHasTheProgramInIt(t *testing.T) {
	w, err := readWheel(pureWheel(t, `__version__ = "0.1.0"`))
	if err != nil {
		t.Fatal(err)
	}
	c := &contents{platforms[3], []byte("program"), []byte("licences"), []byte("{}")}
	name, data, err := w.stamp("v1.2.3-rc.1", c, newYear)
	if err != nil || name != "pytest_irisfix-1.2.3rc1-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl" {
		t.Fatalf("%s: %v", name, err)
	}
	files := unpack(t, data)
	const info = "pytest_irisfix-1.2.3rc1.dist-info/"
	for name, want := range map[string]string{
		"irisfix/_bin/irisfix":          "program",
		"irisfix/_bin/THIRD_PARTY.txt":  "licences",
		"irisfix/_bin/__init__.py":      string(launcher),
		"irisfix/__init__.py":           "\"\"\"Doc.\"\"\"\n__version__ = \"1.2.3rc1\"\nx = 1\n",
		"irisfix/py.typed":              "",
		info + "sboms/irisfix.cdx.json": "{}",
		info + "METADATA":               "Metadata-Version: 2.4\nName: pytest-irisfix\nVersion: 1.2.3rc1\n\nText\nVersion: no header\n",
		info + "entry_points.txt":       "[pytest11]\nirisfix = irisfix.plugin\n\n[console_scripts]\nirisfix = irisfix._bin:main\n",
		info + "WHEEL": "Wheel-Version: 1.0\nGenerator: irisfix\nRoot-Is-Purelib: false\n" +
			"Tag: py3-none-manylinux_2_17_aarch64\nTag: py3-none-manylinux2014_aarch64\nTag: py3-none-musllinux_1_1_aarch64\n",
	} {
		if string(files[name].data) != want {
			t.Errorf("%s is %q, want %q", name, files[name].data, want)
		}
		if executable := files[name].mode&0o111 != 0; executable != (name == "irisfix/_bin/irisfix") {
			t.Errorf("%s has mode %v", name, files[name].mode)
		}
	}
	if len(files) != 10 {
		t.Errorf("it holds %d files", len(files))
	}
}

func TestAWheelForAllPlatformsHasNone(t *testing.T) {
	w, err := readWheel(pureWheel(t, `__version__ = "0.1.0"`))
	if err != nil {
		t.Fatal(err)
	}
	name, data, err := w.stamp("v1.2.3", nil, newYear)
	if err != nil || name != "pytest_irisfix-1.2.3-py3-none-any.whl" {
		t.Fatalf("%s: %v", name, err)
	}
	files := unpack(t, data)
	if len(files) != 6 || strings.Contains(string(files["pytest_irisfix-1.2.3.dist-info/entry_points.txt"].data), "console_scripts") {
		t.Errorf("it holds %d files, and among them %q", len(files), files["pytest_irisfix-1.2.3.dist-info/entry_points.txt"].data)
	}
}

func TestAWheelWithoutItsVersionStopsTheRelease(t *testing.T) {
	w, err := readWheel(pureWheel(t, `from ._version import version`))
	if err != nil {
		t.Fatal(err)
	}
	if name, _, err := w.stamp("v1.2.3", nil, newYear); err == nil {
		t.Errorf("%s was made", name)
	}
}

func TestVersionsAreSpelledAsPythonDoes(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3": "1.2.3", "v1.0.0-rc.2": "1.0.0rc2", "v0.1.0-alpha.1": "0.1.0a1", "v0.1.0-beta.10": "0.1.0b10",
		"v1.2.3-4-gabc1234": "1.2.3.post4+gabc1234", "v1.2.3-rc.1-4-gabc1234-dirty": "1.2.3rc1.post4+gabc1234.dirty",
		"v1.2.3-dirty": "1.2.3+dirty", "abc1234": "0.dev0+gabc1234", "abc1234-dirty": "0.dev0+gabc1234.dirty",
	} {
		if got, err := pep440(version); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", version, got, err, want)
		}
	}
	for _, version := range []string{"", "1.2.3", "v1.2", "v1.2.3-foo", "v1.2.3+meta", "latest", "v1.2.3 -X main.x=y"} {
		if got, err := pep440(version); err == nil {
			t.Errorf("%q is %q", version, got)
		}
	}
}
