package iris

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// Query implements [loader.Tx].
func (x *tx) Query(ctx context.Context, sql string) (a loader.Answer, err error) {
	st, err := x.db.Prepare(ctx, sql)
	if err != nil {
		return a, translate(err)
	}
	columns := slices.Clone(st.Columns())
	if err := st.Close(); err != nil {
		return a, err
	}
	if columns == nil {
		return a, errNoQuery
	}
	err = x.db.each(ctx, func(row []wire.Item) (err error) {
		if a.Rows++; a.Rows == 1 {
			a.Value, err = x.db.scalar(ctx, row[0], columns[0])
		}
		return err
	}, sql)
	return a, translate(err)
}

// scalar is a value as JSON.
func (d *db) scalar(ctx context.Context, it wire.Item, c wire.Column) ([]byte, error) {
	v, sqlType := &dat.Vector{Kind: dat.Bytes}, c.Type
	switch {
	case it.Null():
		return []byte("null"), nil
	case it.Type == wire.Double || it.Type == wire.CompactDouble:
		x, err := it.Float()
		return strconv.AppendFloat(nil, x, 'g', -1, 64), err
	case sqlType >= wire.SQLBit && sqlType <= wire.SQLBigInt || sqlType >= wire.SQLNumeric && sqlType <= wire.SQLDouble:
		if n, err := number(it); err == nil {
			return []byte(n.String()), nil
		}
	case isMoment(described(c).SQLType):
		if text, ok := momentText(it, c); ok {
			return json.Marshal(text)
		}
	case isStreamCode(sqlType):
		if err := d.readStream(ctx, v, it, sqlType == wire.SQLLongVarbinary); err != nil {
			return nil, err
		}
		return json.Marshal(string(v.Data))
	case sqlType == wire.SQLBinary || sqlType == wire.SQLVarbinary:
		b, err := it.SQLBytes()
		if err != nil {
			return nil, err
		}
		return json.Marshal(hex.EncodeToString(b))
	}
	text, err := it.SQLText(d.Charset())
	if err != nil {
		return nil, err
	}
	return json.Marshal(text)
}

func isMoment(sqlType string) bool {
	return kinds[sqlType] == "date" || kinds[sqlType] == "time" || kinds[sqlType] == "timestamp"
}

// momentText is a date or time as a fixture spells it: the server may send the number that it stores.
func momentText(it wire.Item, c wire.Column) (text string, ok bool) {
	column, v := described(c), &dat.Vector{Kind: dat.Int}
	d := decoder{column: &column}
	if err := d.add(v, it); err != nil { // as it is, then
		return "", false
	}
	return string(v.AppendText(nil, &column, 0)), true
}
