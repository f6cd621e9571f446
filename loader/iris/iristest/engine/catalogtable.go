package engine

import (
	"fmt"
	"slices"
	"strings"
)

// catalogTable is a table that describes the others. Its rows are made when a query reads it and the definitions have
// changed since.
type catalogTable struct {
	schema, name string
	columns      string // "NAME:type" with blanks between; type s, x (exact text), i, b; hidden ones begin with -
	rows         func(n *namespace, s *System) [][]any
}

// fillMark says for what a catalog table was filled.
type fillMark struct {
	ns      *namespace
	version int64
}

// makeCatalog makes the tables of the catalog.
func (s *System) makeCatalog() error {
	for _, ct := range catalogTables {
		s.lastID++
		t := &table{id: s.lastID, schema: ct.schema, name: ct.name, class: strings.ReplaceAll(ct.schema, "_", ".") + "." + ct.name, system: true,
			procedure: strings.HasPrefix(ct.name, "SQLCatalog_"), rowIDName: "%ID", parameters: map[string]string{}, owner: "_SYSTEM"}
		cols := []string{"rid INTEGER PRIMARY KEY"}
		for i, spec := range strings.Fields(ct.columns) {
			spec, hidden := strings.CutPrefix(spec, "-")
			name, kind, _ := strings.Cut(spec, ":")
			c := &column{id: i + 1, name: name, property: name, hidden: hidden}
			switch kind {
			case "i":
				c.dataType = integerType("%Library.Integer", TypeInteger, 10, -1<<31, 1<<31-1)
			case "b":
				c.dataType = dataType{kind: kBit, class: "%Library.Boolean", odbc: TypeBit, precision: 1}
			case "x":
				c.dataType = stringOf(-1)
				c.collation = "EXACT"
			default:
				c.dataType = stringOf(128)
				if kind == "l" {
					c.dataType = stringOf(-1)
				}
			}
			t.columns = append(t.columns, c)
			cols = append(cols, c.declared())
		}
		if err := s.exec(fmt.Sprintf("CREATE TABLE %s (%s)", t.sqlite(), strings.Join(cols, ", "))); err != nil {
			return err
		}
		s.catalog[objectKey(ct.schema, ct.name)] = t
	}
	return nil
}

// fill makes the rows of the catalog tables that a query reads.
func (s *System) fill(n *namespace, reads []*table) error {
	for _, t := range reads {
		mark := fillMark{n, s.version + 1}
		if !t.system || s.filled[t] == mark {
			continue
		}
		if err := s.exec("DELETE FROM " + t.sqlite()); err != nil {
			return err
		}
		i := slices.IndexFunc(catalogTables, func(ct catalogTable) bool { return ct.schema == t.schema && ct.name == t.name })
		for rid, values := range catalogTables[i].rows(n, s) {
			if err := s.exec(t.insertSQL(), append([]any{int64(rid + 1)}, values...)...); err != nil {
				return err
			}
		}
		s.filled[t] = mark
	}
	return nil
}

var catalogTables []catalogTable

func init() {
	catalogTables = slices.Concat(informationSchema, classDictionary, sqlCatalog)
}

func yes(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}
