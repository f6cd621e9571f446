package loader

import (
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
)

// SchemaMap says under which schema the tables of a schema are loaded: the keys are schemas of the fixture, the values
// those of the target. The empty key stands for names without a schema. A nil map changes nothing.
type SchemaMap map[string]string

// to returns the schema that tables of a schema get, and whether the map says so. Schemas are told apart without regard
// to case, as SQL does.
func (m SchemaMap) to(schema string) (string, bool) {
	for from, to := range m {
		if fold(from) == fold(schema) {
			return to, true
		}
	}
	return "", false
}

// rename returns the name that a table has in the target.
func (m SchemaMap) rename(name string) string {
	schema, base := splitName(name)
	if to, ok := m.to(schema); ok {
		return to + "." + base
	}
	return name
}

// splitName cuts a table's name into its schema, which may be empty, and the rest.
func splitName(name string) (schema, base string) {
	if schema, base, found := strings.Cut(name, "."); found {
		return schema, base
	}
	return "", name
}

// apply gives a table, and those that it refers to, their names in the target.
func (m SchemaMap) apply(t *dat.Table) {
	t.Name = m.rename(t.Name)
	for i := range t.ForeignKeys {
		t.ForeignKeys[i].RefTable = m.rename(t.ForeignKeys[i].RefTable)
	}
}

// check returns why the map does not go with these tables of a fixture: a schema that no table has, or two tables that
// would become one.
func (m SchemaMap) check(f *bundle.Fixture, files []bundle.File, target string) error {
	for from := range m {
		if !slices.ContainsFunc(files, func(f bundle.File) bool { s, _ := splitName(f.Table); return fold(s) == fold(from) }) {
			return &TableNotFoundError{from + ".*", f.Where, namesOf(files)}
		}
	}
	if len(m) == 0 {
		return nil // names that the fixture itself has twice are for the target to tell apart
	}
	seen := map[string]string{}
	for _, f := range files {
		name := m.rename(f.Table)
		if other, twice := seen[fold(name)]; twice {
			return &ConflictError{target, []Conflict{{name, "would be both " + other + " and " + f.Table + " of the fixture", Mapping}}}
		}
		seen[fold(name)] = f.Table
	}
	return nil
}

// fileOf returns the file of a fixture that a table of the target was loaded from: the one with its name, else, as a
// schema map changes the schema only, the only one with its name in another schema.
func fileOf(files []bundle.File, table string) (bundle.File, bool) {
	_, base := splitName(table)
	var found []bundle.File
	for _, f := range files {
		if f.Table == table {
			return f, true
		}
		if _, b := splitName(f.Table); b == base {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		return bundle.File{}, false
	}
	return found[0], true
}

func namesOf(files []bundle.File) (names []string) {
	for _, f := range files {
		names = append(names, f.Table)
	}
	return names
}
