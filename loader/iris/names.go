package iris

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// defaultSchema is where a table without a schema lands. It can be configured; a fixture does not depend on that.
	defaultSchema = "SQLUser"
	// ledgerSchema is where irisfix keeps its own tables.
	ledgerSchema = "IrisFix"
	// rowIDColumn stands in a fixture for the RowID of a table that has no column for it.
	rowIDColumn = "%ID"
	// maxName is the longest identifier (GSQL, Identifiers).
	maxName = 128
)

// tableName is the name of a table in its two parts. IRIS does not tell names apart by case and keeps the spelling.
type tableName struct{ schema, table string }

// parseName takes the name of a fixture's table apart.
func parseName(name string) tableName {
	schema, table, ok := strings.Cut(name, ".")
	if !ok {
		return tableName{defaultSchema, name}
	}
	return tableName{schema, table}
}

func (n tableName) String() string { return n.schema + "." + n.table }

// sql is the name in a statement.
func (n tableName) sql() string { return quote(n.schema) + "." + quote(n.table) }

// key is the same for names that IRIS takes for one.
func (n tableName) key() string { return fold(n.schema) + "." + fold(n.table) }

// fault is why IRIS has no table of that name, or nothing.
func (n tableName) fault() string {
	for _, part := range []string{n.schema, n.table} {
		if reason := nameFault(part); reason != "" {
			return reason
		}
	}
	return ""
}

func fold(name string) string { return strings.ToUpper(name) }

// quote makes a name that has no fault a delimited identifier.
func quote(name string) string { return `"` + name + `"` }

// quoteAll is a list of identifiers.
func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}

// nameFault is why a name cannot be a delimited identifier for a table, column or index (GSQL 6.2.1), or nothing.
func nameFault(name string) string {
	if utf8.RuneCountInString(name) > maxName {
		return "the name is longer than 128 characters, the most that IRIS takes"
	}
	for _, bad := range []string{`"`, ".", ",", "^", "->"} {
		if strings.Contains(name, bad) {
			return "the name has " + bad + ", which IRIS does not take in names"
		}
	}
	switch {
	case strings.IndexFunc(name, unicode.IsControl) >= 0:
		return "the name has a control character, which IRIS does not take in names"
	case strings.HasPrefix(name, "*"), strings.HasPrefix(name, "%"):
		return "the name begins with " + name[:1] + ", which IRIS keeps for itself"
	case strings.IndexFunc(name, plain) < 0:
		return "the name has no letter or digit, of which IRIS makes the name of a class"
	}
	return ""
}

// plain reports a character that the name of a class may have. IRIS knows characters of 16 bits only.
func plain(r rune) bool { return r <= 0xFFFF && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
