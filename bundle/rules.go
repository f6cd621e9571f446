package bundle

import (
	"strings"
	"time"
)

// ValidName reports whether s may be the name of a fixture.
func ValidName(s string) bool { return nameForm.MatchString(s) }

// ValidVersion reports whether s is a semantic version.
func ValidVersion(s string) bool { return versionForm.MatchString(s) }

// check holds the manifest against the rules that concern more than the form of a value.
func (p *parser) check(m *Manifest) {
	rules := []struct {
		key, value, want string
		ok               bool
	}{
		{"fixture_id", m.FixtureID, "a name: letters, digits, dot, underscore and hyphen, at most 128", ValidName(m.FixtureID)},
		{"version", m.Version, "a semantic version such as 1.0.0", ValidVersion(m.Version)},
		{"schema_version", m.SchemaVersion, `"` + schemaVersion + `"`, schemaForm.MatchString(m.SchemaVersion) && m.SchemaVersion[0] != '0'},
		{"created_at", m.CreatedAt, "a time in UTC such as 2026-01-31T12:00:00Z", validTime(m.CreatedAt)},
	}
	for _, r := range rules {
		if r.ok || p.has(r.key) {
			continue
		}
		if r.value == "" {
			p.problem(r.key, "missing or empty")
		} else {
			p.problem(r.key, "%q is not %s", r.value, r.want)
		}
	}
	p.checkKind(m)
	seen := map[string]bool{}
	for _, t := range m.Tables {
		if t.Name != "" && seen[t.Name] {
			p.problem("table "+quote(t.Name), "listed twice")
		}
		if t.File != "" && ReservedTable(t.Name) {
			p.problem("table "+quote(t.Name), "the name is reserved: irisfix.* for the record of loads, sqlite_* for SQLite")
		}
		seen[t.Name] = true
	}
	p.checkFiles(m)
}

// ReservedTable reports a name that no exported table has. A fixture that could load one would write the record that
// says which tables unload may drop.
func ReservedTable(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "irisfix.") || strings.HasPrefix(lower, "sqlite_")
}

func (p *parser) has(subject string) bool {
	for _, x := range p.problems {
		if x.Subject == subject {
			return true
		}
	}
	return false
}

func (p *parser) checkKind(m *Manifest) {
	files := 0
	for _, t := range m.Tables {
		if t.File != "" || t.Checksum != "" {
			files++
		}
	}
	switch {
	case m.Kind() == Database && files > 0:
		p.problem(manifestName, "both a database fixture (dat_file) and a table fixture (tables with file)")
	case m.Kind() == Tables && files == 0:
		p.problem(manifestName, "neither a table fixture (tables with file and checksum) nor a database fixture (dat_file and checksum)")
	case m.Kind() == Tables && files < len(m.Tables):
		p.problem(manifestName, "some tables have a file and some have none")
	}
}

func (p *parser) checkFiles(m *Manifest) {
	var paths []string
	for _, f := range m.Files() {
		subject := "dat_file"
		if m.Kind() == Tables {
			subject = "table " + quote(f.Table)
			if f.Path == "" && f.Digest == "" {
				continue // said by checkKind
			}
		}
		switch reason := checkPath(f.Path); {
		case reason != "":
			p.problem(subject, "%q: %s", f.Path, reason)
		case m.Kind() == Tables && !isDAT(f.Path): // or a fixture from elsewhere could bring files that a test runner runs
			p.problem(subject, "%q: the file of a table ends in .dat", f.Path)
		default:
			paths = append(paths, f.Path)
		}
		if !digestForm.MatchString(string(f.Digest)) {
			p.problem(subject, "checksum %q is not sha256: and 64 hex digits", f.Digest)
		}
	}
	p.problems = append(p.problems, checkPaths(paths)...)
}

func validTime(s string) bool {
	t, err := time.Parse(time.RFC3339Nano, s)
	_, offset := t.Zone()
	return err == nil && offset == 0
}
