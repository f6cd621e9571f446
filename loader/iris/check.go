package iris

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// Check implements [loader.Tx]: foreign keys, and what else the server was told not to check.
func (x *tx) Check(ctx context.Context, tables []*dat.Table) (violations []string, warnings []loader.Warning, err error) {
	violations, err = x.verify(ctx)
	return violations, x.warnings, err
}

// verify holds what is unchecked against the rows, once.
func (x *tx) verify(ctx context.Context) (violations []string, err error) {
	for _, r := range x.unchecked {
		t, err := x.db.find(ctx, r.table)
		if err == nil && t != nil {
			var list []string
			list, err = x.broken(ctx, t, r.keys)
			violations = append(violations, list...)
		}
		if err != nil {
			return nil, translate(err)
		}
	}
	x.unchecked = nil
	for _, in := range x.compared {
		list, err := in.changed(ctx)
		if err != nil {
			return nil, translate(err)
		}
		violations = append(violations, list...)
	}
	x.compared = nil
	return violations, nil
}

// broken holds the rows of a table against its foreign keys, and perhaps its keys.
func (x *tx) broken(ctx context.Context, t *table, keys bool) (violations []string, err error) {
	for _, k := range t.foreignKeys {
		n, err := x.orphans(ctx, t, &k.ForeignKey)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			violations = append(violations, fmt.Sprintf("rows of %s (%s) that refer to none of %s: %d", t.name, strings.Join(k.Columns, ", "), k.RefTable, n))
		}
	}
	if !keys {
		return violations, nil
	}
	for _, columns := range append([][]string{t.primaryKey}, t.unique...) {
		n, err := x.twice(ctx, t, columns)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			violations = append(violations, fmt.Sprintf("keys of %s (%s) that are there more than once: %d", t.name, strings.Join(columns, ", "), n))
		}
	}
	return violations, nil
}

// orphans counts the rows whose foreign key refers to nothing.
func (x *tx) orphans(ctx context.Context, t *table, k *dat.ForeignKey) (int64, error) {
	var join, where []string
	for i, name := range k.Columns {
		join = append(join, "p."+quote(k.RefColumns[i])+" = c."+quote(name))
		where = append(where, "c."+quote(name)+" IS NOT NULL")
	}
	return x.db.value(ctx, fmt.Sprintf("SELECT COUNT(*) FROM %s c LEFT JOIN %s p ON %s WHERE %s AND p.%%ID IS NULL",
		t.name.sql(), parseName(k.RefTable).sql(), strings.Join(join, " AND "), strings.Join(where, " AND ")))
}

// twice counts keys that several rows have. Rows with a NULL in a key are not compared.
func (x *tx) twice(ctx context.Context, t *table, columns []string) (int64, error) {
	if len(columns) == 0 || slices.Equal(columns, []string{t.rowID}) {
		return 0, nil
	}
	var where []string
	for _, name := range columns {
		where = append(where, quote(name)+" IS NOT NULL")
	}
	list := quoteAll(columns)
	return x.db.value(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT %s FROM %s WHERE %s GROUP BY %s HAVING COUNT(*) > 1) AS d",
		list, t.name.sql(), strings.Join(where, " AND "), list))
}
