package dat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// Table is the schema of a table, as the .DAT carries it in JSON.
type Table struct {
	Format      int          `json:"format"`
	Name        string       `json:"name"` // as the source spells it
	Columns     []Column     `json:"columns"`
	PrimaryKey  []string     `json:"primary_key,omitempty"`
	Unique      [][]string   `json:"unique,omitempty"`
	ForeignKeys []ForeignKey `json:"foreign_keys,omitempty"`
	Indexes     []Index      `json:"indexes,omitempty"`
}

// Column is one column of a table. A generated one is listed only: it has no values in the file.
type Column struct {
	Name        string  `json:"name"`
	SQLType     string  `json:"sql_type"`               // IRIS type name, see [SQLTypes]
	Length      int     `json:"length,omitempty"`       // characters or bytes; dimensions of a VECTOR; 0: none declared
	Precision   *int    `json:"precision,omitempty"`    // digits of a DECIMAL; digits after the second of TIME and timestamps
	Scale       *int    `json:"scale,omitempty"`        // of a DECIMAL
	ElementType string  `json:"element_type,omitempty"` // of a VECTOR
	Nullable    bool    `json:"nullable,omitempty"`
	Identity    bool    `json:"identity,omitempty"` // the database numbers it
	Default     *string `json:"default,omitempty"`  // SQL text
	Collation   string  `json:"collation,omitempty"`
	Generated   bool    `json:"generated,omitempty"`
	Declared    string  `json:"declared,omitempty"` // the type's text in another engine's words

	// Nanos marks a TIME or timestamp without a declared precision that needs nanoseconds. The file says it by the
	// column's unit.
	Nanos bool `json:"-"`
}

// ForeignKey refers to the columns of another table, or to its primary key if RefColumns is empty.
type ForeignKey struct {
	Columns    []string `json:"columns"`
	RefTable   string   `json:"ref_table"`
	RefColumns []string `json:"ref_columns,omitempty"`
	OnUpdate   string   `json:"on_update,omitempty"` // CASCADE, SET NULL, SET DEFAULT or RESTRICT; empty: no action
	OnDelete   string   `json:"on_delete,omitempty"`
}

// Index is a secondary index.
type Index struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Unique  bool     `json:"unique,omitempty"`
}

// SchemaError tells what is wrong in a table's schema.
type SchemaError struct{ Table, Reason string }

func (e *SchemaError) Error() string { return fmt.Sprintf("table %q: %s", e.Table, e.Reason) }

// ParseTable reads the JSON of a table. Unknown keys are ignored: they are what later versions add.
func ParseTable(data []byte) (*Table, error) {
	t := new(Table)
	if err := strictjson.Decode(data, t); err != nil {
		return nil, err
	}
	if t.Format > FormatVersion {
		return nil, &NewerError{Format: t.Format}
	}
	return t, t.Check()
}

// JSON returns the canonical form of the table: compact, keys in order, nothing escaped that need not be.
func (t *Table) JSON() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(t); err != nil {
		panic(err) // plain strings and numbers cannot fail
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// Stored returns the columns that have values in the file, in order.
func (t *Table) Stored() []Column {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool { return c.Generated })
}

// Key returns the positions of the primary key's columns among the stored ones, in key order; nil if there is no key
// or it is not stored.
func (t *Table) Key() []int {
	stored := t.Stored()
	var key []int
	for _, name := range t.PrimaryKey {
		i := slices.IndexFunc(stored, func(c Column) bool { return c.Name == name })
		if i < 0 {
			return nil
		}
		key = append(key, i)
	}
	return key
}

// Check reports the first rule that the schema breaks.
func (t *Table) Check() error {
	bad := func(format string, args ...any) error {
		return &SchemaError{t.Name, fmt.Sprintf(format, args...)}
	}
	switch {
	case t.Format != FormatVersion:
		return bad("format %d is unknown", t.Format)
	case t.Name == "":
		return bad("no name")
	case len(t.Columns) > MaxColumns:
		return bad("%d columns, more than %d", len(t.Columns), MaxColumns)
	case len(t.Stored()) == 0:
		return bad("no column that can be stored")
	}
	seen := map[string]bool{}
	for i := range t.Columns {
		c := &t.Columns[i]
		if seen[c.Name] {
			return bad("two columns %q", c.Name)
		}
		seen[c.Name] = true
		if reason := c.check(); reason != "" {
			return bad("column %q: %s", c.Name, reason)
		}
	}
	return t.checkKeys(seen, bad)
}

func (t *Table) checkKeys(columns map[string]bool, bad func(string, ...any) error) error {
	known := func(what string, names []string) error {
		for _, n := range names {
			if !columns[n] {
				return bad("%s names the column %q, which does not exist", what, n)
			}
		}
		return nil
	}
	lists := map[string][][]string{"primary_key": {t.PrimaryKey}, "unique": t.Unique}
	for _, k := range t.ForeignKeys {
		lists["foreign_keys"] = append(lists["foreign_keys"], k.Columns)
		if n := len(k.RefColumns); n != 0 && n != len(k.Columns) {
			return bad("a foreign key of %d columns refers to %d", len(k.Columns), n)
		}
		for _, action := range []string{k.OnUpdate, k.OnDelete} {
			if !slices.Contains([]string{"", "CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT"}, action) {
				return bad("a foreign key with the action %q", action)
			}
		}
	}
	for _, x := range t.Indexes {
		lists["indexes"] = append(lists["indexes"], x.Columns)
	}
	for _, what := range []string{"primary_key", "unique", "foreign_keys", "indexes"} {
		for _, names := range lists[what] {
			if err := known(what, names); err != nil {
				return err
			}
		}
	}
	return nil
}

// check returns the reason why the column is impossible, or nothing.
func (c *Column) check() string {
	f, ok := families[c.SQLType]
	switch {
	case c.Generated && !ok:
		return "" // listed only, its type does not matter
	case !ok:
		return fmt.Sprintf("unknown type %q", c.SQLType)
	case c.Length < 0:
		return fmt.Sprintf("length %d", c.Length)
	case f == famDecimal && (c.Precision == nil || c.Scale == nil):
		return "a decimal without precision and scale"
	case f == famDecimal && (*c.Precision < 1 || *c.Precision > MaxPrecision):
		return fmt.Sprintf("precision %d is not within 1 to %d", *c.Precision, MaxPrecision)
	case f == famDecimal && (*c.Scale < 0 || *c.Scale > *c.Precision):
		return fmt.Sprintf("scale %d is not within 0 to the precision %d", *c.Scale, *c.Precision)
	case (f == famTime || f == famTimestamp) && c.Precision != nil && (*c.Precision < 0 || *c.Precision > 9):
		return fmt.Sprintf("precision %d is not within 0 to 9", *c.Precision)
	}
	return ""
}
