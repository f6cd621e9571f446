package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// stamp returns the wheel of a version: for any platform, or for one with its program inside.
func (w *wheel) stamp(version string, c *contents, when time.Time) (string, []byte, error) {
	python, err := pep440(version)
	if err != nil {
		return "", nil, err
	}
	tags, added := []string{"any"}, []file{}
	if c != nil {
		tags, added = c.platform.tags, c.files()
	}
	info := w.distribution + "-" + python + ".dist-info/"
	var inside, about []file
	for _, f := range append(added, w.files...) {
		switch f.name {
		case "irisfix/__init__.py":
			f.data, err = set(ownVersion, f, `__version__ = "`+python+`"`)
		case infoDir + "METADATA":
			f.data, err = set(versionLine, f, "Version: "+python)
		case infoDir + "entry_points.txt":
			if c != nil {
				f.data = slices.Concat(f.data, []byte("\n[console_scripts]\nirisfix = irisfix._bin:main\n"))
			}
		case infoDir + "WHEEL":
			f.data = describe(tags, c == nil)
		}
		if err != nil {
			return "", nil, err
		}
		if below, ok := strings.CutPrefix(f.name, infoDir); ok {
			f.name = info + below
			about = append(about, f)
		} else {
			inside = append(inside, f)
		}
	}
	files := append(sorted(inside), sorted(about)...) // what describes it comes last, as is recommended
	data, err := zippedAsIs(append(files, record(info+"RECORD", files)), when)
	return w.distribution + "-" + python + "-py3-none-" + strings.Join(tags, ".") + ".whl", data, err
}

// files are what a platform's wheel has besides.
func (c *contents) files() []file {
	return []file{
		{"irisfix/_bin/" + c.platform.program(), 0o755, c.program},
		{"irisfix/_bin/__init__.py", 0o644, launcher},
		{"irisfix/_bin/THIRD_PARTY.txt", 0o644, c.notice},
		{infoDir + "sboms/irisfix.cdx.json", 0o644, c.sbom}, // where PEP 770 wants it
	}
}

// set writes a line in place of the first of its kind.
func set(line *regexp.Regexp, f file, text string) ([]byte, error) {
	at := line.FindIndex(f.data)
	if at == nil {
		return nil, fmt.Errorf("%s: no line %s", f.name, line)
	}
	return slices.Concat(f.data[:at[0]], []byte(text), f.data[at[1]:]), nil
}

// describe is the file WHEEL.
func describe(tags []string, pure bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Wheel-Version: 1.0\nGenerator: irisfix\nRoot-Is-Purelib: %t\n", pure)
	for _, tag := range tags {
		fmt.Fprintf(&b, "Tag: py3-none-%s\n", tag)
	}
	return b.Bytes()
}

// record lists all files with their hashes, itself without.
func record(name string, files []file) file {
	var b bytes.Buffer
	for _, f := range files {
		sum := sha256.Sum256(f.data)
		fmt.Fprintf(&b, "%s,sha256=%s,%d\n", f.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(f.data))
	}
	fmt.Fprintf(&b, "%s,,\n", name)
	return file{name, 0o644, b.Bytes()}
}
