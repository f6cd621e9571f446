package live

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// showAs is a value of a column: a server may send numbers as text, and dates and times as numbers.
func showAs(sqlType int, it wire.Item, c *wire.Charset) string {
	switch sqlType {
	case wire.SQLBit, wire.SQLTinyInt, wire.SQLSmallInt, wire.SQLInteger, wire.SQLBigInt, wire.SQLNumeric, wire.SQLDecimal:
		if n, err := wire.ParseNumber(string(it.Data)); err == nil && it.Type == wire.String8 {
			return n.String()
		}
	case wire.SQLHorologDate:
		if n, err := it.Int(); err == nil {
			if day, err := wire.DayFromHorolog(n); err == nil {
				return strconv.Quote(time.Unix(0, 0).UTC().AddDate(0, 0, int(day)).Format(time.DateOnly))
			}
		}
	case wire.SQLPosixTimestamp:
		if n, err := it.Int(); err == nil {
			if micros, err := wire.DecodePosixTime(n); err == nil {
				return strconv.Quote(time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.999999"))
			}
		}
	}
	return show(it, c)
}

// show is a value as a person would write it, so that NULL, 1, 1.0 as a double and '1' differ.
func show(it wire.Item, c *wire.Charset) string {
	if it.Null() {
		return "NULL"
	}
	switch it.Type {
	case wire.Positive, wire.Negative, wire.Decimal, wire.NegativeDecimal:
		if n, err := it.Number(); err == nil {
			return n.String()
		}
	case wire.Double, wire.CompactDouble:
		if f, err := it.Float(); err == nil {
			return fmt.Sprintf("%g (double)", f)
		}
	case wire.String8, wire.String16:
		s, err := it.Text(c)
		if err != nil {
			return brief(err.Error())
		}
		return brief(fmt.Sprintf("%q", s))
	}
	return it.Type.String() + " " + hexed(it.Data)
}

// double is a value of a DOUBLE column.
func double(it wire.Item) (float64, error) {
	if it.Type == wire.String8 {
		return strconv.ParseFloat(string(it.Data), 64)
	}
	if n, err := it.Number(); err == nil {
		return strconv.ParseFloat(n.String(), 64)
	}
	return it.Float()
}

// hexed shows the first bytes.
func hexed(b []byte) string {
	const most = 48
	switch {
	case len(b) == 0:
		return "empty"
	case len(b) > most:
		return fmt.Sprintf("% x … (%d bytes)", b[:most], len(b))
	}
	return fmt.Sprintf("% x", b)
}

// brief is the beginning of a text, on one line.
func brief(s string) string {
	const most = 300
	s = line(s)
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

func line(s string) string { return strings.Join(strings.Fields(s), " ") }
