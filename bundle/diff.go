package bundle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// The kinds of a [Difference].
const (
	TableAdded    = "table added"
	TableRemoved  = "table removed"
	SchemaChanged = "schema"
	RowsChanged   = "rows"
	FileChanged   = "file" // of a database fixture
)

// Difference is how one table of two fixtures differs.
type Difference struct {
	Table                   string
	Kind                    string
	Added, Removed, Changed int64          // rows
	Columns                 []ColumnChange // of changed rows
	Schema                  []string       // what differs in the schema, one line each
	Sample                  []RowChange    // the first few rows
}

// ColumnChange counts the changed rows in which a column differs.
type ColumnChange struct {
	Name string
	Rows int64
}

// RowChange is a row that differs.
type RowChange struct {
	Change string // added, removed or changed
	Key    []Cell
	Cells  []Cell // of a changed row those that differ, else all others
}

// Cell is a value as text. Before and After are nil for NULL and where there is no such row.
type Cell struct {
	Column        string
	Before, After *string
}

// DiffOptions bound the work and the answer.
type DiffOptions struct {
	Sample int    // rows shown of each table
	Temp   string // folder for tables without a primary key, which are sorted first
}

// Diff compares two verified fixtures table by table, in flat memory. Tables with the same bytes are not read. A file
// that cannot be read is a [*SideError].
func Diff(ctx context.Context, a, b *Fixture, o DiffOptions) ([]Difference, error) {
	if a.Manifest.Kind() != b.Manifest.Kind() {
		return nil, &InvalidError{b.Where, []Problem{{manifestName, "one is a table fixture, the other a whole database: they cannot be compared"}}}
	}
	before, after := byTable(a.Manifest), byTable(b.Manifest)
	var names []string
	for _, f := range append(a.Manifest.Files(), b.Manifest.Files()...) {
		names = append(names, f.Table)
	}
	slices.Sort(names)
	var list []Difference
	for _, name := range slices.Compact(names) {
		x, inA := before[name]
		y, inB := after[name]
		switch {
		case inA && inB && x.Digest == y.Digest:
		case name == "":
			list = append(list, Difference{Kind: FileChanged, Table: y.Path})
		case !inA:
			list = append(list, Difference{Table: name, Kind: TableAdded, Added: y.Rows})
		case !inB:
			list = append(list, Difference{Table: name, Kind: TableRemoved, Removed: x.Rows})
		default:
			more, err := diffTable(ctx, a, x, b, y, o)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	return list, nil
}

func byTable(m *Manifest) map[string]File {
	files := map[string]File{}
	for _, f := range m.Files() {
		files[f.Table] = f
	}
	return files
}

func diffTable(ctx context.Context, a *Fixture, x File, b *Fixture, y File, o DiffOptions) (_ []Difference, err error) {
	left, c1, err := a.OpenTable(ctx, x)
	if err != nil {
		return nil, &SideError{0, err}
	}
	defer c1.Close()
	right, c2, err := b.OpenTable(ctx, y)
	if err != nil {
		return nil, &SideError{1, err}
	}
	defer c2.Close()
	var list []Difference
	schema := diffSchema(left.Table(), right.Table())
	if len(schema) > 0 {
		list = append(list, Difference{Table: x.Table, Kind: SchemaChanged, Schema: schema})
	}
	rows, err := newRowDiff(ctx, &side{reader: left, path: x.Path}, &side{reader: right, path: y.Path, number: 1}, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.close()) }()
	d, err := rows.run(ctx)
	if d != nil && d.Added+d.Removed+d.Changed > 0 {
		d.Table = x.Table
		list = append(list, *d)
	}
	return list, err
}

// diffSchema says what differs, one line each.
func diffSchema(a, b *dat.Table) []string {
	var lines []string
	find := func(t *dat.Table, name string) *dat.Column {
		i := slices.IndexFunc(t.Columns, func(c dat.Column) bool { return c.Name == name })
		if i < 0 {
			return nil
		}
		return &t.Columns[i]
	}
	for i := range a.Columns {
		old := &a.Columns[i]
		c := find(b, old.Name)
		if c == nil {
			lines = append(lines, fmt.Sprintf("column %s removed", old.Name))
		} else if was, is := columnText(old), columnText(c); was != is {
			lines = append(lines, fmt.Sprintf("column %s: %s, was %s", c.Name, is, was))
		}
	}
	for i := range b.Columns {
		if c := &b.Columns[i]; find(a, c.Name) == nil {
			lines = append(lines, fmt.Sprintf("column %s added: %s", c.Name, columnText(c)))
		}
	}
	if was, is := listText(a.PrimaryKey), listText(b.PrimaryKey); was != is {
		lines = append(lines, fmt.Sprintf("primary key %s, was %s", is, was))
	}
	was, is := constraints(a), constraints(b)
	for _, c := range was {
		if !slices.Contains(is, c) {
			lines = append(lines, c+" removed")
		}
	}
	for _, c := range is {
		if !slices.Contains(was, c) {
			lines = append(lines, c+" added")
		}
	}
	return lines
}

// constraints are the keys and indexes of a table beside its primary key, as text.
func constraints(t *dat.Table) (list []string) {
	for _, u := range t.Unique {
		list = append(list, "unique "+listText(u))
	}
	for _, k := range t.ForeignKeys {
		list = append(list, strings.TrimSuffix(fmt.Sprintf("foreign key %s to %s %s", listText(k.Columns), k.RefTable, listText(k.RefColumns)), " none"))
	}
	for _, x := range t.Indexes {
		kind := "index "
		if x.Unique {
			kind = "unique index "
		}
		list = append(list, kind+x.Name+" "+listText(x.Columns))
	}
	return list
}

func listText(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// columnText is the column's definition as SQL would have it.
func columnText(c *dat.Column) string {
	s := c.SQLType
	switch {
	case c.Scale != nil && c.Precision != nil:
		s += fmt.Sprintf("(%d,%d)", *c.Precision, *c.Scale)
	case c.Precision != nil:
		s += fmt.Sprintf("(%d)", *c.Precision)
	case c.ElementType != "":
		s += fmt.Sprintf("(%s,%d)", c.ElementType, c.Length)
	case c.Length > 0:
		s += fmt.Sprintf("(%d)", c.Length)
	}
	if !c.Nullable {
		s += " NOT NULL"
	}
	if c.Identity {
		s += " IDENTITY"
	}
	if c.Default != nil {
		s += " DEFAULT " + *c.Default
	}
	if c.Collation != "" {
		s += " COLLATE " + c.Collation
	}
	if c.Generated {
		s += " generated"
	}
	if c.Declared != "" && !strings.EqualFold(c.Declared, c.SQLType) {
		s += " (declared " + c.Declared + ")"
	}
	return s
}
