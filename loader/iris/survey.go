package iris

import (
	"bytes"
	"context"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// survey reads the values of a time column and tells whether any needs nanoseconds and whether all fit into a count of
// them.
func (d *db) survey(ctx context.Context, t *table, c *column) (nanos, fits bool, err error) {
	fits = true
	err = d.each(ctx, func(row []wire.Item) error {
		text := trimFraction(row[0].Data)
		if row[0].Null() || !isText8(row[0]) {
			return nil
		}
		if i := bytes.IndexByte(text, '.'); i >= 0 && len(text)-i-1 > microDigits {
			nanos = true
		}
		if kinds[c.SQLType] == "timestamp" {
			_, ok := dat.ParseTimestamp(text, dat.Nano)
			fits = fits && ok
		}
		return nil
	}, "SELECT "+quote(c.Name)+" FROM "+t.name.sql())
	return nanos, fits, err
}
