package sqlite

import (
	"errors"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// brokenKey is a foreign key that some rows of a table break.
type brokenKey struct {
	child, parent string
	columns       []string
	rows          int64
	exists        bool  // the parent does
	first         int64 // row id of the first such row, 0 if it has none
}

// brokenKeys checks all foreign keys of a table, whether or not the database enforces them.
func (d *db) brokenKeys(child string) ([]brokenKey, error) {
	type id struct {
		parent string
		key    int64
	}
	broken := map[id]*brokenKey{}
	var order []id
	err := d.each(`SELECT "parent", fkid, rowid FROM pragma_foreign_key_check(?)`, []string{child}, func(st *sqlite3.Stmt) error {
		k := id{st.ColumnText(0), st.ColumnInt64(1)}
		if broken[k] == nil {
			broken[k] = &brokenKey{child: child, parent: k.parent, first: st.ColumnInt64(2)}
			order = append(order, k)
		}
		broken[k].rows++
		return nil
	})
	if errors.Is(err, sqlite3.ERROR) { // a parent without the unique key that SQL asks for: nothing can be checked
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var list []brokenKey
	for _, k := range order {
		b := broken[k]
		parent, err := d.find(b.parent)
		if err != nil {
			return nil, err
		}
		b.exists = parent != nil
		if b.columns, err = d.keyColumns(child, k.key); err != nil {
			return nil, err
		}
		list = append(list, *b)
	}
	slices.SortStableFunc(list, func(a, b brokenKey) int { return slices.Compare(a.columns, b.columns) })
	return list, nil
}

func (d *db) keyColumns(child string, key int64) (columns []string, err error) {
	err = d.each(`SELECT id, "from" FROM pragma_foreign_key_list(?) ORDER BY seq`, []string{child}, func(st *sqlite3.Stmt) error {
		if st.ColumnInt64(0) == key {
			columns = append(columns, st.ColumnText(1))
		}
		return nil
	})
	return columns, err
}
