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
		p, s := int(precision), int(scale)
		if c.SQLType == "MONEY" {
			p, s = 19, 4
		}
		c.Precision, c.Scale = &p, &s
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

// classify finds what a fixture says in another way, or cannot say.
func (c *column) classify(f field, counts bool) {
	class := shortClass(f.class)
	switch {
	case class == "RowVersion":
		c.SQLType, c.Generated = "ROWVERSION", true
	case class == "AutoIncrement", counts && !c.Identity && c.SQLType != "SERIAL":
		c.Identity = true // AUTO_INCREMENT beside a RowID
	case f.collection != "" || class == "List" || class == "ListOfBinary":
		c.lost = "is a list, which SQL gives as text that cannot be put back"
	}
	if c.SQLType == "" && !c.Generated {
		c.lost = "has the type " + f.class + ", which a fixture does not hold"
	}
}

// shortClass is a class of the library without its package.
func shortClass(class string) string {
	return strings.TrimPrefix(strings.TrimPrefix(class, "%Library."), "%")
}

// sqlType is the name of a type in a fixture: the ODBC name that the catalog gives (RSQL, Data Types, Exposed by ODBC),
// told apart by the class.
func sqlType(odbc, class string) string {
	switch shortClass(class) {
	case "Counter":
		return "SERIAL"
	case "Currency":
		return "MONEY"
	case "DateTime":
		return "DATETIME"
	case "Vector":
		return "VECTOR"
	}
	switch odbc = strings.ToUpper(odbc); odbc {
	case "BIT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "NUMERIC", "DOUBLE", "VARCHAR", "LONGVARCHAR", "VARBINARY", "LONGVARBINARY", "DATE", "TIME", "TIMESTAMP":
		return odbc
	case "POSIXTIME":
		return "TIMESTAMP"
	case "GUID", "UNIQUEIDENTIFIER":
		return "UNIQUEIDENTIFIER"
	case "CHAR", "WVARCHAR":
		return "VARCHAR"
	case "BINARY":
		return "VARBINARY"
	case "DECIMAL":
		return "NUMERIC"
	}
	return ""
}

// isTimeStamp reports a timestamp that is stored as text of up to nine digits; others are stored as microseconds.
func (c *column) isTimeStamp() bool {
	return c.SQLType == "DATETIME" || c.SQLType == "TIMESTAMP" && shortClass(c.class) == "TimeStamp"
}

// firstDay is 1840-12-31, where DATE and TIMESTAMP2 begin unless MINVAL says otherwise, in days since 1970.
const firstDay = -47_117

// minimum is the first day that a column takes; nil if that is the first of all.
func minimum(c *column, minval string) *int64 {
	day := int64(firstDay)
	switch {
	case c.SQLType == "TIMESTAMP" && !c.isTimeStamp():
		return nil
	case minval == "":
	case c.SQLType == "DATE":
		n, err := strconv.ParseInt(minval, 10, 32)
		if err != nil {
			return &day
		}
		day += n
	default:
		n, ok := dat.ParseDate([]byte(minval[:min(10, len(minval))]))
		if ok {
			day = n
		}
	}
	return &day
}

// readTimes reads how many digits of a second the TIME columns hold. Only the description of a query tells: TIME(n) is
// 9+n characters wide, TIME(0) 8; a scale that is not n means that none is declared (RSQL, Data Types).
func (d *db) readTimes(ctx context.Context, t *table) error {
	var names []string
	for i := range t.columns {
		if t.columns[i].SQLType == "TIME" && !t.columns[i].Generated {
			names = append(names, t.columns[i].Name)
		}
	}
	if names == nil {
		return nil
	}
	st, err := d.Prepare(ctx, "SELECT "+quoteAll(names)+" FROM "+t.name.sql())
	if err != nil {
		return err
	}
	defer st.Close()
	for i, described := range st.Columns() {
		for k := range t.columns {
			scale := described.Scale
			if t.columns[k].Name == names[i] && (described.Precision == 8 && scale == 0 || scale > 0 && described.Precision == 9+scale) {
				t.columns[k].Precision = &scale
			}
		}
	}
	return nil
}

// readVectors reads elements and length of the VECTOR columns, which only the class dictionary knows. The parameters of
// a property are an array, which is a table of its own (GSQL 19.6).
func (d *db) readVectors(ctx context.Context, t *table, fields map[string]field) error {
	for i := range t.columns {
		c := &t.columns[i]
		if c.SQLType != "VECTOR" {
			continue
		}
		err := d.each(ctx, func(row []wire.Item) error {
			switch d.text(row[0]) {
			case "DATATYPE":
				c.ElementType = strings.ToUpper(d.text(row[1]))
			case "LEN":
				c.Length, _ = strconv.Atoi(d.text(row[1]))
			}
			return nil
		}, `SELECT element_key, Parameters FROM %Dictionary.CompiledProperty_Parameters WHERE CompiledProperty = ?`, t.class+"||"+fields[c.Name].property)
		switch {
		case err != nil:
			return err
		case c.ElementType == "":
			c.ElementType = "FLOAT" // the parameter's own default (class reference, %Library.Vector)
		case c.ElementType == "INT":
			c.ElementType = "INTEGER"
		}
	}
	return nil
}
