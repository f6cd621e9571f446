package main

import (
	"github.com/irisfix/irisfix/lfs"
	"github.com/irisfix/irisfix/workspace"
)

// What the commands about Git LFS print as JSON; docs/reference.md describes it.

type lfsFileJSON struct {
	Path   string `json:"path"`
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
	Here   bool   `json:"here"`
}

type lfsFixtureJSON struct {
	Path      string        `json:"path"`
	FixtureID string        `json:"fixture_id"`
	Version   string        `json:"version"`
	Files     []lfsFileJSON `json:"files"`
	Bytes     int64         `json:"bytes"`
}

type lfsOddJSON struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

type lfsPatternJSON struct {
	File    string `json:"file"`
	Pattern string `json:"pattern"`
}

type lfsHistoryJSON struct {
	Objects     int   `json:"objects"`
	Bytes       int64 `json:"bytes"`
	Absent      int   `json:"absent"`
	BytesAbsent int64 `json:"bytes_absent"`
	Complete    bool  `json:"complete"`
}

type lfsPlanObject struct {
	schema
	Dir       string           `json:"dir"`
	Head      string           `json:"head"`
	Fixtures  []lfsFixtureJSON `json:"fixtures"`
	Others    []lfsFileJSON    `json:"others"`
	Left      []lfsOddJSON     `json:"left"`
	Malformed []lfsOddJSON     `json:"malformed"`
	Patterns  []lfsPatternJSON `json:"patterns"`
	History   lfsHistoryJSON   `json:"history"`
}

func lfsPlanJSON(p *lfs.Plan) lfsPlanObject {
	absent := p.Absent()
	o := lfsPlanObject{schema1, p.Repository.Top, p.Repository.Head, []lfsFixtureJSON{}, lfsFiles(p, p.Others), lfsOdd(p.Left), lfsOdd(p.Odd), []lfsPatternJSON{},
		lfsHistoryJSON{len(p.History), lfs.Bytes(p.History), len(absent), lfs.Bytes(absent), !p.Shallow}}
	for _, f := range p.Fixtures {
		o.Fixtures = append(o.Fixtures, lfsFixtureJSON{f.Dir, f.Manifest.FixtureID, f.Manifest.Version, lfsFiles(p, f.Files), lfs.Bytes(f.Files)})
	}
	for _, l := range p.Patterns {
		o.Patterns = append(o.Patterns, lfsPatternJSON{l.File, l.Pattern})
	}
	return o
}

func lfsFiles(p *lfs.Plan, objects []lfs.Object) []lfsFileJSON {
	list := []lfsFileJSON{}
	for _, o := range objects {
		list = append(list, lfsFileJSON{o.Path, o.Digest.String(), o.Size, p.Repository.Has(o)})
	}
	return list
}

func lfsOdd(odd []lfs.Odd) []lfsOddJSON {
	list := []lfsOddJSON{}
	for _, o := range odd {
		list = append(list, lfsOddJSON(o))
	}
	return list
}

type lfsMovedJSON struct {
	Path      string `json:"path"`
	Name      string `json:"name"`
	Reference string `json:"reference"`
	Digest    string `json:"digest"`
	Changed   bool   `json:"changed"` // the pin
	Sent      int64  `json:"bytes_sent"`
	Reused    int64  `json:"bytes_reused"`

	unchanged bool // the tag stood for it already
}

type lfsArchiveJSON struct {
	Repository string   `json:"repository"`
	Objects    int      `json:"objects"`
	Added      []string `json:"added"` // references of image manifests
	Sent       int64    `json:"bytes_sent"`
	Reused     int64    `json:"bytes_reused"`
}

type lfsImportObject struct {
	schema
	DryRun   bool            `json:"dry_run"`
	Fixtures []lfsMovedJSON  `json:"fixtures"`
	Archive  *lfsArchiveJSON `json:"archive"`
	Missing  []lfsFileJSON   `json:"missing"`
	Commands []string        `json:"commands"`
	Requests int64           `json:"requests"`
}

func lfsImported(done *lfs.Imported, pins map[string]workspace.Pinned, commands []string, requests int64) lfsImportObject {
	o := lfsImportObject{schema1, false, []lfsMovedJSON{}, nil, lfsFiles(done.Plan, done.Missing), append([]string{}, commands...), requests}
	for _, m := range done.Fixtures {
		o.Fixtures = append(o.Fixtures, lfsMovedJSON{m.Dir, m.Name, m.Reference.String(), m.Reference.Digest.String(), pins[m.Name].Changed, m.Sent, m.Reused, m.Previous != ""})
	}
	if done.Archive.Client != nil {
		o.Archive = &lfsArchiveJSON{done.Archive.At.Name(), done.Objects, []string{}, done.Stored.Sent, done.Stored.Reused}
		for _, s := range done.Sets {
			o.Archive.Added = append(o.Archive.Added, s.String())
		}
	}
	return o
}
