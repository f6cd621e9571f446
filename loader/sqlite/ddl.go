package sqlite

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// createTable returns the statement that makes a table. What comes from the fixture as SQL text, types and defaults, is
// foreign: the caller compares what SQLite understood with what was meant.
func createTable(t *dat.Table) string {
	var parts []string
	for _, c := range t.Stored() {
		parts = append(parts, columnDefinition(t, &c))
	}
	if len(t.PrimaryKey) > 0 && !autoincrement(t) {
		parts = append(parts, "PRIMARY KEY ("+quoteAll(t.PrimaryKey)+")")
	}
	for _, u := range t.Unique {
		parts = append(parts, "UNIQUE ("+quoteAll(u)+")")
	}
	for _, k := range t.ForeignKeys {
		s := "FOREIGN KEY (" + quoteAll(k.Columns) + ") REFERENCES " + quote(k.RefTable)
		if len(k.RefColumns) > 0 {
			s += " (" + quoteAll(k.RefColumns) + ")"
		}
		if k.OnUpdate != "" {
			s += " ON UPDATE " + k.OnUpdate
		}
		if k.OnDelete != "" {
			s += " ON DELETE " + k.OnDelete
		}
		parts = append(parts, s)
	}
	return "CREATE TABLE " + quote(t.Name) + " (\n  " + strings.Join(parts, ",\n  ") + "\n)"
}

// autoincrement reports a table whose only key column is numbered by SQLite.
func autoincrement(t *dat.Table) bool {
	if len(t.PrimaryKey) != 1 {
		return false
	}
	i := slices.IndexFunc(t.Columns, func(c dat.Column) bool { return c.Name == t.PrimaryKey[0] })
	c := &t.Columns[i]
	return c.Identity && strings.EqualFold(declaration(c), "INTEGER")
}

// plainType is a type that may stand unquoted, as people wrote it.
var plainType = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*( [A-Za-z_][A-Za-z0-9_]*)*( ?\( *[-+]?[0-9.]+ *(, *[-+]?[0-9.]+ *)?\))?$`)

func columnDefinition(t *dat.Table, c *dat.Column) string {
	declared := declaration(c)
	if !plainType.MatchString(declared) {
		declared = quote(declared)
	}
	s := quote(c.Name) + " " + declared
	if autoincrement(t) && c.Name == t.PrimaryKey[0] {
		s += " PRIMARY KEY AUTOINCREMENT"
	}
	if !c.Nullable {
		s += " NOT NULL"
	}
	if c.Default != nil && sqliteDefault(c) {
		s += " DEFAULT " + defaultText(*c.Default)
	}
	if c.Collation != "" && c.Declared != "" {
		s += " COLLATE " + quote(c.Collation)
	}
	return s
}

// sqliteDefault reports a default whose text is SQL that SQLite understands: that of a column from SQLite, or a literal.
func sqliteDefault(c *dat.Column) bool { return c.Declared != "" || literal.MatchString(*c.Default) }

var literal = regexp.MustCompile(`(?i)^([-+]?[0-9.]+(e[-+]?[0-9]+)?|'([^']|'')*'|x'[0-9a-f]*'|null|true|false|current_(date|time|timestamp))$`)

// defaultText puts an expression into the parentheses that SQL wants around it.
func defaultText(text string) string {
	if literal.MatchString(text) {
		return text
	}
	return "(" + text + ")"
}

// twin is a table that was made already and whose name is the same to SQLite.
func (x *tx) twin(name string) string {
	for made := range x.created {
		if fold(made) == fold(name) {
			return made
		}
	}
	return ""
}

// Create implements [loader.Schema]. Indexes are made when the rows are in.
func (x *tx) Create(ctx context.Context, t *dat.Table) error {
	x.db.SetInterrupt(ctx)
	for _, index := range t.Indexes {
		n, err := x.db.value(`SELECT count(*) FROM sqlite_schema WHERE name = ? COLLATE NOCASE`, index.Name)
		if err != nil {
			return translate(err)
		}
		if n > 0 {
			where, _ := x.target.Place()
			return &loader.ConflictError{Target: where, Conflicts: []loader.Conflict{{Table: t.Name, Reason: "its index " + index.Name + " has the name of something that exists"}}}
		}
	}
	if found, err := x.db.find(t.Name); err != nil {
		return translate(err)
	} else if twin := x.twin(t.Name); twin != "" {
		where, _ := x.target.Place()
		return &loader.ConflictError{Target: where, Conflicts: []loader.Conflict{{Table: t.Name, Reason: "differs from " + twin + " of the same fixture only in case, which SQLite does not tell apart", Obstacle: loader.System}}}
	} else if found != nil { // it was not there when the load was planned
		return fmt.Errorf("%s: %w", t.Name, loader.ErrMeanwhile)
	}
	st, err := x.db.prepare(createTable(t))
	if err == nil {
		err = st.Exec()
		finish(st, &err)
	}
	if err != nil {
		return fmt.Errorf("creating %s: %w", t.Name, translate(err))
	}
	x.db.known = nil
	x.created[t.Name] = t
	return x.asMeant(t)
}

// asMeant compares the table that SQLite made with the one that was meant, since types and defaults are text from
// outside that could say more than they should.
func (x *tx) asMeant(t *dat.Table) error {
	made, err := x.db.find(t.Name)
	if err != nil {
		return translate(err)
	}
	stored := t.Stored()
	same := made != nil && len(made.columns) == len(stored)
	for i := 0; same && i < len(stored); i++ {
		c, m := &stored[i], &made.columns[i]
		same = m.name == c.Name && !m.generated && strings.EqualFold(m.declared, declaration(c)) &&
			(m.def != nil) == (c.Default != nil && sqliteDefault(c))
	}
	if !same || !slices.Equal(made.primaryKey, t.PrimaryKey) {
		return &dat.SchemaError{Table: t.Name, Reason: "a type or default that is more than that"}
	}
	return nil
}

// Drop implements [loader.Schema].
func (x *tx) Drop(ctx context.Context, name string) error {
	x.db.SetInterrupt(ctx)
	x.db.known = nil
	return translate(x.db.Exec("DROP TABLE " + quote(name)))
}

// createIndexes makes the indexes of a table that this transaction created.
func (x *tx) createIndexes(t *dat.Table) error {
	for _, index := range t.Indexes {
		unique := ""
		if index.Unique {
			unique = "UNIQUE "
		}
		if err := x.db.Exec("CREATE " + unique + "INDEX " + quote(index.Name) + " ON " + quote(t.Name) + " (" + quoteAll(index.Columns) + ")"); err != nil {
			return fmt.Errorf("index %s of %s: %w", index.Name, t.Name, translate(err))
		}
	}
	return nil
}
