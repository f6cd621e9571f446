package loader

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/irisfix/irisfix/bundle"
)

// CreateOptions say what is taken and where it goes.
type CreateOptions struct {
	Output      string  // directory of the fixture
	Name        string  // its id
	Version     *string // nil: what the directory has, else 1.0.0
	Description *string
	Features    []Feature
	Force       bool      // write over what is in the directory
	Now         time.Time // becomes created_at

	Tables  []string    // tables by name
	Schema  string      // tables whose name begins with it and a dot
	All     bool        // all tables, which is what is taken too if nothing is chosen
	Queries []Selection // results that stand for tables

	Bundle   bundle.Options
	Progress func(table string, rows int64) // rows written so far, or bytes of a database file
}

// Feature is a text among the features of the manifest.
type Feature struct{ Key, Value string }

// CreateResult is what was made.
type CreateResult struct {
	Manifest  *bundle.Manifest
	Updated   bool // the directory held a fixture before
	Unchanged bool // and that was exactly this
	Warnings  []Warning
}

// Create takes tables out of a source and makes them a fixture directory. Without tables, schema and queries it takes
// all tables. The directory appears when everything is written; after an error it is as before.
func Create(ctx context.Context, src Source, o CreateOptions) (_ *CreateResult, err error) {
	old, err := existing(o)
	if err != nil {
		return nil, err
	}
	about, err := src.Describe(ctx)
	if err != nil {
		return nil, err
	}
	list, err := choose(about, o)
	if err != nil {
		return nil, err
	}
	if h, ok := src.(Holder); ok {
		warnings, err := h.Hold(ctx, list)
		if err != nil {
			return nil, err
		}
		about.Warnings = append(about.Warnings, warnings...)
	}
	stage, err := bundle.NewStage(o.Output)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	w := &tableWriter{src: src, stage: stage, progress: o.Progress}
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Table
	}
	files := bundle.FileNames(names)
	written := make([]writtenFile, len(list))
	entries := make([]bundle.TableEntry, len(list))
	for i, s := range list {
		if written[i], err = w.write(ctx, s, files[i]); err != nil {
			return nil, err
		}
		entries[i] = bundle.TableEntry{Name: s.Table, RowCount: written[i].rows, File: files[i], Checksum: written[i].digest()}
	}
	m, raw := manifestFor(old, o, about, func(m *bundle.Manifest) { m.SetTables(entries) })
	result := &CreateResult{Manifest: m, Updated: old != nil, Warnings: gather(append(about.Warnings, w.warnings...))}
	result.Unchanged, err = commit(ctx, stage, m, raw, o, written)
	return result, err
}

// existing returns the fixture whose manifest a forced creation continues, closed, and refuses a directory that is in
// use otherwise.
func existing(o CreateOptions) (*bundle.Fixture, error) {
	if info, err := os.Stat(o.Output); err == nil && !info.IsDir() {
		return nil, &bundle.OccupiedError{Path: o.Output, Reason: "a file, not a directory"}
	}
	entries, err := os.ReadDir(o.Output)
	if err != nil || len(entries) == 0 {
		return nil, nil // what else is wrong with the path shows when it is written to
	}
	f, err := bundle.OpenDir(o.Output, bundle.Options{})
	if err == nil {
		defer f.Close()
	}
	switch {
	case err == nil && o.Force:
		return f, nil
	case o.Force:
		return nil, nil
	case err == nil:
		return nil, &bundle.OccupiedError{Path: o.Output, Reason: "holds the fixture " + f.Manifest.FixtureID + " " + f.Manifest.Version}
	}
	return nil, &bundle.OccupiedError{Path: o.Output, Reason: "not empty"}
}

// choose returns what is to be taken, by name.
func choose(about Description, o CreateOptions) ([]Selection, error) {
	have := about.Tables
	var list []Selection
	for _, name := range o.Tables {
		if !slices.Contains(have, name) {
			return nil, &TableNotFoundError{name, about.Where, have}
		}
		list = append(list, Selection{Table: name})
	}
	all := o.All || len(o.Tables) == 0 && o.Schema == "" && len(o.Queries) == 0
	for _, name := range have {
		if all || o.Schema != "" && strings.HasPrefix(name, o.Schema+".") {
			list = append(list, Selection{Table: name})
		}
	}
	for _, q := range o.Queries {
		list = slices.DeleteFunc(list, func(s Selection) bool { return s.Table == q.Table })
		list = append(list, q)
	}
	if len(list) == 0 {
		name := o.Schema
		if name != "" {
			name += ".*"
		}
		return nil, &TableNotFoundError{name, about.Where, have}
	}
	slices.SortFunc(list, func(a, b Selection) int { return strings.Compare(a.Table, b.Table) })
	return slices.CompactFunc(list, func(a, b Selection) bool { return a.Table == b.Table }), nil
}

// manifestFor makes the manifest. What a forced creation finds of the same fixture and the options do not say is kept, and if nothing comes
// out different, every byte, the time of creation included: same rows, same digest.
func manifestFor(old *bundle.Fixture, o CreateOptions, about Description, fill func(*bundle.Manifest)) (m *bundle.Manifest, raw []byte) {
	m = &bundle.Manifest{Version: "1.0.0"}
	if old != nil && old.Manifest.FixtureID == o.Name {
		copied := *old.Manifest
		copied.DatFile, copied.Checksum = "", ""
		m = &copied
	}
	m.FixtureID, m.SchemaVersion = o.Name, "1.0"
	if o.Version != nil {
		m.Version = *o.Version
	}
	if o.Description != nil {
		m.Description = *o.Description
	}
	for _, f := range o.Features {
		m.SetFeature(f.Key, f.Value)
	}
	fill(m)
	if old != nil && string(m.Encode()) == string(old.Manifest.Encode()) {
		return m, old.Raw
	}
	m.CreatedAt = o.Now.UTC().Format(time.RFC3339)
	m.IRISVersion, m.Namespace = about.Version, about.Namespace
	return m, m.Encode()
}

// commit moves the stage into place and reports whether nothing had to move.
func commit(ctx context.Context, stage *bundle.Stage, m *bundle.Manifest, raw []byte, o CreateOptions, written []writtenFile) (unchanged bool, err error) {
	if _, err := bundle.ParseManifest(raw); err != nil {
		return false, err
	}
	err = bundle.Replan(func() error {
		plan, err := bundle.PlanPlace(ctx, o.Output, m, raw, bundle.Replace{Force: o.Force}, o.Bundle)
		if err != nil {
			return err
		}
		if unchanged = plan.Unchanged(); unchanged {
			return nil
		}
		plan.Learn(func(path string) bundle.Facts {
			i := slices.IndexFunc(written, func(w writtenFile) bool { return w.path == path })
			return written[i].facts
		})
		return stage.Commit(ctx, plan)
	})
	return unchanged, err
}
