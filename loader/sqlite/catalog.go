package sqlite

import (
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle/dat"
)

// table is what the catalog says of a table.
type table struct {
	name         string // as it is spelled in the database
	kind         string // table, view, "virtual table" or shadow
	withoutRowID bool
	strict       bool
	sql          string
	columns      []column
	primaryKey   []string
	unique       [][]string
	foreignKeys  []dat.ForeignKey
	indexes      []dat.Index
	odd          []string // indexes that cannot be recorded
}

// column is what the catalog says of a column.
type column struct {
	name      string
	declared  string
	notNull   bool
	def       *string
	key       int // position in the primary key, from 1; 0: none
	generated bool
	collation string
	identity  bool
}

// catalog returns all tables and views by name.
func (d *db) catalog() (list []table, err error) {
	err = d.each(`SELECT l.name, iif(l.type = 'virtual', 'virtual table', l.type), l.wr, l.strict, coalesce(s.sql, '')
		FROM pragma_table_list l LEFT JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view')
		WHERE l.schema = 'main' ORDER BY l.name COLLATE BINARY`, nil, func(st *sqlite3.Stmt) error {
		list = append(list, table{name: st.ColumnText(0), kind: st.ColumnText(1), withoutRowID: st.ColumnBool(2), strict: st.ColumnBool(3), sql: st.ColumnText(4)})
		return nil
	})
	return list, err
}

// find looks a table up the way SQLite does, without regard to the case of ASCII letters. It returns nil if there is
// none.
func (d *db) find(name string) (*table, error) {
	if d.known == nil {
		list, err := d.catalog()
		if err != nil {
			return nil, err
		}
		d.known = map[string]table{}
		for _, t := range list {
			d.known[fold(t.name)] = t
		}
	}
	t, ok := d.known[fold(name)]
	if !ok {
		return nil, nil
	}
	return &t, d.describe(&t)
}

// fold makes names equal that SQLite takes for one: only ASCII letters lose their case.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

// describe reads columns, keys and indexes. Lists are sorted, so that the same schema always reads the same.
func (d *db) describe(t *table) error {
	for _, read := range []func(*table) error{d.readColumns, d.readIndexes, d.readForeignKeys} {
		if err := read(t); err != nil {
			return err
		}
	}
	return nil
}

func (d *db) readColumns(t *table) error {
	const ordinary = 0
	err := d.each(`SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid`, []string{t.name}, func(st *sqlite3.Stmt) error {
		c := column{name: st.ColumnText(0), declared: st.ColumnText(1), notNull: st.ColumnBool(2), key: st.ColumnInt(4), generated: st.ColumnInt(5) != ordinary}
		if st.ColumnType(3) != sqlite3.NULL {
			text := st.ColumnText(3)
			c.def = &text
		}
		t.columns = append(t.columns, c)
		return nil
	})
	if err != nil || t.kind == "view" {
		return err
	}
	for i := range t.columns {
		c := &t.columns[i]
		_, collation, _, _, identity, err := d.TableColumnMetadata("main", t.name, c.name)
		if err != nil {
			return err
		}
		c.identity = identity
		if !strings.EqualFold(collation, "BINARY") {
			c.collation = collation
		}
	}
	keys := slices.Clone(t.columns)
	keys = slices.DeleteFunc(keys, func(c column) bool { return c.key == 0 })
	slices.SortFunc(keys, func(a, b column) int { return a.key - b.key })
	for _, c := range keys {
		t.primaryKey = append(t.primaryKey, c.name)
	}
	// These columns cannot be NULL although they are not declared so.
	for i := range t.columns {
		c := &t.columns[i]
		if c.key > 0 && (t.withoutRowID || len(keys) == 1 && strings.EqualFold(c.declared, "INTEGER")) {
			c.notNull = true
		}
	}
	return nil
}

func (d *db) readIndexes(t *table) error {
	type index struct {
		name, origin    string
		unique, partial bool
	}
	var list []index
	err := d.each(`SELECT name, origin, "unique", partial FROM pragma_index_list(?) ORDER BY name COLLATE BINARY`, []string{t.name}, func(st *sqlite3.Stmt) error {
		list = append(list, index{st.ColumnText(0), st.ColumnText(1), st.ColumnBool(2), st.ColumnBool(3)})
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range list {
		columns, plain, err := d.readIndex(t, x.name)
		switch {
		case err != nil:
			return err
		case x.origin == "pk":
		case x.partial || !plain:
			t.odd = append(t.odd, x.name)
		case x.origin == "u":
			t.unique = append(t.unique, columns)
		default:
			t.indexes = append(t.indexes, dat.Index{Name: x.name, Columns: columns, Unique: x.unique})
		}
	}
	slices.SortFunc(t.unique, slices.Compare[[]string])
	return nil
}

// readIndex returns the columns of an index and whether it is a plain one: no expression, and each column with its own
// collation.
func (d *db) readIndex(t *table, name string) (columns []string, plain bool, err error) {
	plain = true
	err = d.each(`SELECT coalesce(name, ''), coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno`, []string{name}, func(st *sqlite3.Stmt) error {
		columns = append(columns, st.ColumnText(0))
		i := slices.IndexFunc(t.columns, func(c column) bool { return c.name == st.ColumnText(0) })
		if i < 0 {
			plain = false
			return nil
		}
		own := t.columns[i].collation
		if own == "" {
			own = "BINARY"
		}
		plain = plain && strings.EqualFold(own, st.ColumnText(1))
		return nil
	})
	return columns, plain, err
}

func (d *db) readForeignKeys(t *table) error {
	last := int64(-1)
	err := d.each(`SELECT id, "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq`, []string{t.name}, func(st *sqlite3.Stmt) error {
		if id := st.ColumnInt64(0); id != last {
			last = id
			t.foreignKeys = append(t.foreignKeys, dat.ForeignKey{RefTable: st.ColumnText(1), OnUpdate: action(st.ColumnText(4)), OnDelete: action(st.ColumnText(5))})
		}
		k := &t.foreignKeys[len(t.foreignKeys)-1]
		k.Columns = append(k.Columns, st.ColumnText(2))
		if st.ColumnType(3) != sqlite3.NULL {
			k.RefColumns = append(k.RefColumns, st.ColumnText(3))
		}
		return nil
	})
	slices.SortFunc(t.foreignKeys, func(a, b dat.ForeignKey) int {
		if c := slices.Compare(a.Columns, b.Columns); c != 0 {
			return c
		}
		return strings.Compare(a.RefTable, b.RefTable)
	})
	return err
}

// action leaves out the default.
func action(text string) string {
	if text == "NO ACTION" {
		return ""
	}
	return text
}

// hasWord reports whether a word stands in SQL outside of quotes and comments.
func hasWord(sql, word string) bool {
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"' || c == '`' || c == '[':
			end := c
			if c == '[' {
				end = ']'
			}
			n := strings.IndexByte(sql[i+1:], end)
			if n < 0 {
				return false
			}
			i += n + 2
		case strings.HasPrefix(sql[i:], "--"):
			i += strings.IndexByte(sql[i:]+"\n", '\n')
		case strings.HasPrefix(sql[i:], "/*"):
			n := strings.Index(sql[i:], "*/")
			if n < 0 {
				return false
			}
			i += n + 2
		case isLetter(c):
			n := i
			for n < len(sql) && isLetter(sql[n]) {
				n++
			}
			if strings.EqualFold(sql[i:n], word) {
				return true
			}
			i = n
		default:
			i++
		}
	}
	return false
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}
