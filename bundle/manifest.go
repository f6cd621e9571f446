package bundle

import (
	"encoding/json"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// Manifest is the content of a manifest.json. Keys that this version does not know are kept by [Manifest.Encode].
type Manifest struct {
	FixtureID     string
	Version       string // semantic version
	SchemaVersion string
	Description   string
	CreatedAt     string // RFC 3339, UTC
	IRISVersion   string // what the source database reported
	Namespace     string
	Tables        []TableEntry
	DatFile       string          // database fixtures only
	Checksum      digest.Digest   // database fixtures only
	Features      json.RawMessage // an object, or nil
	KnownQueries  []KnownQuery

	extra []strictjson.Member
}

// TableEntry is a table in a manifest. File and Checksum are empty in a database fixture.
type TableEntry struct {
	Name     string
	RowCount int64
	File     string
	Checksum digest.Digest

	extra []strictjson.Member
}

// KnownQuery is a query whose result is known. One without expectation is documentation.
type KnownQuery struct {
	Name        string
	SQL         string
	ExpectRows  *int64          // number of rows
	ExpectValue json.RawMessage // first column of the only row: a number, a text, a truth value

	raw json.RawMessage
}

// Kind tells the two kinds of fixtures apart.
type Kind uint8

const (
	Tables   Kind = iota + 1 // one .DAT a table
	Database                 // one whole database file
)

// Kind returns the kind of the fixture.
func (m *Manifest) Kind() Kind {
	if m.DatFile != "" || m.Checksum != "" {
		return Database
	}
	return Tables
}

// File is a .DAT that a manifest lists.
type File struct {
	Path   string // relative, with forward slashes
	Digest digest.Digest
	Table  string // its table; empty for a database file
	Rows   int64  // of its table
}

// Files returns the .DAT files in the order of the manifest.
func (m *Manifest) Files() []File {
	if m.Kind() == Database {
		return []File{{Path: m.DatFile, Digest: m.Checksum}}
	}
	files := make([]File, len(m.Tables))
	for i, t := range m.Tables {
		files[i] = File{t.File, t.Checksum, t.Name, t.RowCount}
	}
	return files
}

// Rows is the number of rows of all tables.
func (m *Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.RowCount
	}
	return n
}

// SetTables replaces the tables. Unknown keys of a table that stays are kept.
func (m *Manifest) SetTables(tables []TableEntry) {
	extra := map[string][]strictjson.Member{}
	for _, t := range m.Tables {
		extra[t.Name] = t.extra
	}
	m.Tables = tables
	for i := range m.Tables {
		m.Tables[i].extra = extra[m.Tables[i].Name]
	}
}

// SetFeature sets a text among the features.
func (m *Manifest) SetFeature(key, value string) {
	var o object
	members, _ := strictjson.Members(m.Features)
	found := false
	for _, x := range members {
		if x.Key == key {
			x.Value, found = json.RawMessage(quote(value)), true
		}
		o.raw(x.Key, x.Value)
	}
	if !found {
		o.text(key, value)
	}
	m.Features = o.close()
}

// Warning is something unusual that does no harm.
type Warning struct{ Subject, Message string }

// Warnings returns what is unusual about the manifest.
func (m *Manifest) Warnings() []Warning {
	var list []Warning
	unknown := func(where string, extra []strictjson.Member) {
		for _, x := range extra {
			list = append(list, Warning{where, "unknown key " + quote(x.Key) + ", kept as it is"})
		}
	}
	unknown(manifestName, m.extra)
	for _, t := range m.Tables {
		unknown("table "+quote(t.Name), t.extra)
	}
	if m.SchemaVersion != "" && m.SchemaVersion != schemaVersion {
		list = append(list, Warning{"schema_version", m.SchemaVersion + " is newer than " + schemaVersion + "; what it adds is ignored"})
	}
	return list
}
