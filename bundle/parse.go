package bundle

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/strictjson"
)

var (
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	schemaForm  = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$`)
	digestForm  = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	integerForm = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
	// https://semver.org, "Is there a suggested regular expression".
	versionForm = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
		`(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?` +
		`(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$`)
)

// ParseManifest reads a manifest.json. The error is an [*InvalidError] with everything that is wrong, or a
// [*NewerError].
func ParseManifest(data []byte) (*Manifest, error) {
	m, problems, err := parseManifest(data)
	if err == nil && len(problems) > 0 {
		err = &InvalidError{manifestName, problems}
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// parseManifest returns what could be read together with everything that is wrong. It fails only for a newer format.
func parseManifest(data []byte) (*Manifest, []Problem, error) {
	p := &parser{}
	m := &Manifest{}
	if len(data) >= MaxManifest {
		p.problem(manifestName, "larger than 1 MiB")
		return m, p.problems, nil
	}
	members, err := strictjson.Object(data)
	if err != nil {
		p.problem(manifestName, "%v", err)
		return m, p.problems, nil
	}
	for _, x := range members {
		if !p.key(m, x) {
			m.extra = append(m.extra, x)
		}
	}
	if major, _, _ := strings.Cut(m.SchemaVersion, "."); schemaForm.MatchString(m.SchemaVersion) && major != "0" && major != "1" {
		return nil, nil, &NewerError{"schema_version", m.SchemaVersion}
	}
	p.check(m)
	return m, p.problems, nil
}

// parser collects problems.
type parser struct{ problems []Problem }

func (p *parser) problem(subject, format string, args ...any) {
	p.problems = append(p.problems, Problem{subject, fmt.Sprintf(format, args...)})
}

// key reads a known key of the manifest and reports whether it is one. One that is null counts as absent.
func (p *parser) key(m *Manifest, x strictjson.Member) bool {
	texts := map[string]*string{
		"fixture_id": &m.FixtureID, "version": &m.Version, "schema_version": &m.SchemaVersion, "description": &m.Description,
		"created_at": &m.CreatedAt, "iris_version": &m.IRISVersion, "namespace": &m.Namespace, "dat_file": &m.DatFile,
		"checksum": (*string)(&m.Checksum),
	}
	t, isText := texts[x.Key]
	switch {
	case !isText && x.Key != "tables" && x.Key != "features" && x.Key != "known_queries":
		return false
	case isNull(x.Value):
		return true
	case isText:
		*t = p.text(x.Key, x.Value)
		return true
	}
	switch x.Key {
	case "tables":
		for i, raw := range p.array(x.Key, x.Value) {
			m.Tables = append(m.Tables, p.table(fmt.Sprintf("tables[%d]", i), raw))
		}
	case "features":
		if _, err := strictjson.Members(x.Value); err != nil {
			p.problem(x.Key, "not an object")
			return true
		}
		m.Features = x.Value
	case "known_queries":
		m.KnownQueries = []KnownQuery{}
		for i, raw := range p.array(x.Key, x.Value) {
			m.KnownQueries = append(m.KnownQueries, p.query(fmt.Sprintf("known_queries[%d]", i), raw))
		}
	}
	return true
}

func (p *parser) table(where string, raw json.RawMessage) (t TableEntry) {
	rows := false
	for _, x := range p.object(where, raw) {
		at := where + "." + x.Key
		switch {
		case isNull(x.Value):
		case x.Key == "name":
			t.Name = p.text(at, x.Value)
		case x.Key == "row_count":
			t.RowCount, rows = p.count(at, x.Value), true
		case x.Key == "file":
			t.File = p.text(at, x.Value)
		case x.Key == "checksum":
			t.Checksum = digest.Digest(p.text(at, x.Value))
		default:
			t.extra = append(t.extra, x)
		}
	}
	if t.Name == "" {
		p.problem(where+".name", "missing or empty")
	}
	if !rows {
		p.problem(where+".row_count", "missing")
	}
	return t
}

func (p *parser) query(where string, raw json.RawMessage) KnownQuery {
	q := KnownQuery{raw: raw}
	for _, x := range p.object(where, raw) {
		at := where + "." + x.Key
		switch {
		case isNull(x.Value):
		case x.Key == "name":
			q.Name = p.text(at, x.Value)
		case x.Key == "sql":
			q.SQL = p.text(at, x.Value)
		case x.Key == "expect_rows":
			n := p.count(at, x.Value)
			q.ExpectRows = &n
		case x.Key == "expect_value":
			if x.Value[0] == '{' || x.Value[0] == '[' {
				p.problem(at, "not a number, a text or a truth value")
			}
			q.ExpectValue = x.Value
		}
	}
	if q.Name == "" || q.SQL == "" {
		p.problem(where, "name or sql is missing")
	}
	return q
}

func (p *parser) text(where string, raw json.RawMessage) (s string) {
	if json.Unmarshal(raw, &s) != nil {
		p.problem(where, "not a text")
	}
	return s
}

func (p *parser) count(where string, raw json.RawMessage) int64 {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if !integerForm.Match(raw) || err != nil {
		p.problem(where, "%s is not a whole number of 0 or more", raw)
	}
	return n
}

func (p *parser) array(where string, raw json.RawMessage) (items []json.RawMessage) {
	if json.Unmarshal(raw, &items) != nil {
		p.problem(where, "not an array")
	}
	return items
}

func (p *parser) object(where string, raw json.RawMessage) []strictjson.Member {
	members, err := strictjson.Members(raw)
	if err != nil {
		p.problem(where, "not an object")
	}
	return members
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }
