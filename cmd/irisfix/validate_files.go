package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
)

// validateFiles checks the fixtures that files are in, each once: hooks of git are given the files that changed. Files that
// are in no fixture are none of its business.
func (a *app) validateFiles(ctx context.Context, files []string, o bundle.ValidateOptions) error {
	object := struct {
		schema
		Valid    bool            `json:"valid"`
		Fixtures []validatedJSON `json:"fixtures"`
	}{schema1, true, []validatedJSON{}}
	var invalid invalidFixtures
	for _, dir := range fixturesAround(files) {
		r, err := a.report(ctx, dir, o)
		if err != nil {
			return err
		}
		object.Fixtures = append(object.Fixtures, a.validated(dir, r))
		for _, w := range r.Warnings {
			a.warn(dir+": "+w.Subject, w.Message)
		}
		if len(r.Errors) > 0 {
			object.Valid = false
			invalid = append(invalid, &invalidFixture{dir, r.Errors})
		}
	}
	err := a.result(object, func() {
		for _, f := range object.Fixtures {
			a.printValidated(f)
		}
	})
	if err == nil && len(invalid) > 0 {
		return invalid
	}
	return err
}

// fixturesAround are the fixture directories that files are in, sorted, as paths that are taken for nothing else.
func fixturesAround(files []string) (dirs []string) {
	for _, file := range files {
		dir := filepath.Clean(file)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			dir = filepath.Dir(dir)
		}
		for ; ; dir = filepath.Dir(dir) {
			if isFixture(dir) {
				dirs = append(dirs, asPath(dir))
				break
			}
			if dir == filepath.Dir(dir) || filepath.Base(dir) == ".." { // above that a path says nothing
				break
			}
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// isFixture tells our manifest.json from those of web pages and browser extensions, also when it is broken.
func isFixture(dir string) bool {
	path := filepath.Join(dir, "manifest.json")
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, bundle.MaxManifest))
	return err == nil && bytes.Contains(data, []byte(`"fixture_id"`))
}

// asPath spells a directory so that it is not taken for a name in the lock file.
func asPath(dir string) string {
	if filepath.IsAbs(dir) || strings.HasPrefix(dir, ".") {
		return dir
	}
	return "./" + filepath.ToSlash(dir)
}

// invalidFixtures are several fixtures, each with all that is wrong. The gravest decides the class, as for one.
type invalidFixtures []*invalidFixture

func (e invalidFixtures) Error() string { return errors.Join(e.Unwrap()...).Error() }

func (e invalidFixtures) Unwrap() (list []error) {
	for _, f := range e {
		list = append(list, f)
	}
	return list
}

func (e invalidFixtures) Class() *explain.Class {
	var all invalidFixture
	for _, f := range e {
		all.errors = append(all.errors, f.errors...)
	}
	return all.Class()
}

func (e invalidFixtures) Explain(in explain.Invocation) explain.Explanation {
	if len(e) == 1 {
		in.Args = []string{e[0].arg}
		return e[0].Explain(in)
	}
	x := explain.Explanation{Subject: phrase.Count(int64(len(e)), "fixture")}
	for _, f := range e {
		in.Args = []string{f.arg}
		for _, found := range findings(f.errors, in) {
			x.What = append(x.What, f.arg+": "+found.subject+": "+found.message)
		}
		x.Fix = append(x.Fix, explain.Step{Do: "See what to do about " + f.arg, Run: "irisfix validate " + phrase.ShellWord(f.arg)})
	}
	return x
}
