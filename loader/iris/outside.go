package iris

import (
	"context"
	"errors"
	"strings"
)

// outsider is a foreign key of a table with rows of its own that refers to a table whose rows are deleted.
type outsider struct {
	table tableName
	sql   string // counts the rows, and the values that the key has in them
	was   int64
}

// outside finds what refers to rows that are to be deleted, and remembers to verify it. The table itself is among it:
// each row is checked as it goes, though all of them go.
func (x *tx) outside(ctx context.Context, t *table) (list []outsider, err error) {
	references, err := x.db.references(ctx, t.name, rowIDColumn)
	if err != nil {
		return nil, translate(err)
	}
	for _, r := range references {
		if x.cleared[r.child.key()] {
			continue
		}
		n, err := x.db.count(ctx, r.child)
		if err != nil {
			return nil, translate(err)
		}
		if n == 0 {
			continue
		}
		x.uncheck(unchecked{r.child, false})
		o := outsider{table: r.child}
		if r.child.key() != t.name.key() {
			counts := []string{"COUNT(*)"}
			for _, c := range r.columns {
				counts = append(counts, "COUNT("+quote(c)+")")
			}
			o.sql = "SELECT " + strings.Join(counts, " + ") + " FROM " + r.child.sql()
			if o.was, err = x.db.value(ctx, o.sql); err != nil {
				return nil, translate(err)
			}
		}
		list = append(list, o)
	}
	return list, nil
}

// unhindered is the keyword with which DELETE is not checked. It takes a privilege, so it is not used without need.
func unhindered(list []outsider) string {
	if len(list) > 0 {
		return "%NOCHECK "
	}
	return ""
}

// untouched holds that no rows outside went along or lost what they had in their key: no document says whether a
// foreign key still acts (ON DELETE CASCADE, SET NULL) where it is not checked.
func (x *tx) untouched(ctx context.Context, list []outsider) error {
	for _, o := range list {
		if o.sql == "" { // its own rows
			continue
		}
		if n, err := x.db.value(ctx, o.sql); err != nil {
			return translate(err)
		} else if n != o.was {
			return inTable(o.table.String(), "", errors.New("its rows were changed along with the deleted ones that they refer to, as its foreign key says"))
		}
	}
	return nil
}
