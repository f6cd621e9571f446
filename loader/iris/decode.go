package iris

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// decoder puts values of one column into vectors. What the server sends is decided by its type and by the class of the
// column, so each takes all forms that documents tell of.
type decoder struct {
	column  *dat.Column
	charset *wire.Charset
	stream  bool // a row has a handle in place of the value
}

var errForm = errors.New("the server gives it in a form that is not known")

// add adds a value. Streams are not values: see [rows.stream].
func (d *decoder) add(v *dat.Vector, it wire.Item) error {
	if it.Null() {
		v.AppendNull()
		return nil
	}
	switch d.column.SQLType {
	case "BIT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "SERIAL":
		return d.addNumber(v, it, 0)
	case "NUMERIC", "DECIMAL", "MONEY":
		return d.addDecimal(v, it)
	case "DOUBLE", "FLOAT", "REAL":
		return d.addDouble(v, it)
	case "BINARY", "VARBINARY", "LONGVARBINARY":
		b, err := it.SQLBytes()
		if err == nil {
			v.AppendBytes(b)
		}
		return err
	case "DATE":
		return d.addDate(v, it)
	case "TIME":
		return d.addTime(v, it)
	case "TIMESTAMP", "POSIXTIME", "DATETIME":
		return d.addTimestamp(v, it)
	}
	return d.addText(v, it)
}

// addText decodes in place.
func (d *decoder) addText(v *dat.Vector, it wire.Item) error {
	data, err := it.AppendSQLText(v.Data, d.charset)
	if err != nil {
		return err
	}
	v.Data, v.Ends = data, append(v.Ends, len(data))
	if v.Null != nil {
		v.Null = append(v.Null, false)
	}
	return nil
}

// number is a number in any form but a double.
func number(it wire.Item) (wire.Number, error) {
	if it.Type == wire.String8 {
		return wire.ParseNumber(string(it.Data))
	}
	return it.Number()
}

// addNumber adds a number times 10^digits.
func (d *decoder) addNumber(v *dat.Vector, it wire.Item, digits int) error {
	n, err := number(it)
	if err != nil {
		return err
	}
	x, err := n.Scaled(digits)
	if err == nil {
		v.AppendInt(x)
	}
	return err
}

func (d *decoder) addDecimal(v *dat.Vector, it wire.Item) error {
	if v.Kind == dat.Int {
		return d.addNumber(v, it, *d.column.Scale)
	}
	n, err := number(it)
	if err != nil {
		return err
	}
	decimal, ok := dat.ParseDecimal([]byte(n.String()))
	if !ok || !v.AppendDecimal(d.column, decimal) {
		return fmt.Errorf("%s does not fit %s(%d,%d)", n, d.column.SQLType, *d.column.Precision, *d.column.Scale)
	}
	return nil
}

// addDouble adds a double, which a server may send as a number or a text.
func (d *decoder) addDouble(v *dat.Vector, it wire.Item) error {
	if it.Type == wire.Double || it.Type == wire.CompactDouble {
		x, err := it.Float()
		v.AppendFloat(x)
		return err
	}
	text := string(it.Data)
	if it.Type != wire.String8 {
		n, err := it.Number()
		if err != nil {
			return err
		}
		text = n.String()
	}
	x, err := strconv.ParseFloat(text, 64)
	v.AppendFloat(x)
	return err
}

// isText8 reports text of ASCII, such as numbers and dates are.
func isText8(it wire.Item) bool { return it.Type == wire.String8 && len(it.Data) > 0 }

// addDate adds a date: YYYY-MM-DD or days of $HOROLOG.
func (d *decoder) addDate(v *dat.Vector, it wire.Item) error {
	if isText8(it) && len(it.Data) >= 10 && it.Data[4] == '-' {
		day, ok := dat.ParseDate(it.Data)
		if !ok {
			return errForm
		}
		v.AppendInt(day)
		return nil
	}
	n, err := number(it)
	if err != nil {
		return err
	}
	horolog, err := n.Scaled(0)
	if err != nil {
		return err
	}
	day, err := wire.DayFromHorolog(horolog)
	v.AppendInt(int64(day))
	return err
}

// addTime adds a time of day: HH:MM:SS[.f] or seconds since midnight.
func (d *decoder) addTime(v *dat.Vector, it wire.Item) error {
	if isText8(it) && bytes.IndexByte(it.Data, ':') > 0 {
		x, ok := dat.ParseTime(trimFraction(it.Data), d.column.Unit())
		if !ok {
			return errForm
		}
		v.AppendInt(x)
		return nil
	}
	digits := microDigits
	if d.column.Unit() == dat.Nano {
		digits = 9
	}
	return d.addNumber(v, it, digits)
}

// addTimestamp adds a wall-clock time: YYYY-MM-DD HH:MM:SS[.f] or the number that a %PosixTime is.
func (d *decoder) addTimestamp(v *dat.Vector, it wire.Item) error {
	unit := d.column.Unit()
	if isText8(it) && bytes.IndexByte(it.Data, ':') > 0 {
		x, ok := dat.ParseTimestamp(trimFraction(it.Data), unit)
		if !ok {
			return errForm
		}
		v.AppendInt(x)
		return nil
	}
	n, err := number(it)
	if err != nil {
		return err
	}
	encoded, err := n.Scaled(0)
	if err != nil {
		return err
	}
	micros, err := wire.DecodePosixTime(encoded)
	if err != nil {
		return err
	}
	scale := int64(unit / dat.Micro)
	if x := micros * scale; x/scale == micros {
		v.AppendInt(x)
		return nil
	}
	return errForm
}

// trimFraction takes zeros off the end of a fraction of seconds, which %TimeStamp keeps as they were written.
func trimFraction(text []byte) []byte {
	if i := bytes.IndexByte(text, '.'); i >= 0 {
		return bytes.TrimRight(bytes.TrimRight(text, "0"), ".")
	}
	return text
}
