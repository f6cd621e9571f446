package iris

import (
	"github.com/irisfix/irisfix/bundle/dat"
)

// room is what a column of the target takes, in so far as its values are to be looked at.
type room struct {
	column  *dat.Column // of the target
	stream  bool
	minimum *int64
	digits  int  // of a second
	counter bool // it replaces what is no positive number
	key     bool // of the primary key, which takes no NULL
}

// roomIn returns the room for a column of a fixture's table: in the table that was found, or in the one to be made.
func roomIn(want *dat.Table, c *dat.Column, found *table) room {
	if found == nil {
		made := made(c, keyed(want)[c.Name])
		r := room{column: &made, digits: fractionDigits(c), counter: c.SQLType == "SERIAL" || c.Identity || c.Name == rowIDColumn}
		for _, name := range want.PrimaryKey {
			r.key = r.key || name == c.Name
		}
		r.stream = isStream(made.SQLType)
		return r
	}
	f := found.column(c.Name)
	if f == nil { // the RowID, or a misfit
		return room{column: c, digits: fractionDigits(c), counter: c.Name == rowIDColumn}
	}
	return room{column: &f.Column, stream: isStream(f.SQLType), minimum: f.minimum, digits: f.digits(), counter: f.SQLType == "SERIAL" || f.Identity}
}

// digits is how many digits of a second a column keeps. Without a declared precision text is kept as it is given.
func (c *column) digits() int {
	switch {
	case c.SQLType == "TIME" && c.Precision != nil:
		return *c.Precision
	case c.SQLType == "TIME", c.isTimeStamp():
		return 9
	}
	return microDigits
}

// made is the column that a declaration makes.
func made(c *dat.Column, keyed bool) dat.Column {
	m := *c
	switch c.SQLType {
	case "INTEGER":
		m.SQLType = integerType(c)
	case "LONGVARCHAR", "LONGVARBINARY":
		if keyed {
			m.SQLType, m.Length = c.SQLType[len("LONG"):], 0
		}
	}
	if c.Identity && !isCounterType(c) {
		m.SQLType = "BIGINT"
	}
	return m
}

func isCounterType(c *dat.Column) bool { return kinds[c.SQLType] == "number" && c.Scale == nil }
