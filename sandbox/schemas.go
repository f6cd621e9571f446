package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/loader"
)

// withoutSchema is the schema that tables without one have in a namespace, unless it is configured otherwise.
const withoutSchema = "SQLUser"

// plainSchema is a schema whose name can be part of another.
var plainSchema = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)

// schemasFor gives each schema of the fixtures one of its own that begins with the name of the sandbox.
func schemasFor(s *Sandbox) loader.SchemaMap {
	m := loader.SchemaMap{}
	for _, f := range s.Fixtures {
		for _, schema := range schemasOf(f) {
			if _, there := lookUp(m, schema); there {
				continue
			}
			name := schema
			switch {
			case schema == "":
				name = withoutSchema
			case strings.EqualFold(schema, withoutSchema): // spelled as for those without
				name = withoutSchema
			case !plainSchema.MatchString(schema):
				name = fmt.Sprint(len(m))
			}
			m[schema] = s.Name + "_" + name
		}
	}
	return m
}

// schemasOf are the schemas of a fixture's tables, each once in one of its spellings.
func schemasOf(f Fixture) (list []string) {
	for _, file := range f.Manifest.Files() {
		schema, _, found := strings.Cut(file.Table, ".")
		if !found {
			schema = ""
		}
		if !slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, schema) }) {
			list = append(list, schema)
		}
	}
	return list
}

func lookUp(m loader.SchemaMap, schema string) (to string, there bool) {
	for from, to := range m {
		if strings.EqualFold(from, schema) {
			return to, true
		}
	}
	return "", false
}

// only is the part of a map that a fixture has schemas for.
func only(m loader.SchemaMap, f Fixture) loader.SchemaMap {
	part := loader.SchemaMap{}
	for _, schema := range schemasOf(f) {
		if to, there := lookUp(m, schema); there {
			part[schema] = to
		}
	}
	return part
}
