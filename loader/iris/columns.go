package iris

import (
	"context"
	"strconv"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// field is what the SQL catalog knows of a column beyond the standard (class reference, %Library.SQLCatalog, SQLFields;
// a query of it stands in GSQL 11.4.2).
type field struct {
	class, collation, collection string
	length                       string // MAXLEN; empty: none
	minimum                      string // MINVAL
	property                     string // of the class
	rowID                        bool
}

// readColumns reads the columns, and which field is the RowID.
func (d *db) readColumns(ctx context.Context, t *table) error {
	fields, composed := map[string]field{}, false
	err := d.each(ctx, func(row []wire.Item) error {
		name, rowID := d.text(row[0]), d.text(row[6])
		fields[name] = field{class: d.text(row[1]), collation: d.text(row[2]), length: d.text(row[3]), minimum: d.text(row[4]),
			collection: d.text(row[5]), property: d.text(row[8]), rowID: rowID == "1"}
		if rowID == "1" {
			t.rowID, t.rowIDHidden = name, strings.EqualFold(d.text(row[7]), "Yes")
		}
		composed = composed || rowID == "2"
		return nil
	}, `SELECT FIELD_NAME, DATATYPE, COLLATION_FUNCTION, MAXLEN, MINVAL, COLLECTION_TYPE, ROWID_FIELD, HIDDEN, ORIGINATING_PROPERTY FROM %Library.SQLCatalog_SQLFields(?)`, t.name.String())
	if err != nil {
		return err
	}
	if composed { // of the values of other columns, which bring it back
		t.rowID, t.rowIDHidden = "", false
	}
	err = d.each(ctx, func(row []wire.Item) error {
		c, err := d.column(row, fields[d.text(row[0])])
		t.columns = append(t.columns, c)
		return err
	}, `SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, IS_NULLABLE, COLUMN_DEFAULT, IS_IDENTITY, AUTO_INCREMENT, IS_GENERATED
		FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`, t.name.schema, t.name.table)
	if err != nil {
		return err
	}
	if err := d.readTimes(ctx, t); err != nil {
		return err
	}
	return d.readVectors(ctx, t, fields)
}

// column makes a column of a row of INFORMATION_SCHEMA.COLUMNS.
func (d *db) column(row []wire.Item, f field) (c column, err error) {
	var precision, scale int64
	if precision, err = d.int(row[3]); err == nil {
		scale, err = d.int(row[4])
	}
	if err != nil {
		return c, err
	}
	yes := func(i int) bool { return d.text(row[i]) == "YES" }
	c.class = f.class
	c.Column = dat.Column{Name: d.text(row[0]), Nullable: yes(5), Identity: yes(7) || f.rowID, Generated: yes(9)}
	c.SQLType = sqlType(d.text(row[1]), f.class)
	switch c.SQLType {
	case "NUMERIC", "MONEY":
		if c.SQLType == "MONEY" {
			precision, scale = 19, 4
		}
		c.Precision, c.Scale = numeric(int(precision), int(scale))
	case "VARCHAR", "VARBINARY":
		c.Length, _ = strconv.Atoi(f.length)
	case "DATE", "TIMESTAMP", "DATETIME":
		c.minimum = minimum(&c, f.minimum)
	}
	if c.SQLType == "VARCHAR" {
		c.Collation = strings.ToUpper(strings.TrimPrefix(f.collation, "%"))
	}
	c.classify(f, yes(8))
	if !row[6].Null() && !c.Generated && !c.Identity {
		c.Default = defaultText(d.text(row[6]))
	}
	return c, nil
}
