package main

import (
	"archive/zip"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// wheel is a Python distribution without a program in it, https://packaging.python.org/en/latest/specifications/binary-distribution-format/.
type wheel struct {
	distribution string // as in the name of the file, such as pytest_irisfix
	files        []file // without RECORD; those that describe it are in infoDir
}

// contents is what makes the wheel of a platform.
type contents struct {
	platform              platform
	program, notice, sbom []byte
}

// infoDir stands for the directory whose name has the version in it.
const infoDir = ".dist-info/"

//go:embed launcher.py
var launcher []byte

var (
	wheelName   = regexp.MustCompile(`^([^-]+)-([^-]+)-py3-none-any\.whl$`)
	versionLine = regexp.MustCompile(`(?m)^Version: .*$`)
	ownVersion  = regexp.MustCompile(`(?m)^__version__ = .*$`)
)

// buildWheel builds the distribution in python/ for any platform.
func buildWheel(ctx context.Context, interpreter, work string) (*wheel, error) {
	_, err := output(exec.CommandContext(ctx, interpreter, "-m", "build", "--wheel", "--no-isolation", "--outdir", work, "python"))
	if err != nil {
		return nil, err
	}
	built, err := filepath.Glob(filepath.Join(work, "*.whl"))
	if err != nil || len(built) != 1 {
		return nil, fmt.Errorf("built %d wheels: %v", len(built), err)
	}
	return readWheel(built[0])
}

// readWheel reads a wheel for any platform.
func readWheel(path string) (*wheel, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	m := wheelName.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return nil, fmt.Errorf("not a wheel for any platform: %s", path)
	}
	w := &wheel{distribution: m[1]}
	info := m[1] + "-" + m[2] + ".dist-info/"
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name, err)
		}
		name := entry.Name
		if below, ok := strings.CutPrefix(name, info); ok {
			name = infoDir + below
		}
		if name != infoDir+"RECORD" {
			w.files = append(w.files, file{name, 0o644, data})
		}
	}
	return w, nil
}
