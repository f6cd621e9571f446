package engine

import (
	"strings"
	"time"
)

func (s *Session) now() time.Time { return s.sys.options.Now() }

// clock is a function that tells the time.
func clock(result typ, f func(t time.Time, precision int) any) *function {
	return &function{max: 1, args: asIs, result: result, changes: true, run: func(s *Session, a []any, _ []kind) (any, error) {
		precision := 0
		if len(a) > 0 {
			precision = min(max(integer(a[0]), 0), 9)
		}
		return f(s.now(), precision), nil
	}}
}

func dayOf(t time.Time) int64 {
	return (time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() - epoch.Unix()) / 86400
}

func nanosOf(t time.Time, precision int) int64 {
	n := int64(t.Hour()*3600+t.Minute()*60+t.Second())*1e9 + int64(t.Nanosecond())
	unit := int64(1)
	for range 9 - precision {
		unit *= 10
	}
	return n / unit * unit
}

func stampNow(t time.Time, precision int) any { return stampText(dayOf(t), nanosOf(t, precision)) }

func timeNow(t time.Time, precision int) any {
	return Decimal{nanosOf(t, precision), -9}.String()
}

// onMoment is a function of a date or a time.
func onMoment(f func(m moment) int64) *function {
	return &function{min: 1, max: 1, args: asIs, kinds: true, result: typInt, run: func(_ *Session, a []any, kinds []kind) (any, error) {
		if a[0] == nil {
			return nil, nil
		}
		m, ok := momentOf(a[0], kinds[0])
		if !ok {
			return nil, badDate(a[0])
		}
		return f(m), nil
	}}
}

func badDate(v any) error {
	return failAt(atOpen, -146, "Error: '%s' is an invalid ODBC/JDBC Date value", clean(text(v)))
}

var dateFunctions = map[string]*function{
	"CURRENT_DATE": clock(typDate, func(t time.Time, _ int) any { return dayOf(t) }),
	"CURDATE":      clock(typDate, func(t time.Time, _ int) any { return dayOf(t) }),
	"CURRENT_TIME": clock(typTime, timeNow), "CURTIME": clock(typTime, timeNow),
	"CURRENT_TIMESTAMP": clock(typStamp, stampNow), "NOW": clock(typStamp, stampNow), "GETDATE": clock(typStamp, stampNow),
	"GETUTCDATE": clock(typStamp, func(t time.Time, p int) any { return stampNow(t.UTC(), p) }), "SYSDATE": clock(typStamp, stampNow),
	"YEAR":  onMoment(func(m moment) int64 { return int64(m.date().Year()) }),
	"MONTH": onMoment(func(m moment) int64 { return int64(m.date().Month()) }),
	"DAY":   onMoment(func(m moment) int64 { return int64(m.date().Day()) }), "DAYOFMONTH": onMoment(func(m moment) int64 { return int64(m.date().Day()) }),
	"DAYOFWEEK": onMoment(func(m moment) int64 { return int64(m.date().Weekday()) + 1 }),
	"DAYOFYEAR": onMoment(func(m moment) int64 { return int64(m.date().YearDay()) }),
	"QUARTER":   onMoment(func(m moment) int64 { return int64(m.date().Month()+2) / 3 }),
	"HOUR":      onMoment(func(m moment) int64 { return m.nanos / 3600e9 }),
	"MINUTE":    onMoment(func(m moment) int64 { return m.nanos / 60e9 % 60 }),
	"SECOND":    onMoment(func(m moment) int64 { return m.nanos / 1e9 % 60 }),
	"DATE":      {min: 1, max: 1, args: []kind{kDate}, result: typDate, run: func(_ *Session, a []any, _ []kind) (any, error) { return a[0], nil }},
	"TO_DATE": {min: 1, max: 2, args: asText, result: typDate, run: strict(func(a []any) (any, error) {
		m, err := parseWith(a, "DD MON YYYY")
		if err != nil {
			return nil, err
		}
		return m.day, nil
	})},
	"TO_TIMESTAMP": {min: 1, max: 2, args: asText, result: typStamp, run: strict(func(a []any) (any, error) {
		m, err := parseWith(a, "DD MON YYYY HH:MI:SS")
		if err != nil {
			return nil, err
		}
		return stampText(m.day, m.nanos), nil
	})},
	"TO_POSIXTIME": {min: 1, max: 2, args: asText, result: typPosix, run: strict(func(a []any) (any, error) {
		m, err := parseWith(a, "YYYY-MM-DD HH24:MI:SS.FF")
		if err != nil {
			return nil, err
		}
		return encodePosix(m.day, m.nanos), nil
	})},
	"TO_CHAR":  {min: 1, max: 2, args: asIs, kinds: true, result: typString, run: toChar},
	"DATEADD":  {min: 3, max: 3, args: asIs, kinds: true, result: typStamp, run: dateAdd},
	"DATEDIFF": {min: 3, max: 3, args: asIs, kinds: true, result: typInt, run: dateDiff},
	"DATEPART": {min: 2, max: 2, args: asIs, kinds: true, result: typInt, run: datePart},
	"EXTRACT":  {min: 2, max: 2, args: asIs, kinds: true, result: typInt, run: datePart},
	"LAST_DAY": {min: 1, max: 1, args: []kind{kDate}, result: typDate, run: strict(func(a []any) (any, error) {
		d := moment{a[0].(int64), 0}.date()
		return dayOf(time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC)), nil
	})},
}

func init() {
	dateFunctions["TIMESTAMPADD"], dateFunctions["TIMESTAMPDIFF"] = dateFunctions["DATEADD"], dateFunctions["DATEDIFF"]
}

// parseWith reads text by a format. Without one the form of ODBC is taken too.
func parseWith(a []any, format string) (moment, error) {
	s := text(a[0])
	if len(a) > 1 {
		format = text(a[1])
	} else if day, nanos, ok := parseStamp(s); ok {
		return moment{day, nanos}, nil
	}
	m, ok := parseMoment(s, format)
	if !ok {
		return moment{}, failAt(atOpen, -400, "Error: value '%s' does not match the format '%s'", clean(s), clean(format))
	}
	return m, nil
}

func toChar(_ *Session, a []any, kinds []kind) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	if len(a) == 1 {
		return text(external(kinds[0], a[0])), nil
	}
	if kinds[0] == kInt || kinds[0] == kDecimal || kinds[0] == kDouble {
		if strings.ContainsAny(strings.ToUpper(text(a[1])), "Y09") && !strings.Contains(strings.ToUpper(text(a[1])), "Y") {
			return nil, failAt(atOpen, -400, "TO_CHAR of numbers with a format is not supported")
		}
	}
	m, ok := momentOf(a[0], kinds[0])
	if !ok {
		return nil, badDate(a[0])
	}
	return m.format(text(a[1])), nil
}
