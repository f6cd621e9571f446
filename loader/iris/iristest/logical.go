package iristest

import (
	"fmt"
	"time"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

func temporal(sqlType int) bool {
	switch sqlType {
	case wire.SQLODBCDate, wire.SQLDate, wire.SQLODBCTime, wire.SQLTime, wire.SQLODBCTimestamp, wire.SQLTimestamp:
		return true
	}
	return false
}

// wireType is the code under which a type is described. Dates in logical form have codes of their own.
func (c *conversation) wireType(sqlType int) int {
	if !c.options.LogicalDates {
		return sqlType
	}
	switch sqlType {
	case wire.SQLODBCDate, wire.SQLDate:
		return wire.SQLHorologDate
	case wire.SQLODBCTime, wire.SQLTime:
		return wire.SQLHorologTime
	case wire.SQLODBCTimestamp, wire.SQLTimestamp:
		return wire.SQLPosixTimestamp
	}
	return sqlType
}

// The ODBC forms of dates and times. Fractions may follow seconds.
const (
	dateForm      = "2006-01-02"
	timeForm      = "15:04:05"
	timestampForm = "2006-01-02 15:04:05"
)

// appendLogical appends the stored form of a date, time or timestamp.
func appendLogical(dst []byte, sqlType int, text string) ([]byte, error) {
	switch sqlType {
	case wire.SQLODBCDate, wire.SQLDate:
		t, err := time.Parse(dateForm, text)
		if err != nil {
			return dst, err
		}
		return wire.AppendInt(dst, wire.HorologFromDay(int32(t.Unix()/86400-before(t)))), nil
	case wire.SQLODBCTime, wire.SQLTime:
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
	if t.Nanosecond()%1000 != 0 {
		return dst, fmt.Errorf("%s has no %%PosixTime", text)
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
