package engine

import (
	"fmt"
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

type column struct {
	dataType
	id           int
	name         string
	property     string
	notNull      bool
	identity     bool
	autoInc      bool // AUTO_INCREMENT: counted, but a given value does not move the counter
	def          expr
	defText      string
	hasDefault   bool
	onUpdate     expr
	compute      string
	computed     expr     // compute, parsed
	computeOn    []string // columns whose change computes it anew
	calculated   bool
	transient    bool
	description  string
	counter      int64
	hidden       bool
	collateGiven bool
}

// key is a primary key or a unique constraint.
type key struct {
	name    string
	primary bool
	columns []*column
	index   bool // made by CREATE UNIQUE INDEX
}

type foreign struct {
	name               string
	columns            []*column
	parent             *table
	ref                []*column // of the parent; nil: its row id
	refKey             string    // the name of the constraint referred to
	onDelete, onUpdate string
	noCheck            bool
}

type index struct {
	name    string
	columns []indexedColumn
	unique  bool
	kind    string
	data    []*column
}

type indexedColumn struct {
	*column
	desc bool
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

func (t *table) sqlite() string { return fmt.Sprintf("t%d", t.id) }

// shown is the name as messages give it.
func (t *table) shown() string { return clean(t.schema + "." + t.name) }

// sqlite is the name of the column in SQLite.
func (c *column) sqlite() string {
	if c.identity {
		return "rid"
	}
	return fmt.Sprintf("c%d", c.id)
}

// find returns the column of this name.
func (t *table) find(name string) *column {
	for _, c := range t.columns {
		if strings.EqualFold(c.name, name) {
			return c
		}
	}
	return nil
}

// identity is the column that is the row id, nil if none was declared.
func (t *table) identity() *column {
	for _, c := range t.columns {
		if c.identity {
			return c
		}
	}
	return nil
}

// rowID describes the row id of a table.
func (t *table) rowID() *column {
	if c := t.identity(); c != nil {
		return c
	}
	return &column{dataType: bigint("%Library.BigInt"), name: t.rowIDName, property: "%%ID", identity: true, notNull: true, hidden: true}
}

// freeRowIDName is ID, or ID1 and so on if a column has that name (Using InterSystems SQL, RowID Field).
func (t *table) freeRowIDName() string {
	name := "ID"
	for n := 1; t.find(name) != nil; n++ {
		name = fmt.Sprintf("ID%d", n)
	}
	return name
}

// collated is the collation of a column, in upper case.
func (c *column) collated() string {
	if c.collation != "" {
		return c.collation
	}
	if c.kind == kString {
		return "SQLUPPER"
	}
	return "EXACT"
}

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

// propertyName is the property of a column: without punctuation, and numbered if it exists.
func (t *table) propertyName(column string) string {
	base := alphanumeric(column)
	name := base
	for n := 1; ; n++ {
		taken := false
		for _, c := range t.columns {
			taken = taken || strings.EqualFold(c.property, name)
		}
		if !taken {
			return name
		}
		name = fmt.Sprintf("%s%d", base, n)
	}
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
