package iris

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

var errNoQuery = errors.New("not a query that only reads")

// query prepares the reading of a query's result in the place of a table. Its rows come as the query orders them: they
// are sorted by who writes them.
func (s *Source) query(ctx context.Context, r *rows, sel loader.Selection) error {
	st, err := s.db.Prepare(ctx, sel.Query)
	if err != nil {
		return fmt.Errorf("query for %s: %w", sel.Table, err)
	}
	described := slices.Clone(st.Columns())
	if err := st.Close(); err != nil {
		return err
	}
	if described == nil {
		return fmt.Errorf("query for %s: %w", sel.Table, errNoQuery)
	}
	t, err := s.db.find(ctx, parseName(sel.Table))
	if err != nil {
		return err
	}
	r.sql = sel.Query
	r.table = &dat.Table{Format: dat.FormatVersion, Name: sel.Table}
	for _, d := range described {
		if err := s.addColumn(ctx, r, t, d); err != nil {
			return err
		}
	}
	if t != nil {
		addKeys(r.table, t)
	}
	return r.table.Check()
}

// addColumn adds a column of a result: the table's own if it has one of that name, else what the server says of it.
func (s *Source) addColumn(ctx context.Context, r *rows, t *table, d wire.Column) error {
	name := d.Label
	if name == "" {
		name = d.Name
	}
	refuse := func(reason string) error {
		return &loader.SourceError{Table: r.table.Name, Column: name, Reason: reason}
	}
	if slices.ContainsFunc(r.table.Columns, func(c dat.Column) bool { return c.Name == name }) {
		return refuse("twice in the result of the query; give it another name with AS")
	}
	c, found := described(d), false
	if base, err := s.base(ctx, t, name, d); err != nil {
		return err
	} else if base != nil && base.lost != "" {
		return refuse(base.lost)
	} else if base != nil && kinds[base.SQLType] == kinds[c.SQLType] && !base.Generated {
		c, found = base.Column, true
	}
	c.Name = name
	if c.SQLType == "" {
		return refuse(fmt.Sprintf("has the SQL type %d, which a fixture does not hold", d.Type))
	}
	if t == nil || !found || t.column(name) == nil {
		c.Identity, c.Default = false, nil
		c.Nullable = true
	}
	r.table.Columns = append(r.table.Columns, c)
	return nil
}

// base is the column of a table that a column of a result comes from; nil if it comes from none.
func (s *Source) base(ctx context.Context, t *table, name string, d wire.Column) (*column, error) {
	if t != nil && t.column(name) != nil {
		return t.column(name), nil
	}
	if d.Table == "" || d.Flags&wire.Expression != 0 {
		return nil, nil
	}
	from, err := s.db.find(ctx, tableName{d.Schema, d.Table})
	if err != nil || from == nil {
		return nil, err
	}
	return from.column(d.Name), nil
}

// described is a column by what the server says of a result.
func described(d wire.Column) (c dat.Column) {
	switch d.Type {
	case wire.SQLBit:
		c.SQLType = "BIT"
	case wire.SQLTinyInt:
		c.SQLType = "TINYINT"
	case wire.SQLSmallInt:
		c.SQLType = "SMALLINT"
	case wire.SQLInteger:
		c.SQLType = "INTEGER"
	case wire.SQLBigInt:
		c.SQLType = "BIGINT"
	case wire.SQLNumeric, wire.SQLDecimal:
		c.SQLType = "NUMERIC"
		c.Precision, c.Scale = numeric(d.Precision, d.Scale)
	case wire.SQLFloat, wire.SQLReal, wire.SQLDouble:
		c.SQLType = "DOUBLE"
	case wire.SQLChar, wire.SQLVarchar, wire.SQLWChar, wire.SQLWVarchar:
		c.SQLType = "VARCHAR"
	case wire.SQLLongVarchar, wire.SQLWLongVarchar:
		c.SQLType = "LONGVARCHAR"
	case wire.SQLBinary, wire.SQLVarbinary:
		c.SQLType = "VARBINARY"
	case wire.SQLLongVarbinary:
		c.SQLType = "LONGVARBINARY"
	case wire.SQLGUID:
		c.SQLType = "UNIQUEIDENTIFIER"
	case wire.SQLODBCDate, wire.SQLDate, wire.SQLHorologDate:
		c.SQLType = "DATE"
	case wire.SQLODBCTime, wire.SQLTime, wire.SQLHorologTime:
		c.SQLType = "TIME"
	case wire.SQLODBCTimestamp, wire.SQLTimestamp, wire.SQLPosixTimestamp:
		c.SQLType = "TIMESTAMP"
	}
	return c
}

// addKeys records the keys and indexes whose columns are in a result.
func addKeys(out *dat.Table, t *table) {
	here := func(columns []string) bool {
		for _, name := range columns {
			if !slices.ContainsFunc(out.Columns, func(c dat.Column) bool { return c.Name == name }) {
				return false
			}
		}
		return true
	}
	if here(t.primaryKey) {
		out.PrimaryKey = t.primaryKey
	}
	for _, u := range t.unique {
		if here(u) {
			out.Unique = append(out.Unique, u)
		}
	}
	for _, k := range t.foreignKeys {
		if here(k.Columns) {
			out.ForeignKeys = append(out.ForeignKeys, k.ForeignKey)
		}
	}
	for _, x := range t.indexes {
		if here(x.Columns) {
			out.Indexes = append(out.Indexes, x)
		}
	}
}
