package iris

import (
	"context"
	"strconv"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

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
