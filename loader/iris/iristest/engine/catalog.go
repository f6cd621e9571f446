package engine

import (
	"slices"
	"strings"
)

// namespace holds schemas of its own. Names are found by their upper case.
type namespace struct {
	name       string
	dir        string
	system     bool
	tables     map[string]*table // by SCHEMA.NAME in upper case
	views      map[string]*view
	options    map[string]string
	privileges map[string]map[string]bool // user → privileges, as "SELECT ON S.T" or "%NOCHECK"
	rowVersion int64
}

// table is a table. In SQLite it is called t<id>, its row id rid, its columns c<id>, so that no name needs care.
type table struct {
	id          int64
	ns          *namespace
	schema      string
	name        string
	class       string // User.T
	owner       string
	columns     []*column
	keys        []*key
	foreign     []*foreign
	indexes     []*index
	publicRowID bool
	rowIDName   string // of the RowID field, when no column is the identity
	parameters  map[string]string
	description string
	count       int // of constraints
	lastColumn  int // the highest id of a column
	nextRow     int64
	system      bool // of the catalog itself: only to be read
	procedure   bool // it is called with the name of a table
	temporary   bool
	insert      string // the statement that puts a row in
	idKey       *key   // the primary key is the row id (PKEY_IS_IDKEY)
}

type view struct {
	ns      *namespace
	schema  string
	name    string
	class   string
	owner   string
	columns []string
	query   *selectStmt
	check   string
	result  []outColumn
}

func fold(s string) string { return strings.ToUpper(s) }

func objectKey(schema, object string) string { return fold(schema) + "." + fold(object) }

// shown is the name as messages give it.
func (t *table) shown() string { return clean(t.schema + "." + t.name) }

// object finds a table or a view.
func (n *namespace) object(schema, name string) (*table, *view) {
	k := objectKey(schema, name)
	return n.tables[k], n.views[k]
}

// sortedTables are the tables in the order of their names.
func (n *namespace) sortedTables() []*table {
	var list []*table
	for _, t := range n.tables {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *table) int {
		return strings.Compare(objectKey(a.schema, a.name), objectKey(b.schema, b.name))
	})
	return list
}

// className is the class that a table projects (Using InterSystems SQL, Table Names and Schema Names).
func className(schema, object string) string {
	pkg := strings.ReplaceAll(schema, "_", ".")
	if strings.EqualFold(schema, "SQLUser") {
		pkg = "User"
	}
	return pkg + "." + alphanumeric(object)
}

// alphanumeric drops what class and property names cannot hold.
func alphanumeric(s string) string {
	var b strings.Builder
	for i, r := range s {
		if isWordRune(r, false) && r != '_' && r != '@' && r != '#' && r != '$' || i == 0 && r == '%' {
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 || isDigit(b.String()[0]) {
		return "n" + b.String()
	}
	return b.String()
}

// referring are the foreign keys of other tables, and its own, that refer to a table.
func (n *namespace) referring(parent *table) (list []reference) {
	for _, t := range n.sortedTables() {
		for _, f := range t.foreign {
			if f.parent == parent {
				list = append(list, reference{t, f})
			}
		}
	}
	return list
}

type reference struct {
	child *table
	key   *foreign
}

// defaultText is how INFORMATION_SCHEMA shows a default: in the way of ObjectScript.
func defaultText(v any) string {
	switch v := v.(type) {
	case nil:
		return `""`
	case string:
		if v == "" {
			return "$c(0)"
		}
		return `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
	}
	s, _ := textOf(v)
	return s
}
