package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/loader"
)

// namesFile reports whether an argument is a path and not a host, which may have a dot as well.
func namesFile(arg string) bool {
	if strings.ContainsAny(arg[:1], `./\~`) || filepath.VolumeName(arg) != "" || strings.EqualFold(filepath.Ext(arg), ".dat") {
		return true
	}
	_, err := os.Stat(arg)
	return err == nil
}

// databaseOf is the database file that a path stands for: itself, that of a fixture, or one in a directory.
func (d *doctor) databaseOf(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil
	}
	if file := databaseIn(path); file != "" {
		return file, nil
	}
	w, err := d.workspace()
	if err != nil {
		return "", err
	}
	f, err := bundle.OpenDir(path, w.Bundle(path))
	if isA[*bundle.NoManifestError](err) {
		return "", usageError(path + ": neither a database fixture nor a directory with IRIS.DAT")
	} else if err != nil {
		return "", err
	}
	defer f.Close()
	if f.Manifest.Kind() != bundle.Database {
		return "", usageError(path + " is a fixture of tables; irisfix validate checks it")
	}
	return filepath.Join(path, filepath.FromSlash(f.Manifest.DatFile)), nil
}

// unfitError is a file that no server can mount.
type unfitError struct {
	path   string
	remark remark
}

func (e *unfitError) Error() string { return e.path + ": " + e.remark.text }

// Class is that of a database that is none, or damaged.
func (e *unfitError) Class() *explain.Class {
	return explain.ClassOf(&loader.ConnectError{Target: e.path, Err: e})
}

func (e *unfitError) Explain(explain.Invocation) explain.Explanation {
	return explain.Explanation{Subject: phrase.Path(e.path), What: []string{e.remark.text}, Fix: []explain.Step{e.remark.advice}, Detail: map[string]any{"path": e.path}}
}

// checkDatabase is a check of the doctor, and one for each thing that a server may not like.
func (d *doctor) checkDatabase(path string, copied bool) {
	var file databaseFile
	d.check("database file", func() (detail string, err error) {
		if file, err = lookInto(path); err != nil {
			return "", err
		}
		for _, r := range file.remarks() {
			if r.fatal {
				return "", &unfitError{path, r}
			}
		}
		return path + ": " + file.describe(), nil
	})
	if file.label == nil || d.checks[len(d.checks)-1].err != nil {
		return
	}
	list := file.remarks()
	if copied {
		if lock := loader.LockBeside(path); lock != "" {
			list = append(list, lockRemark(lock))
		}
		list = append(list, file.beside()...)
	}
	for _, r := range list {
		d.checks = append(d.checks, check{name: r.name, detail: r.text, advice: []explain.Step{r.advice}})
	}
}
