package iristest

import (
	"time"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// logicalType is the code under which the stored form of a type is described, 0 if a type has none of its own. Of the
// timestamps only %PosixTime, which has microseconds, is stored as a number; the others are text.
func logicalType(col engine.Column) int {
	switch col.Type {
	case wire.SQLODBCDate, wire.SQLDate:
		return wire.SQLHorologDate
	case wire.SQLODBCTime, wire.SQLTime:
		return wire.SQLHorologTime
	case wire.SQLODBCTimestamp, wire.SQLTimestamp:
		if col.Scale == posixScale {
			return wire.SQLPosixTimestamp
		}
	}
	return 0
}

// posixScale is the scale of %PosixTime.
const posixScale = 6

// wireType is the code under which a column is described.
func (c *conversation) wireType(col engine.Column) int {
	if t := logicalType(col); t != 0 && c.options.LogicalDates {
		return t
	}
	return col.Type
}

// The ODBC forms of dates and times. Fractions may follow seconds.
const (
	dateForm      = "2006-01-02"
	timeForm      = "15:04:05"
	timestampForm = "2006-01-02 15:04:05"
)

// appendLogical appends the stored form of a date, time or timestamp, given its [logicalType].
func appendLogical(dst []byte, logical int, text string) ([]byte, error) {
	switch logical {
	case wire.SQLHorologDate:
		t, err := time.Parse(dateForm, text)
		if err != nil {
			return dst, err
		}
		return wire.AppendInt(dst, wire.HorologFromDay(int32(t.Unix()/86400-before(t)))), nil
	case wire.SQLHorologTime:
		t, err := time.Parse(timeForm, text)
		if err != nil {
			return dst, err
		}
		return appendSeconds(dst, t), nil
	}
	t, err := time.Parse(timestampForm, text)
	if err != nil {
		return dst, err
	}
	posix, err := wire.EncodePosixTime(t.UnixMicro())
	if err != nil {
		return dst, err
	}
	return wire.AppendInt(dst, posix), nil
}

// before is 1 where the division of seconds by those of a day rounds up.
func before(t time.Time) int64 {
	if t.Unix()%86400 < 0 {
		return 1
	}
	return 0
}

// appendSeconds appends the seconds since midnight, as a decimal if there is a fraction.
func appendSeconds(dst []byte, t time.Time) []byte {
	seconds := int64(t.Hour()*3600 + t.Minute()*60 + t.Second())
	if t.Nanosecond() == 0 {
		return wire.AppendInt(dst, seconds)
	}
	n := wire.Number{Mantissa: uint64(seconds)*1e9 + uint64(t.Nanosecond()), Exponent: -9}
	for n.Mantissa%10 == 0 {
		n.Mantissa, n.Exponent = n.Mantissa/10, n.Exponent+1
	}
	dst, _ = wire.AppendNumber(dst, n) // a day of nanoseconds fits
	return dst
}
