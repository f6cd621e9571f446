package sqlite

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// settle makes the table's schema from the surveys and the catalog.
func (r *rows) settle(surveys []*survey, kept bool) error {
	r.plans = make([]plan, len(surveys))
	fits := true
	for i, s := range surveys {
		p, misfit, err := s.decide(r.table.Name)
		if err != nil {
			return err
		}
		r.plans[i] = p
		if misfit == "" {
			continue
		}
		fits = false
		was := r.declared(s.name)
		if kept {
			was = "as it was loaded"
		}
		r.warn(r.table.Name+"."+s.name, fmt.Sprintf("declared %s, stored as %s: %s", was, p.SQLType, misfit))
	}
	if kept && fits {
		whole := *r.source.kept[fold(r.selection.Table)]
		whole.Columns = slices.Clone(whole.Columns)
		for i := range r.plans {
			k := slices.IndexFunc(whole.Columns, func(c dat.Column) bool { return c.Name == r.plans[i].Name })
			whole.Columns[k].Nanos = r.plans[i].Nanos
		}
		r.table = &whole
		return nil
	}
	for i, s := range surveys {
		r.complete(&r.plans[i].Column, s.counts[sqlite3.NULL] > 0)
		r.table.Columns = append(r.table.Columns, r.plans[i].Column)
	}
	if r.found == nil {
		return r.table.Check()
	}
	r.addGenerated()
	r.addKeys()
	if err := errors.Join(r.warnAbout(), r.addForeignKeys()); err != nil {
		return err
	}
	return r.table.Check()
}

func (r *rows) warn(subject, message string) {
	r.warnings = append(r.warnings, loader.Warning{Subject: subject, Message: message})
}

func (r *rows) lost(kind, name string) {
	r.warnings = append(r.warnings, loader.NotRecorded(kind, name))
}

// complete adds to a column what the catalog says of it.
func (r *rows) complete(c *dat.Column, nulls bool) {
	d := r.column(c.Name)
	if d == nil {
		c.Nullable = true
		return
	}
	c.Declared, c.Default, c.Collation = d.declared, d.def, d.collation
	c.Identity = d.identity
	c.Nullable = !d.notNull || nulls
	if r.found.strict && strings.EqualFold(d.declared, "ANY") {
		c.Declared = "" // in a table that is not STRICT the word would mean NUMERIC
	}
}

// addGenerated lists the computed columns in their places.
func (r *rows) addGenerated() {
	if r.selection.Query != "" {
		return
	}
	var computed []string
	for i, d := range r.found.columns {
		if !d.generated {
			continue
		}
		computed = append(computed, d.name)
		c, ok := parseType(strings.TrimSuffix(strings.TrimSpace(strings.ToUpper(d.declared)), " GENERATED ALWAYS"))
		if !ok {
			c = dat.Column{SQLType: "LONGVARCHAR"}
		}
		c.Name, c.Generated, c.Declared, c.Nullable = d.name, true, d.declared, true
		r.table.Columns = slices.Insert(r.table.Columns, min(i, len(r.table.Columns)), c)
	}
	for _, name := range computed {
		r.lost("computed columns", r.found.name+"."+name)
	}
}

// addKeys records the keys and indexes whose columns are there.
func (r *rows) addKeys() {
	here := func(columns []string) bool {
		for _, name := range columns {
			if !slices.ContainsFunc(r.table.Columns, func(c dat.Column) bool { return c.Name == name && !c.Generated }) {
				return false
			}
		}
		return true
	}
	if here(r.found.primaryKey) {
		r.table.PrimaryKey = r.found.primaryKey
	}
	for _, u := range r.found.unique {
		if here(u) {
			r.table.Unique = append(r.table.Unique, u)
		}
	}
	for _, x := range r.found.indexes {
		if here(x.Columns) {
			r.table.Indexes = append(r.table.Indexes, x)
		} else {
			r.found.odd = append(r.found.odd, x.Name)
		}
	}
	r.found.foreignKeys = slices.DeleteFunc(r.found.foreignKeys, func(k dat.ForeignKey) bool { return !here(k.Columns) })
}

// warnAbout says which parts of the table's definition a fixture does not hold.
func (r *rows) warnAbout() error {
	if hasWord(r.found.sql, "CHECK") {
		r.lost("CHECK constraints", r.found.name)
	}
	if r.found.strict {
		r.lost("STRICT", r.found.name)
	}
	if r.found.withoutRowID {
		r.lost("WITHOUT ROWID", r.found.name)
	}
	for _, name := range r.found.odd {
		r.lost("indexes with a condition, an expression or another collation", name)
	}
	return r.source.db.each(`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? ORDER BY name`, []string{r.found.name}, func(st *sqlite3.Stmt) error {
		r.lost("triggers", st.ColumnText(0))
		return nil
	})
}

// addForeignKeys records the foreign keys that hold. One that rows break, as SQLite allows by default, would keep the
// fixture from being loaded.
func (r *rows) addForeignKeys() error {
	broken, err := r.source.db.brokenKeys(r.found.name)
	if err != nil {
		return err
	}
	for _, k := range r.found.foreignKeys {
		i := slices.IndexFunc(broken, func(b brokenKey) bool {
			return fold(b.parent) == fold(k.RefTable) && slices.Equal(b.columns, k.Columns)
		})
		if i >= 0 && broken[i].exists && r.selection.Query == "" {
			r.warn(r.table.Name, fmt.Sprintf("the foreign key (%s) to %s is not recorded; rows that refer to none: %d",
				strings.Join(k.Columns, ", "), k.RefTable, broken[i].rows))
			continue
		}
		r.table.ForeignKeys = append(r.table.ForeignKeys, k)
	}
	return nil
}
