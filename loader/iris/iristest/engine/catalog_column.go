package engine

import (
	"fmt"
	"strings"
)

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

func (t *table) sqlite() string { return fmt.Sprintf("t%d", t.id) }

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
