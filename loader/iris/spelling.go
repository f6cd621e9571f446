package iris

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Vectors and GUIDs are not kept as they are spelled, and no document says how IRIS spells them. So what goes into such
// columns is compared with what is in them afterwards, by a sum that does not depend on the order of rows.

func isSpelled(sqlType string) bool { return sqlType == "VECTOR" || sqlType == "UNIQUEIDENTIFIER" }

// spelled are the columns to be compared, by position.
func (in *inserter) spelled() (list []int) {
	for i := range in.encoders {
		if isSpelled(in.encoders[i].column.SQLType) {
			list = append(list, i)
		}
	}
	return list
}

// sum adds rows that were put in.
func (in *inserter) sum(b *dat.Batch, i, n int) {
	for k, column := range in.spelled() {
		v := &b.Columns[column]
		for row := i; row < i+n; row++ {
			if !v.IsNull(row) {
				in.sums[k] += hash(v.Bytes(row))
			}
		}
	}
}

func hash(value []byte) uint64 {
	h := fnv.New64a()
	h.Write(value)
	return h.Sum64()
}

// changed returns what is wrong with the columns after the load.
func (in *inserter) changed(ctx context.Context) (violations []string, err error) {
	found, err := in.db.find(ctx, in.target)
	if err != nil {
		return nil, err
	}
	list := in.spelled()
	now, err := in.db.sums(ctx, found, in.names(list))
	for k := range now {
		if now[k] != in.sums[k] {
			violations = append(violations, fmt.Sprintf("values of %s.%s that IRIS spells in another way", in.target, in.encoders[list[k]].column.Name))
		}
	}
	return violations, err
}

// names are the names of columns by position.
func (in *inserter) names(list []int) (names []string) {
	for _, i := range list {
		names = append(names, in.encoders[i].column.Name)
	}
	return names
}

// sums reads columns of a table.
func (d *db) sums(ctx context.Context, t *table, names []string) ([]uint64, error) {
	if len(names) == 0 {
		return nil, nil
	}
	sums, text := make([]uint64, len(names)), []byte(nil)
	for i, name := range names {
		names[i] = t.column(name).Name
	}
	err := d.each(ctx, func(row []wire.Item) (err error) {
		for i := range row {
			if row[i].Null() {
				continue
			}
			if text, err = row[i].AppendSQLText(text[:0], d.Charset()); err != nil {
				return err
			}
			sums[i] += hash(text)
		}
		return nil
	}, "SELECT "+quoteAll(names)+" FROM "+t.name.sql())
	return sums, err
}
