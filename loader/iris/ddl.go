package iris

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// Names of what irisfix makes in a table. They are the same each time, so that a table that is made again looks the same
// to the foreign keys of others.
const (
	primaryKeyName = "IrisFixPK"
	uniqueName     = "IrisFixUnique"
	foreignKeyName = "IrisFixFK"
)

// createTable is the statement that makes a table, without its indexes and foreign keys. publicRowID lets foreign keys
// refer to its RowID (GSQL 11.4.2).
func createTable(t *dat.Table, publicRowID bool) string {
	in := keyed(t)
	var parts []string
	if publicRowID {
		parts = append(parts, "%PUBLICROWID")
	}
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Name != rowIDColumn && (!c.Generated || c.SQLType == "ROWVERSION") {
			parts = append(parts, columnDefinition(t, c, in[c.Name]))
		}
	}
	if constrainable(t, t.PrimaryKey) {
		parts = append(parts, fmt.Sprintf("CONSTRAINT %s PRIMARY KEY (%s)", primaryKeyName, quoteAll(t.PrimaryKey)))
	}
	for i, u := range t.Unique {
		if constrainable(t, u) {
			parts = append(parts, fmt.Sprintf("CONSTRAINT %s%d UNIQUE (%s)", uniqueName, i+1, quoteAll(u)))
		}
	}
	return "CREATE TABLE " + parseName(t.Name).sql() + " (\n  " + strings.Join(parts, ",\n  ") + "\n)"
}

// constrainable reports columns that a constraint can be made of: all stored, and none the identity, with which IRIS
// ignores it, since it is unique by itself (RSQL:createtable).
func constrainable(t *dat.Table, columns []string) bool {
	for _, name := range columns {
		i := slices.IndexFunc(t.Columns, func(c dat.Column) bool { return c.Name == name })
		if t.Columns[i].Generated || name == identity(t) {
			return false
		}
	}
	return len(columns) > 0
}

// identity is the name of the column that takes the place of the RowID; empty if there is none.
func identity(t *dat.Table) string {
	if hasRowID(t) {
		return ""
	}
	for i := range t.Columns {
		if t.Columns[i].Identity {
			return t.Columns[i].Name
		}
	}
	return ""
}

// hasRowID reports a fixture's table with the RowIDs of a table that has no column for them.
func hasRowID(t *dat.Table) bool { return len(t.Columns) > 0 && t.Columns[0].Name == rowIDColumn }

func columnDefinition(t *dat.Table, c *dat.Column, keyed bool) string {
	s := quote(c.Name) + " " + declaration(c, keyed)
	switch {
	case c.Generated:
		return s
	case c.Name == identity(t):
		return s + " IDENTITY"
	case c.Identity:
		s += " AUTO_INCREMENT"
	}
	if !c.Nullable {
		s += " NOT NULL"
	}
	if def := defaultClause(c); def != "" {
		s += " DEFAULT " + def
	}
	if name := collation(c, keyed); name != "" {
		s += " COLLATE %" + name
	}
	return s
}

// plainDefault is what may stand after DEFAULT. The text comes from a fixture: code (OBJECTSCRIPT) is never run.
var plainDefault = regexp.MustCompile(`(?i)^([-+]?([0-9]+\.?[0-9]*|\.[0-9]+)|'([^']|'')*'|null|(current_)?user|session_user|system_user|(current_(date|time|timestamp)|sysdate|getdate|getutcdate)(\([0-9]?\))?)$`)

// defaultClause is the default of a column in SQL, or nothing if it has none that IRIS takes.
func defaultClause(c *dat.Column) string {
	if c.Default == nil || !plainDefault.MatchString(*c.Default) {
		return ""
	}
	return *c.Default
}

// createIndexes are the statements that make the indexes of a table.
func createIndexes(t *dat.Table) (list []string) {
	for _, x := range t.Indexes {
		kind := "INDEX"
		if x.Unique {
			kind = "UNIQUE INDEX"
		}
		if indexable(t, x) {
			list = append(list, fmt.Sprintf("CREATE %s %s ON TABLE %s (%s)", kind, quote(x.Name), parseName(t.Name).sql(), quoteAll(x.Columns)))
		}
	}
	return list
}

// indexable reports an index of columns that the table is made with. A unique one on the identity is none to IRIS.
func indexable(t *dat.Table, x dat.Index) bool {
	if x.Unique {
		return constrainable(t, x.Columns)
	}
	return !slices.ContainsFunc(t.Columns, func(c dat.Column) bool {
		return c.Generated && c.SQLType != "ROWVERSION" && slices.Contains(x.Columns, c.Name)
	})
}

// addForeignKey is the statement that gives a foreign key to a table. IRIS wants the RowID, named or not, as %ID.
func addForeignKey(t tableName, name string, k dat.ForeignKey, parentIdentity string) string {
	s := fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s", t.sql(), quote(name), quoteAll(k.Columns), parseName(k.RefTable).sql())
	switch {
	case len(k.RefColumns) == 1 && (k.RefColumns[0] == rowIDColumn || parentIdentity != "" && fold(k.RefColumns[0]) == fold(parentIdentity)):
		s += " (%ID)"
	case len(k.RefColumns) > 0:
		s += " (" + quoteAll(k.RefColumns) + ")"
	}
	if action := action(k.OnUpdate); action != "" {
		s += " ON UPDATE " + action
	}
	if action := action(k.OnDelete); action != "" {
		s += " ON DELETE " + action
	}
	return s
}

// action leaves out the default, and RESTRICT, which IRIS does not take: its NO ACTION is checked at once and is the
// same.
func action(text string) string {
	if text == "NO ACTION" || text == "RESTRICT" {
		return ""
	}
	return text
}
