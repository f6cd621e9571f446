package engine

import (
	"strings"
	"time"
)

// unit is the length of a part of a time in nanoseconds; months for those of calendar length.
func unit(part any) (nanos, months int64, ok bool) {
	switch strings.TrimPrefix(strings.ToUpper(text(part)), "SQL_TSI_") {
	case "YEAR", "YYYY", "YY":
		return 0, 12, true
	case "QUARTER", "QQ", "Q":
		return 0, 3, true
	case "MONTH", "MM", "M":
		return 0, 1, true
	case "WEEK", "WK", "WW":
		return 7 * 86400e9, 0, true
	case "DAY", "DD", "D", "DAYOFYEAR", "DY", "WEEKDAY", "DW":
		return 86400e9, 0, true
	case "HOUR", "HH":
		return 3600e9, 0, true
	case "MINUTE", "MI", "N":
		return 60e9, 0, true
	case "SECOND", "SS", "S":
		return 1e9, 0, true
	case "MILLISECOND", "MS":
		return 1e6, 0, true
	case "MICROSECOND", "MCS":
		return 1e3, 0, true
	}
	return 0, 0, false
}

func dateAdd(_ *Session, a []any, kinds []kind) (any, error) {
	nanos, months, ok := unit(a[0])
	if !ok {
		return nil, failAt(atOpen, -400, "unknown part of a date '%s'", clean(text(a[0])))
	}
	if a[1] == nil || a[2] == nil {
		return nil, nil
	}
	m, ok := momentOf(a[2], kinds[2])
	if !ok {
		return nil, badDate(a[2])
	}
	n := int64(integer(a[1]))
	if months != 0 {
		d := m.date()
		first := time.Date(d.Year(), d.Month()+time.Month(n*months), 1, 0, 0, 0, 0, time.UTC)
		last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		m.day = dayOf(first) + int64(min(d.Day(), last)-1)
	} else {
		m.day += n * (nanos / 86400e9)
		rest := m.nanos + n*(nanos%86400e9)
		days := rest / 86400e9
		if rest %= 86400e9; rest < 0 {
			rest, days = rest+86400e9, days-1
		}
		m.day, m.nanos = m.day+days, rest
	}
	return stampText(m.day, m.nanos), nil
}

func dateDiff(_ *Session, a []any, kinds []kind) (any, error) {
	nanos, months, ok := unit(a[0])
	if !ok {
		return nil, failAt(atOpen, -400, "unknown part of a date '%s'", clean(text(a[0])))
	}
	if a[1] == nil || a[2] == nil {
		return nil, nil
	}
	x, okX := momentOf(a[1], kinds[1])
	y, okY := momentOf(a[2], kinds[2])
	if !okX || !okY {
		return nil, badDate(a[1])
	}
	if months != 0 {
		dx, dy := x.date(), y.date()
		return (int64(dy.Year()*12+int(dy.Month())-1)/months - int64(dx.Year()*12+int(dx.Month())-1)/months), nil
	}
	if nanos >= 86400e9 {
		return (y.day - x.day) / (nanos / 86400e9), nil
	}
	perDay := int64(86400e9) / nanos
	return (y.day-x.day)*perDay + y.nanos/nanos - x.nanos/nanos, nil
}

func datePart(_ *Session, a []any, kinds []kind) (any, error) {
	if a[1] == nil {
		return nil, nil
	}
	names := map[string]string{"YYYY": "YEAR", "YY": "YEAR", "MM": "MONTH", "DD": "DAY", "HH": "HOUR", "MI": "MINUTE", "SS": "SECOND", "DW": "DAYOFWEEK", "WEEKDAY": "DAYOFWEEK", "QQ": "QUARTER", "DY": "DAYOFYEAR"}
	name := strings.TrimPrefix(strings.ToUpper(text(a[0])), "SQL_TSI_")
	if full := names[name]; full != "" {
		name = full
	}
	switch name {
	case "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "DAYOFWEEK", "QUARTER", "DAYOFYEAR":
		return functions[name].run(nil, a[1:], kinds[1:])
	}
	return nil, failAt(atOpen, -400, "unknown part of a date '%s'", clean(name))
}
